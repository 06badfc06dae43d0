// Any bytes on several connections, with lost connections, commits, failures and time between: the
// broker stands, and two clients beside it notice nothing.
//
// Input: steps of one byte what, one byte how much, then that many bytes.

#include <algorithm>
#include <cstdint>

#include "broker/probe.h"

namespace hw::broker {
namespace {

// Keeps the bystanders' names and topic to themselves.
struct Fence final : Gate {
    mqtt::Reason connect(const Visitor& visitor) override {
        const bool mine = !visitor.client_id.starts_with("by-") || visitor.user_name == "bystander";
        return mine ? mqtt::Reason::success : mqtt::Reason::not_authorized;
    }
    bool may_publish(std::string_view client_id, std::string_view topic) override {
        return topic != "by/stander" || client_id == "by-sender";
    }
};

class Scene {
  public:
    Scene() : broker_(small(), clock_, keeper_, gate_, metrics_, "fuzz") {
        sender_ = bystander("by-sender");
        receiver_ = bystander("by-receiver");
        const mqtt::Subscription wanted{"by/stander", mqtt::Qos::exactly_once};
        std::string bytes;
        mqtt::encode_subscribe(mqtt::PacketId(1), std::span(&wanted, 1), {}, mqtt::Version::v3_1_1,
                               bytes);
        receiver_->handler->on_bytes(as_bytes(bytes));
        mqtt::encode(mqtt::Publish{"by/stander", as_bytes("hello")}, mqtt::Version::v3_1_1, hello_);
        for (auto& line : lines_)
            line = open();
        broker_.round_end();
    }

    void step(uint8_t what, BytesView bytes) {
        auto& line = lines_[what % 4];
        const uint8_t act = what / 4 % 16;
        if (act < 8) {
            if (line->handler != nullptr) line->handler->on_bytes(bytes);
        } else if (act == 8) {
            lose(line);
        } else if (act == 9) {
            line->jammed = !line->jammed;
            if (!line->jammed) drain(line);
        } else if (act == 10) {
            clock_.advance(seconds(static_cast<int64_t>(bytes.size())));
            broker_.tick();
        } else if (act < 13) {
            commit(act == 11);
        } else if (act == 13) {
            keeper_.jam = !keeper_.jam;
        }
        if (act != 14) broker_.round_end();
        check();
    }

  private:
    static Settings small() {
        Settings settings;
        settings.packet_bytes_limit = 4096;
        settings.output_bytes_limit = 4096;
        settings.queue_messages_limit = 4;
        settings.inflight_limit = 3;
        settings.retained_messages_limit = 100;
        settings.subscriptions_limit = 5;
        settings.sessions_limit = 20;
        settings.route_topics_limit = 16;
        settings.session_expiry_limit = seconds(100);
        return settings;
    }
    std::shared_ptr<probe::Line> open() {
        auto line = std::make_shared<probe::Line>();
        broker_.open(std::make_unique<probe::FakeStream>(line));
        return line;
    }
    std::shared_ptr<probe::Line> bystander(std::string_view id) {
        auto line = open();
        mqtt::Connect packet;
        packet.client_id = id;
        packet.user_name = "bystander";
        std::string bytes;
        mqtt::encode(packet, bytes);
        line->handler->on_bytes(as_bytes(bytes));
        return line;
    }
    void lose(std::shared_ptr<probe::Line>& line) {
        if (line->handler != nullptr) line->handler->on_closed(Error(ErrorCode::cancelled, ""));
        broker_.round_end();
        line = open();
    }
    void drain(const std::shared_ptr<probe::Line>& line) {
        line->queued_bytes = 0;
        if (line->handler != nullptr) line->handler->on_drained();
    }
    void commit(bool good) {
        while (!keeper_.submitted.empty()) {
            const Ticket ticket = keeper_.submitted.front();
            keeper_.submitted.pop_front();
            broker_.committed(
                ticket, good ? Result<void>() : Result<void>(fail(ErrorCode::no_space, "full")));
        }
    }
    void check() {
        for (auto& line : lines_) {
            line->sent.clear();
            if (line->closed) lose(line);
        }
        receiver_->sent.clear();
        sender_->handler->on_bytes(as_bytes(hello_));
        broker_.round_end();
        HW_ASSERT(receiver_->sent == hello_);
    }

    ManualClock clock_{Time{1'700'000'000'000'000'000}};
    probe::FakeKeeper keeper_;
    Fence gate_;
    Metrics metrics_;
    Broker broker_;
    std::string hello_;
    std::shared_ptr<probe::Line> sender_;
    std::shared_ptr<probe::Line> receiver_;
    std::shared_ptr<probe::Line> lines_[4];
};

}  // namespace
}  // namespace hw::broker

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
    hw::broker::Scene scene;
    hw::BytesView rest(reinterpret_cast<const std::byte*>(data), std::min<size_t>(size, 8192));
    while (rest.size() >= 2) {
        const auto what = static_cast<uint8_t>(rest[0]);
        const size_t count = std::min(static_cast<size_t>(rest[1]), rest.size() - 2);
        scene.step(what, rest.subspan(2, count));
        rest = rest.subspan(2 + count);
    }
    return 0;
}

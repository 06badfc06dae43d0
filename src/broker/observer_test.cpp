// Who follows messages and events within the process.

#include "broker/observer.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "broker/probe.h"
#include "broker/topic.h"

namespace hw::broker {
namespace {

using mqtt::Version;
using probe::Bench;
using probe::Client;

class Notes final : public Observer {
  public:
    const std::atomic<uint64_t>& stamp() const override { return version; }
    uint64_t interest(std::string_view topic) override {
        ++asked;
        return matches(filter, topic) ? 5 : 0;
    }
    void message(uint64_t plan, const Seen& seen) override {
        EXPECT_EQ(plan, 5u);
        lines.push_back(fmt::format("{}@{} {}={} q{}{}", seen.client_id, seen.user_name, seen.topic,
                                    as_text(seen.payload), seen.qos, seen.retain ? " r" : ""));
    }
    uint32_t events() override { return mask; }
    void event(const Happening& happening) override {
        lines.push_back(fmt::format("{} {} {} {} {}", static_cast<int>(happening.event),
                                    happening.client_id, happening.topic, happening.reason,
                                    happening.from_client_id));
    }
    void round_end() override {
        EXPECT_TRUE(sent == nullptr || sent->empty());
        ++rounds;
    }
    std::vector<std::string> take() { return std::exchange(lines, {}); }

    std::string filter = "seen/#";
    uint32_t mask = 0;
    int asked = 0;
    std::atomic<uint64_t> version{1};
    int rounds = 0;
    const std::string* sent = nullptr;
    std::vector<std::string> lines;
};

std::string line(Event event, std::string_view rest) {
    return fmt::format("{} {}", static_cast<int>(event), rest);
}

TEST(Observer, sees_messages_of_interest_before_they_are_acknowledged) {
    Bench bench;
    Notes notes;
    bench.broker->set_observer(notes);
    Client a(bench, Version::v5);
    a.connect({.id = "a"});
    a.read();
    notes.sent = &a.line->sent;
    a.publish("seen/1", "x", 1, 1);
    EXPECT_EQ(notes.rounds, 1);
    a.publish("other", "y", 1, 2);
    EXPECT_EQ(notes.rounds, 1);  // nothing was seen
    EXPECT_EQ(notes.take(), std::vector<std::string>{"a@ seen/1=x q1"});
    const auto acks = a.read();
    ASSERT_EQ(acks.size(), 2u);
    EXPECT_EQ(acks[0].reason, mqtt::Reason::success);
    EXPECT_EQ(acks[1].reason, mqtt::Reason::no_matching_subscribers);
}

TEST(Observer, is_asked_again_when_its_interest_changed) {
    Bench bench;
    Notes notes;
    bench.broker->set_observer(notes);
    Client a(bench, Version::v3_1_1);
    a.connect({.id = "a"});
    a.publish("other", "1", 0);
    a.publish("other", "2", 0);
    EXPECT_EQ(notes.asked, 1);
    EXPECT_FALSE(bench.broker->wanted("other"));
    notes.filter = "#";
    ++notes.version;
    EXPECT_TRUE(bench.broker->wanted("other"));
    a.publish("other", "3", 0);
    bench.broker->announce({.topic = "other", .payload = as_bytes("4")});
    EXPECT_EQ(notes.take(), (std::vector<std::string>{"a@ other=3 q0", "@ other=4 q0"}));
}

TEST(Observer, follows_clients_and_deliveries) {
    Bench bench;
    Notes notes;
    notes.mask = ~uint32_t{0};
    bench.broker->set_observer(notes);
    Client a(bench, Version::v5);
    a.connect({.id = "a"});
    a.subscribe("t");
    a.read();
    EXPECT_EQ(notes.take(),
              (std::vector<std::string>{
                  line(Event::authenticated, "a  success "), line(Event::connack, "a  success "),
                  line(Event::connected, "a   "), line(Event::authorized, "a t allow "),
                  line(Event::subscribed, "a t  ")}));
    Client b(bench, Version::v5);
    b.connect({.id = "b"});
    notes.take();
    b.publish("t", "x", 1, 1);
    b.publish("nobody", "x", 0);
    EXPECT_EQ(notes.take(),
              (std::vector<std::string>{line(Event::authorized, "b t allow "),
                                        line(Event::delivered, "a t  b"),
                                        line(Event::authorized, "b nobody allow "),
                                        line(Event::dropped, "b nobody no_subscribers b")}));
}

TEST(Observer, hears_of_acknowledgements_and_of_the_end) {
    Bench bench;
    Notes notes;
    notes.mask = bit(Event::acked) | bit(Event::disconnected) | bit(Event::delivery_dropped);
    bench.broker->set_observer(notes);
    Client a(bench, Version::v5);
    a.connect({.id = "a"});
    a.subscribe("t", 1);
    a.read();
    Client b(bench, Version::v5);
    b.connect({.id = "b"});
    b.publish("t", "x", 1, 1);
    for (const auto& packet : a.read())
        if (packet.type == mqtt::PacketType::publish) a.ack(mqtt::PacketType::puback, packet.id);
    EXPECT_EQ(notes.take(), std::vector<std::string>{line(Event::acked, "a t  b")});
    a.lose();
    EXPECT_EQ(notes.take(), std::vector<std::string>{line(Event::disconnected, "a  tcp_closed ")});
}

}  // namespace
}  // namespace hw::broker

#include <fmt/format.h>
#include <nats/nats.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdlib>
#include <thread>
#include <utility>

#include "base/log.h"
#include "connector/nats/client.h"
#include "connector/nats/parts.h"

namespace hw::connector::nats {

namespace {

struct DestroySubscription {
    void operator()(natsSubscription* subscription) const {
        // Not unsubscribed: that would delete the durable consumer, and with it the mark.
        natsSubscription_Destroy(subscription);
    }
};
using Subscription = std::unique_ptr<natsSubscription, DestroySubscription>;

// Messages whose acknowledgement waits until they are kept.
struct Held {
    std::vector<natsMsg*> messages;
    ~Held() {
        for (natsMsg* message : messages)
            natsMsg_Destroy(message);
    }
    // The server gives them again at once, not only after its ack_wait.
    void give_back() {
        for (natsMsg* message : messages)
            natsMsg_Nak(message, nullptr);
    }
    void acknowledge() {
        for (natsMsg* message : messages)
            natsMsg_Ack(message, nullptr);
    }
};

// Of several values of one name the first.
sql::Datum headers_of(natsMsg* message) {
    sql::Datum headers = sql::Datum::object({});
    const char** names = nullptr;
    int count = 0;
    if (natsMsgHeader_Keys(message, &names, &count) != NATS_OK) return headers;
    for (int i = 0; i < count; ++i) {
        const char* value = nullptr;
        if (natsMsgHeader_Get(message, names[i], &value) == NATS_OK && value != nullptr)
            headers.put(names[i], sql::Datum::text(value));
    }
    std::free(static_cast<void*>(names));
    return headers;
}

Received received_of(natsMsg* message, bool stream) {
    Received received{
        natsMsg_GetSubject(message),
        std::string(natsMsg_GetData(message), static_cast<size_t>(natsMsg_GetDataLength(message))),
        {},
        sql::Datum::object({})};
    if (const char* reply = natsMsg_GetReply(message))
        received.meta.put("reply", sql::Datum::text(reply));
    if (sql::Datum headers = headers_of(message); !headers.members().empty())
        received.meta.put("headers", std::move(headers));
    jsMsgMetaData* kept = nullptr;
    if (stream && natsMsg_GetMetaData(&kept, message) == NATS_OK) {
        received.time = Time{kept->Timestamp};
        received.meta.put("sequence",
                          sql::Datum::integer(static_cast<int64_t>(kept->Sequence.Stream)));
        jsMsgMetaData_Destroy(kept);
    }
    return received;
}

// Its thread reads in turns of at most 250 ms and offers what came.
class Reader final : public SourceLink {
  public:
    Reader(Config::Table settings, Rooms rooms)
        : settings_(std::move(settings)), rooms_(std::move(rooms)) {}
    ~Reader() override { stop(); }

    Result<void> test() override {
        HW_TRY(connect(settings_, rooms_));
        return {};
    }
    void start(Receiver& receiver) override {
        stopping_ = false;
        thread_ = std::thread([this, &receiver] { run(receiver); });
    }
    void stop() override {
        stopping_ = true;
        if (thread_.joinable()) thread_.join();
    }

  private:
    void run(Receiver& receiver);
    Result<void> serve(Receiver& receiver);
    Result<Subscription> subscribe(natsConnection& connection, const JetStream& stream) const;
    Result<std::shared_ptr<Held>> fetch(natsSubscription& subscription, bool stream) const;
    void pause(Duration time) const;

    const Config::Table settings_;
    const Rooms rooms_;
    std::atomic<bool> stopping_{false};
    std::thread thread_;
};

void Reader::pause(Duration time) const {
    for (Duration waited; waited < time && !stopping_; waited = waited + milliseconds(50))
        std::this_thread::sleep_for(std::chrono::milliseconds(50));
}

void Reader::run(Receiver& receiver) {
    while (!stopping_) {
        if (auto ended = serve(receiver); !ended) {
            receiver.state(false, ended.error().text());
            pause(seconds(2));
        }
    }
}

Result<Subscription> Reader::subscribe(natsConnection& connection, const JetStream& stream) const {
    const auto& subject = settings_.at("subject").as_text();
    const auto& group = settings_.at("queue_group").as_text();
    natsSubscription* subscription = nullptr;
    natsStatus status = NATS_OK;
    if (stream) {
        jsErrCode code{};
        status =
            js_PullSubscribe(&subscription, stream.get(), subject.c_str(),
                             settings_.at("durable").as_text().c_str(), nullptr, nullptr, &code);
    } else if (!group.empty()) {
        status = natsConnection_QueueSubscribeSync(&subscription, &connection, subject.c_str(),
                                                   group.c_str());
    } else {
        status = natsConnection_SubscribeSync(&subscription, &connection, subject.c_str());
    }
    if (status == NATS_OK) return Subscription(subscription);
    return fail(ErrorCode::unavailable,
                fmt::format("NATS subject '{}': {}{}", subject, natsStatus_GetText(status),
                            stream ? "; is there a stream that takes it?" : ""));
}

Result<std::shared_ptr<Held>> Reader::fetch(natsSubscription& subscription, bool stream) const {
    auto held = std::make_shared<Held>();
    const auto most = static_cast<size_t>(settings_.at("batch_size").as_integer());
    natsStatus status = NATS_OK;
    if (stream) {
        natsMsgList list = {nullptr, 0};
        status = natsSubscription_Fetch(&list, &subscription, static_cast<int>(most), 250, nullptr);
        for (int i = 0; i < list.Count; ++i)
            held->messages.push_back(std::exchange(list.Msgs[i], nullptr));
        natsMsgList_Destroy(&list);
    } else {
        for (int64_t wait_ms = 250; held->messages.size() < most; wait_ms = 1) {
            natsMsg* message = nullptr;
            status = natsSubscription_NextMsg(&message, &subscription, wait_ms);
            if (status != NATS_OK) break;
            held->messages.push_back(message);
        }
    }
    if (status == NATS_OK || status == NATS_TIMEOUT) return held;
    if (status == NATS_SLOW_CONSUMER) {
        log_warning("nats", fmt::format("messages of '{}' were lost at the client's limit",
                                        settings_.at("subject").as_text()));
        return held;
    }
    return fail(ErrorCode::unavailable, fmt::format("NATS: {}", natsStatus_GetText(status)));
}

Result<void> Reader::serve(Receiver& receiver) {
    const auto connection = HW_TRY(connect(settings_, rooms_));
    JetStream stream;
    if (settings_.at("jetstream").as_boolean()) stream = HW_TRY(jet_stream(*connection, settings_));
    const auto subscription = HW_TRY(subscribe(*connection, stream));
    // The server has the subscription before anybody is told that we listen.
    const natsStatus heard =
        natsConnection_FlushTimeout(connection.get(), millis(settings_, "request_timeout"));
    if (heard != NATS_OK)
        return fail(ErrorCode::unavailable, fmt::format("NATS: {}", natsStatus_GetText(heard)));
    receiver.state(true, "");
    while (!stopping_) {
        const auto held = HW_TRY(fetch(*subscription, stream != nullptr));
        if (held->messages.empty()) continue;
        std::vector<Received> batch;
        for (natsMsg* message : held->messages)
            batch.push_back(received_of(message, stream != nullptr));
        const auto kept = std::make_shared<std::atomic<bool>>(false);
        const bool waits = stream != nullptr;
        while (!receiver.offer(batch, [kept] { *kept = true; }) && !stopping_)
            pause(milliseconds(50));
        // Acknowledged here, on the connection's own thread. What is not, comes again; the server
        // waits as long for it.
        constexpr Duration turn = milliseconds(50), longest = seconds(30);
        for (Duration waited; waits && !*kept && !stopping_ && waited < longest;
             waited = waited + turn)
            pause(turn);
        if (!waits) continue;
        if (*kept)
            held->acknowledge();
        else
            held->give_back();
    }
    return {};
}

}  // namespace

Result<std::unique_ptr<SourceLink>> make_source(const Config::Table& settings, const Rooms& rooms) {
    if (settings.at("subject").as_text().empty())
        return fail(ErrorCode::invalid_argument, "subject is empty; name the subject to read");
    return std::unique_ptr<SourceLink>(std::make_unique<Reader>(settings, rooms));
}

}  // namespace hw::connector::nats

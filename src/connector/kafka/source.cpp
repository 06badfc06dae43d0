#include <fmt/format.h>
#include <librdkafka/rdkafka.h>

#include <atomic>
#include <chrono>
#include <map>
#include <thread>
#include <utility>

#include "base/log.h"
#include "base/mutex.h"
#include "connector/kafka/client.h"
#include "connector/kafka/parts.h"

namespace hw::connector::kafka {

namespace {

using Place = std::pair<std::string, int32_t>;  // topic and partition

struct DestroyList {
    void operator()(rd_kafka_topic_partition_list_t* list) const {
        rd_kafka_topic_partition_list_destroy(list);
    }
};
using List = std::unique_ptr<rd_kafka_topic_partition_list_t, DestroyList>;

std::vector<std::string> topics_of(std::string_view text) {
    std::vector<std::string> topics;
    while (!text.empty()) {
        const size_t comma = std::min(text.find(','), text.size());
        std::string_view one = text.substr(0, comma);
        while (one.starts_with(' '))
            one.remove_prefix(1);
        while (one.ends_with(' '))
            one.remove_suffix(1);
        if (!one.empty()) topics.emplace_back(one);
        text.remove_prefix(std::min(comma + 1, text.size()));
    }
    return topics;
}

// A member of a consumer group. Its thread reads batches and offers them; a batch that is not taken
// is offered again, and meanwhile nothing more is read, so that the brokers keep what waits.
class GroupMember final : public SourceLink {
  public:
    GroupMember(Config::Table settings, Rooms rooms)
        : settings_(std::move(settings)), rooms_(std::move(rooms)) {}
    ~GroupMember() override { stop(); }

    Result<void> test() override;
    void start(Receiver& receiver) override;
    void stop() override;

  private:
    // Marks of batches that were kept. Shared with calls that may come after the source is gone.
    struct Marks {
        Mutex mutex;
        std::map<Place, int64_t> kept HW_LOCKING(guarded_by(mutex));
    };
    using Batch = std::vector<Received>;

    Result<Client> connect() const;
    void run(Receiver& receiver);
    void serve(rd_kafka_t& client, Receiver& receiver);
    Batch read(rd_kafka_queue_t& queue, std::map<Place, int64_t>& marks, std::string& trouble);
    void hand_over(rd_kafka_t& client, Receiver& receiver, Batch batch,
                   std::map<Place, int64_t> marks);
    void commit(rd_kafka_t& client);

    const Config::Table settings_;
    const Rooms rooms_;
    const std::shared_ptr<Marks> marks_ = std::make_shared<Marks>();
    std::atomic<bool> stopping_{false};
    std::thread thread_;
};

Result<Client> GroupMember::connect() const {
    return make_client(Role::consumer, settings_, rooms_,
                       {{"group.id", settings_.at("group_id").as_text()},
                        {"auto.offset.reset", settings_.at("offset_reset").as_text()},
                        {"enable.auto.commit", "false"},
                        {"enable.auto.offset.store", "false"},
                        {"queued.max.messages.kbytes", "16384"}});
}

Result<void> GroupMember::test() {
    const auto client = HW_TRY(connect());
    const auto topics = topics_of(settings_.at("topic").as_text());
    const bool plain = topics.size() == 1 && !topics[0].starts_with('^');
    return ask_brokers(*client, settings_, plain ? topics[0] : "",
                       settings_.at("connect_timeout").as_duration());
}

void GroupMember::start(Receiver& receiver) {
    stopping_ = false;
    thread_ = std::thread([this, &receiver] { run(receiver); });
}

void GroupMember::stop() {
    stopping_ = true;
    if (thread_.joinable()) thread_.join();
}

void GroupMember::run(Receiver& receiver) {
    auto client = connect();
    if (!client) return receiver.state(false, client.error().text());
    const List wanted(rd_kafka_topic_partition_list_new(1));
    for (const auto& topic : topics_of(settings_.at("topic").as_text()))
        rd_kafka_topic_partition_list_add(wanted.get(), topic.c_str(), RD_KAFKA_PARTITION_UA);
    rd_kafka_poll_set_consumer(client->get());
    const auto code = rd_kafka_subscribe(client->get(), wanted.get());
    if (code != RD_KAFKA_RESP_ERR_NO_ERROR)
        return receiver.state(false, fmt::format("kafka: {}", rd_kafka_err2str(code)));
    serve(**client, receiver);
    commit(**client);
    rd_kafka_consumer_close(client->get());
}

void GroupMember::serve(rd_kafka_t& client, Receiver& receiver) {
    const std::unique_ptr<rd_kafka_queue_t, decltype(&rd_kafka_queue_destroy)> queue(
        rd_kafka_queue_get_consumer(&client), rd_kafka_queue_destroy);
    bool connected = false;
    while (!stopping_) {
        std::map<Place, int64_t> marks;
        std::string trouble;
        Batch batch = read(*queue, marks, trouble);
        if (!trouble.empty()) {
            receiver.state(false, trouble);
            connected = false;
        } else if (!batch.empty() && !connected) {
            receiver.state(true, "");
            connected = true;
        }
        if (!batch.empty()) hand_over(client, receiver, std::move(batch), std::move(marks));
        commit(client);
    }
}

GroupMember::Batch GroupMember::read(rd_kafka_queue_t& queue, std::map<Place, int64_t>& marks,
                                     std::string& trouble) {
    std::vector<rd_kafka_message_t*> messages(
        static_cast<size_t>(settings_.at("batch_size").as_integer()));
    const ssize_t count =
        rd_kafka_consume_batch_queue(&queue, 250, messages.data(), messages.size());
    Batch batch;
    for (ssize_t i = 0; i < count; ++i) {
        rd_kafka_message_t& message = *messages[static_cast<size_t>(i)];
        if (message.err != RD_KAFKA_RESP_ERR_NO_ERROR) {
            trouble = fmt::format("kafka: {}", rd_kafka_message_errstr(&message));
        } else {
            const Place place(rd_kafka_topic_name(message.rkt), message.partition);
            marks[place] = message.offset + 1;
            rd_kafka_timestamp_type_t type{};
            const int64_t at_ms = rd_kafka_message_timestamp(&message, &type);
            sql::Datum meta = sql::Datum::object({});
            meta.put("partition", sql::Datum::integer(message.partition));
            meta.put("offset", sql::Datum::integer(message.offset));
            if (message.key != nullptr)
                meta.put("key", sql::Datum::text(
                                    {static_cast<const char*>(message.key), message.key_len}));
            batch.push_back({place.first,
                             std::string(static_cast<const char*>(message.payload), message.len),
                             at_ms > 0 ? Time{milliseconds(at_ms).ns} : Time{}, std::move(meta)});
        }
        rd_kafka_message_destroy(&message);
    }
    return batch;
}

void GroupMember::hand_over(rd_kafka_t& client, Receiver& receiver, Batch batch,
                            std::map<Place, int64_t> marks) {
    const auto kept = [marks_of_source = marks_, marks = std::move(marks)] {
        MutexLock lock(marks_of_source->mutex);
        for (const auto& [place, offset] : marks) {
            int64_t& mark = marks_of_source->kept[place];
            mark = std::max(mark, offset);
        }
    };
    while (!receiver.offer(batch, kept) && !stopping_) {
        // The group must hear from us; what comes meanwhile stays in the client's own queue.
        rd_kafka_poll(&client, 0);
        std::this_thread::sleep_for(std::chrono::milliseconds(20));
    }
}

void GroupMember::commit(rd_kafka_t& client) {
    std::map<Place, int64_t> kept;
    {
        MutexLock lock(marks_->mutex);
        kept.swap(marks_->kept);
    }
    if (kept.empty()) return;
    const List list(rd_kafka_topic_partition_list_new(static_cast<int>(kept.size())));
    for (const auto& [place, offset] : kept)
        rd_kafka_topic_partition_list_add(list.get(), place.first.c_str(), place.second)->offset =
            offset;
    const auto code = rd_kafka_commit(&client, list.get(), 0);
    if (code != RD_KAFKA_RESP_ERR_NO_ERROR)
        log_warning("kafka", fmt::format("the group's mark was not moved: {}; what was read since "
                                         "is read again after a restart",
                                         rd_kafka_err2str(code)));
}

}  // namespace

Result<std::unique_ptr<SourceLink>> make_source(const Config::Table& settings, const Rooms& rooms) {
    if (topics_of(settings.at("topic").as_text()).empty())
        return fail(ErrorCode::invalid_argument, "topic is empty; name the Kafka topic to read");
    return std::unique_ptr<SourceLink>(std::make_unique<GroupMember>(settings, rooms));
}

}  // namespace hw::connector::kafka

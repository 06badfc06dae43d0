#include <fmt/format.h>
#include <librdkafka/rdkafka.h>

#include <algorithm>
#include <atomic>
#include <utility>

#include "connector/kafka/client.h"
#include "connector/kafka/parts.h"
#include "connector/named_templates.h"
#include "connector/template.h"

namespace hw::connector::kafka {

namespace {

// What the brokers said of each message of a batch; its address is the message's opaque.
struct Report {
    bool known = false;
    rd_kafka_resp_err_t error = RD_KAFKA_RESP_ERR_NO_ERROR;
};

void delivered(rd_kafka_t*, const rd_kafka_message_t* message, void*) {
    auto* report = static_cast<Report*>(message->_private);
    report->known = true;
    report->error = message->err;
}

// Errors that the same message would meet again.
bool is_final(rd_kafka_resp_err_t error) {
    switch (error) {
        case RD_KAFKA_RESP_ERR_MSG_SIZE_TOO_LARGE:
        case RD_KAFKA_RESP_ERR_INVALID_MSG:
        case RD_KAFKA_RESP_ERR_INVALID_MSG_SIZE:
        case RD_KAFKA_RESP_ERR_TOPIC_EXCEPTION:
        case RD_KAFKA_RESP_ERR_INVALID_RECORD:
        case RD_KAFKA_RESP_ERR__INVALID_ARG:
            return true;
        default:
            return false;
    }
}

struct Templates {
    Template topic, key, value;
    NamedTemplates headers;
};

class Producer final : public Sink {
  public:
    Producer(Config::Table settings, Templates templates)
        : settings_(std::move(settings)), templates_(std::move(templates)) {}

    Result<void> open(const Rooms& rooms);
    Result<void> test() override;
    Sent send(std::span<const Item> items) override;
    void cancel() override { cancelled_ = true; }

  private:
    Result<rd_kafka_resp_err_t> produce(const Item& item, Report& report);
    Sent verdict(std::span<const Report> reports, size_t produced, Sent otherwise) const;

    const Config::Table settings_;
    const Templates templates_;
    Renderer renderer_;
    Client client_;
    std::atomic<bool> cancelled_{false};
};

Result<void> Producer::open(const Rooms& rooms) {
    const auto& acks = settings_.at("required_acks").as_text();
    const auto timeout_ms =
        std::to_string(settings_.at("request_timeout").as_duration().ns / milliseconds(1).ns);
    std::vector<std::pair<std::string, std::string>> extra = {
        {"compression.codec", settings_.at("compression").as_text()},
        {"acks", acks == "all"      ? "all"
                 : acks == "leader" ? "1"
                                    : "0"},
        {"message.max.bytes", std::to_string(settings_.at("message_bytes_limit").as_bytes())},
        {"message.timeout.ms", timeout_ms},
        {"linger.ms", "0"},
        {"enable.idempotence", acks == "all" ? "true" : "false"}};
    client_ = HW_TRY(make_client(Role::producer, settings_, rooms, extra, delivered));
    return {};
}

Result<void> Producer::test() {
    const auto topic = templates_.topic.constant().value_or("");
    return ask_brokers(*client_, settings_, std::string(topic),
                       settings_.at("connect_timeout").as_duration());
}

Result<rd_kafka_resp_err_t> Producer::produce(const Item& item, Report& report) {
    const std::string topic = HW_TRY(renderer_.render(templates_.topic, item));
    const std::string key = HW_TRY(renderer_.render(templates_.key, item));
    const std::string value = HW_TRY(renderer_.render(templates_.value, item));
    if (value.size() + key.size() > settings_.at("message_bytes_limit").as_bytes())
        return fail(
            ErrorCode::limit_exceeded,
            fmt::format("a message of {} bytes is over message_bytes_limit = {}",
                        value.size() + key.size(), settings_.at("message_bytes_limit").text));
    rd_kafka_headers_t* headers = nullptr;
    for (const auto& [name, text] : HW_TRY(render_named(templates_.headers, renderer_, item))) {
        if (headers == nullptr) headers = rd_kafka_headers_new(4);
        rd_kafka_header_add(headers, name.c_str(), static_cast<ssize_t>(name.size()), text.data(),
                            static_cast<ssize_t>(text.size()));
    }
    // rd_kafka_vu_t rather than the variadic call, which our warnings refuse.
    rd_kafka_vu_t parts[7] = {};
    size_t count = 0;
    parts[count].vtype = RD_KAFKA_VTYPE_TOPIC;
    parts[count++].u.cstr = topic.c_str();
    parts[count].vtype = RD_KAFKA_VTYPE_VALUE;
    parts[count].u.mem.ptr = const_cast<char*>(value.data());
    parts[count++].u.mem.size = value.size();
    if (!templates_.key.empty()) {
        parts[count].vtype = RD_KAFKA_VTYPE_KEY;
        parts[count].u.mem.ptr = const_cast<char*>(key.data());
        parts[count++].u.mem.size = key.size();
    }
    parts[count].vtype = RD_KAFKA_VTYPE_MSGFLAGS;
    parts[count++].u.i = RD_KAFKA_MSG_F_COPY;
    if (item.time.ns > 0) {
        parts[count].vtype = RD_KAFKA_VTYPE_TIMESTAMP;
        parts[count++].u.i64 = item.time.ns / milliseconds(1).ns;
    }
    parts[count].vtype = RD_KAFKA_VTYPE_OPAQUE;
    parts[count++].u.ptr = &report;
    if (headers != nullptr) {
        parts[count].vtype = RD_KAFKA_VTYPE_HEADERS;
        parts[count++].u.headers = headers;
    }
    rd_kafka_error_t* error = rd_kafka_produceva(client_.get(), parts, count);
    if (error == nullptr) return RD_KAFKA_RESP_ERR_NO_ERROR;
    if (headers != nullptr) rd_kafka_headers_destroy(headers);  // still ours
    const auto code = rd_kafka_error_code(error);
    rd_kafka_error_destroy(error);
    return code;
}

// The first message that did not arrive decides.
Sent Producer::verdict(std::span<const Report> reports, size_t produced, Sent otherwise) const {
    for (size_t i = 0; i < produced; ++i) {
        const auto& report = reports[i];
        if (report.known && report.error == RD_KAFKA_RESP_ERR_NO_ERROR) continue;
        const bool final = report.known && is_final(report.error);
        return {final ? Sent::Outcome::rejected : Sent::Outcome::retry, i,
                report.known ? fmt::format("kafka: {}", rd_kafka_err2str(report.error))
                             : std::string("kafka: the brokers did not acknowledge in time")};
    }
    return otherwise;
}

Sent Producer::send(std::span<const Item> items) {
    cancelled_ = false;
    std::vector<Report> reports(items.size());
    size_t produced = 0;
    Sent otherwise{Sent::Outcome::sent, items.size(), ""};
    for (; produced < items.size(); ++produced) {
        const auto code = produce(items[produced], reports[produced]);
        if (!code) {
            otherwise = {Sent::Outcome::rejected, produced, code.error().text()};
            break;
        }
        if (*code == RD_KAFKA_RESP_ERR_NO_ERROR) continue;
        otherwise = {is_final(*code) ? Sent::Outcome::rejected : Sent::Outcome::retry, produced,
                     fmt::format("kafka: {}", rd_kafka_err2str(*code))};
        break;
    }
    // message.timeout.ms ends each of them, so this ends too.
    while (rd_kafka_outq_len(client_.get()) > 0) {
        rd_kafka_poll(client_.get(), 100);
        if (!cancelled_) continue;
        rd_kafka_purge(client_.get(), RD_KAFKA_PURGE_F_QUEUE | RD_KAFKA_PURGE_F_INFLIGHT);
        rd_kafka_poll(client_.get(), 100);
    }
    return verdict(reports, produced, std::move(otherwise));
}

}  // namespace

Result<std::unique_ptr<Sink>> make_sink(const Config::Table& settings, const Rooms& rooms) {
    Templates templates;
    if (settings.at("topic").as_text().empty())
        return fail(ErrorCode::invalid_argument, "topic is empty; name the Kafka topic to write");
    templates.topic = HW_TRY(Template::compile(settings.at("topic").as_text()));
    templates.key = HW_TRY(Template::compile(settings.at("key").as_text()));
    templates.value = HW_TRY(Template::compile(settings.at("value").as_text()));
    templates.headers = HW_TRY(named_templates(settings, "headers"));
    auto producer = std::make_unique<Producer>(settings, std::move(templates));
    HW_TRY(producer->open(rooms));
    return std::unique_ptr<Sink>(std::move(producer));
}

}  // namespace hw::connector::kafka

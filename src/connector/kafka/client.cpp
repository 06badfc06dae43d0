#include "connector/kafka/client.h"

#include <fmt/format.h>
#include <librdkafka/rdkafka.h>

#include <cstdint>

#include "base/log.h"
#include "connector/settings_text.h"

namespace hw::connector::kafka {

namespace {

struct DestroyConf {
    void operator()(rd_kafka_conf_t* conf) const { rd_kafka_conf_destroy(conf); }
};
using Conf = std::unique_ptr<rd_kafka_conf_t, DestroyConf>;

Result<void> set(rd_kafka_conf_t* conf, const std::string& key, const std::string& value) {
    char reason[512];
    if (rd_kafka_conf_set(conf, key.c_str(), value.c_str(), reason, sizeof reason) ==
        RD_KAFKA_CONF_OK)
        return {};
    return fail(ErrorCode::invalid_argument, fmt::format("kafka setting {}: {}", key, reason));
}

// librdkafka writes to standard error by itself otherwise.
void note(const rd_kafka_t*, int level, const char*, const char* text) {
    if (level <= 3) log_warning("kafka", text);
}

std::string millis(Duration duration) {
    return std::to_string(duration.ns / milliseconds(1).ns);
}

// SSL and SASL are asked for by the words of librdkafka.
Result<void> set_security(rd_kafka_conf_t* conf, const Config::Table& settings,
                          const Rooms& rooms) {
    const auto& protocol = settings.at("security_protocol").as_text();
    HW_TRY(set(conf, "security.protocol", protocol));
    if (protocol.ends_with("ssl")) {
        const auto& ca = settings.at("ca_file").as_text();
        if (!ca.empty()) HW_TRY(set(conf, "ssl.ca.location", ca));
        const auto& certificate = settings.at("certificate_file").as_text();
        if (!certificate.empty()) {
            HW_TRY(set(conf, "ssl.certificate.location", certificate));
            HW_TRY(set(conf, "ssl.key.location", settings.at("key_file").as_text()));
        }
    }
    if (!protocol.starts_with("sasl")) return {};
    HW_TRY(set(conf, "sasl.mechanism", settings.at("sasl_mechanism").as_text()));
    HW_TRY(set(conf, "sasl.username", settings.at("username").as_text()));
    return set(conf, "sasl.password", HW_TRY(secret_setting(settings, "password_file", rooms)));
}

}  // namespace

void Destroy::operator()(rd_kafka_s* client) const {
    rd_kafka_destroy(client);
}

Result<Client> make_client(Role role, const Config::Table& settings, const Rooms& rooms,
                           const std::vector<std::pair<std::string, std::string>>& extra,
                           void (*delivered)(rd_kafka_s*, const rd_kafka_message_s*, void*)) {
    Conf conf(rd_kafka_conf_new());
    HW_TRY(set(conf.get(), "bootstrap.servers", settings.at("bootstrap_hosts").text));
    HW_TRY(set(conf.get(), "client.id", settings.at("client_id").as_text()));
    HW_TRY(set(conf.get(), "socket.connection.setup.timeout.ms",
               millis(settings.at("connect_timeout").as_duration())));
    HW_TRY(set_security(conf.get(), settings, rooms));
    for (const auto& [key, value] : extra)
        HW_TRY(set(conf.get(), key, value));
    rd_kafka_conf_set_log_cb(conf.get(), note);
    if (delivered != nullptr) rd_kafka_conf_set_dr_msg_cb(conf.get(), delivered);
    char reason[512];
    const auto type = role == Role::producer ? RD_KAFKA_PRODUCER : RD_KAFKA_CONSUMER;
    rd_kafka_t* client = rd_kafka_new(type, conf.get(), reason, sizeof reason);
    if (client == nullptr)
        return fail(ErrorCode::invalid_argument, fmt::format("kafka: {}", reason));
    static_cast<void>(conf.release());  // the client's now
    return Client(client);
}

Result<void> ask_brokers(rd_kafka_s& client, const Config::Table& settings,
                         const std::string& topic, Duration timeout) {
    const std::unique_ptr<rd_kafka_topic_t, decltype(&rd_kafka_topic_destroy)> handle(
        topic.empty() ? nullptr : rd_kafka_topic_new(&client, topic.c_str(), nullptr),
        rd_kafka_topic_destroy);
    const rd_kafka_metadata_t* metadata = nullptr;
    const auto code = rd_kafka_metadata(&client, 0, handle.get(), &metadata,
                                        static_cast<int>(timeout.ns / milliseconds(1).ns));
    if (code != RD_KAFKA_RESP_ERR_NO_ERROR)
        return fail(ErrorCode::unavailable,
                    fmt::format("no Kafka broker answers at {}: {}; check bootstrap_hosts",
                                settings.at("bootstrap_hosts").text, rd_kafka_err2str(code)));
    const std::unique_ptr<const rd_kafka_metadata_t, decltype(&rd_kafka_metadata_destroy)> owned(
        metadata, rd_kafka_metadata_destroy);
    for (int i = 0; i < metadata->topic_cnt; ++i) {
        const auto& found = metadata->topics[i];
        if (topic == found.topic && found.err != RD_KAFKA_RESP_ERR_NO_ERROR)
            return fail(ErrorCode::unavailable,
                        fmt::format("Kafka topic '{}': {}", topic, rd_kafka_err2str(found.err)));
    }
    return {};
}

}  // namespace hw::connector::kafka

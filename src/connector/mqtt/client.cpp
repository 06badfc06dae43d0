#include "connector/mqtt/client.h"

#include <fmt/format.h>
#include <mosquitto.h>
#include <mqtt_protocol.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <chrono>
#include <cstdlib>
#include <system_error>
#include <utility>

#include "connector/settings_text.h"

namespace hw::connector::mqtt {

namespace {

struct Address {
    std::string host;
    int port = 1883;
    bool tls = false;
};

Result<Address> address_of(std::string_view text) {
    Address address;
    std::string_view rest = text;
    for (const std::string_view scheme : {"mqtt://", "tcp://"})
        if (rest.starts_with(scheme)) rest.remove_prefix(scheme.size());
    for (const std::string_view scheme : {"mqtts://", "ssl://", "tls://"}) {
        if (!rest.starts_with(scheme)) continue;
        rest.remove_prefix(scheme.size());
        address.tls = true;
        address.port = 8883;
    }
    if (rest.ends_with('/')) rest.remove_suffix(1);
    const size_t bracket = rest.rfind(']');
    const size_t colon = rest.find(':', bracket == rest.npos ? 0 : bracket);
    address.host = rest.substr(0, colon);
    if (address.host.starts_with('[') && address.host.ends_with(']'))
        address.host = address.host.substr(1, address.host.size() - 2);
    if (colon != rest.npos) {
        const std::string_view digits = rest.substr(colon + 1);
        const char* end = digits.data() + digits.size();
        const auto [at, error] = std::from_chars(digits.data(), end, address.port);
        if (error != std::errc() || at != end || address.port > 65'535) address.port = 0;
    }
    if (address.host.empty() || address.port == 0 || rest.find('/') != rest.npos)
        return fail(ErrorCode::invalid_argument,
                    fmt::format("server '{}' is not mqtt://<host>[:<port>] or mqtts://...", text));
    return address;
}

Result<void> check(int code, std::string_view what) {
    if (code == MOSQ_ERR_SUCCESS) return {};
    return fail(code == MOSQ_ERR_INVAL ? ErrorCode::invalid_argument : ErrorCode::unavailable,
                fmt::format("{}: {}", what, mosquitto_strerror(code)));
}

Received received_of(const mosquitto_message& message, const mosquitto_property* properties) {
    Received received{message.topic,
                      std::string(static_cast<const char*>(message.payload),
                                  static_cast<size_t>(message.payloadlen)),
                      {},
                      sql::Datum::object({})};
    received.meta.put("qos", sql::Datum::integer(message.qos));
    received.meta.put("retain", sql::Datum::boolean(message.retain));
    sql::Datum user = sql::Datum::object({});
    bool behind = false;  // look behind the one that was found last
    for (auto* each = properties; each != nullptr; behind = true) {
        char* name = nullptr;
        char* value = nullptr;
        each = mosquitto_property_read_string_pair(each, MQTT_PROP_USER_PROPERTY, &name, &value,
                                                   behind);
        if (name != nullptr && value != nullptr) user.put(name, sql::Datum::text(value));
        std::free(name);
        std::free(value);
    }
    if (!user.members().empty()) received.meta.put("user_properties", std::move(user));
    return received;
}

struct FreeProperties {
    void operator()(mosquitto_property* list) const { mosquitto_property_free_all(&list); }
};

void start_library() {
    static const int started = mosquitto_lib_init();
    static_cast<void>(started);
}

}  // namespace

Result<std::unique_ptr<Client>> Client::open(const Config::Table& settings, const Rooms& rooms,
                                             Calls calls) {
    start_library();
    const bool version5 = settings.at("protocol_version").as_text() == "5";
    std::unique_ptr<Client> client(new Client(std::move(calls), version5));
    HW_TRY(client->set_up(settings, rooms));
    return client;
}

Client::~Client() {
    if (client_ == nullptr) return;
    stopping_.set();
    mosquitto_disconnect(client_);
    if (thread_.joinable()) thread_.join();
    mosquitto_destroy(client_);
}

Result<void> Client::set_up(const Config::Table& settings, const Rooms& rooms) {
    const Address address = HW_TRY(address_of(settings.at("server").as_text()));
    address_ = settings.at("server").as_text();
    host_ = address.host;
    port_ = address.port;
    keep_alive_ = static_cast<int>(settings.at("keep_alive").as_duration().ns / seconds(1).ns);
    connect_timeout_ = settings.at("connect_timeout").as_duration();
    const auto& id = settings.at("client_id").as_text();
    client_ = mosquitto_new(id.empty() ? nullptr : id.c_str(),
                            id.empty() || settings.at("clean_start").as_boolean(), this);
    if (client_ == nullptr)
        return fail(ErrorCode::invalid_argument,
                    fmt::format("client_id '{}' is no MQTT client id", id));
    HW_TRY(check(mosquitto_int_option(client_, MOSQ_OPT_PROTOCOL_VERSION,
                                      version5_ ? MQTT_PROTOCOL_V5 : MQTT_PROTOCOL_V311),
                 "protocol_version"));
    mosquitto_max_inflight_messages_set(client_, 0);  // the batch is the limit
    // Other threads queue what they publish; the network thread writes it.
    HW_TRY(check(mosquitto_threaded_set(client_, true), "network thread"));
    const auto& user = settings.at("username").as_text();
    if (!user.empty()) {
        const std::string password = HW_TRY(secret_setting(settings, "password_file", rooms));
        HW_TRY(
            check(mosquitto_username_pw_set(client_, user.c_str(), password.c_str()), "username"));
    }
    if (address.tls) {
        const auto name = [&](const char* key) {
            const auto& text = settings.find(key)->second.as_text();
            return text.empty() ? nullptr : text.c_str();
        };
        const char* ca = name("ca_file");
        HW_TRY(check(mosquitto_tls_set(client_, ca, ca == nullptr ? "/etc/ssl/certs" : nullptr,
                                       name("certificate_file"), name("key_file"), nullptr),
                     "ca_file, certificate_file or key_file"));
        if (!settings.at("verify").as_boolean())
            HW_TRY(check(mosquitto_tls_insecure_set(client_, true), "verify"));
    }
    mosquitto_connect_v5_callback_set(
        client_, [](::mosquitto*, void* self, int code, int, const mosquitto_property*) {
            static_cast<Client*>(self)->answered(code);
        });
    mosquitto_disconnect_v5_callback_set(
        client_, [](::mosquitto*, void* self, int code, const mosquitto_property*) {
            static_cast<Client*>(self)->disconnected(code);
        });
    mosquitto_publish_v5_callback_set(
        client_, [](::mosquitto*, void* self, int mid, int reason, const mosquitto_property*) {
            const auto& call = static_cast<Client*>(self)->calls_.published;
            if (call) call(mid, reason);
        });
    mosquitto_message_v5_callback_set(
        client_, [](::mosquitto*, void* self, const mosquitto_message* message,
                    const mosquitto_property* properties) {
            const auto& call = static_cast<Client*>(self)->calls_.message;
            if (call) call(received_of(*message, properties));
        });
    // The words of OpenSSL come only this way.
    mosquitto_log_callback_set(client_, [](::mosquitto*, void* self, int level, const char* text) {
        if (level == MOSQ_LOG_ERR) static_cast<Client*>(self)->note(text);
    });
    // The first attempt too is the network thread's: a broker that is down is no error here.
    thread_ = std::thread([this] { run(); });
    return {};
}

void Client::run() {
    constexpr Duration shortest = milliseconds(500), longest = seconds(30);
    Duration delay = shortest;
    for (bool first = true; !stopping_.is_set(); first = false) {
        const int code = run_once(first);
        bool was_connected = false;
        {
            MutexLock lock(mutex_);
            was_connected = connected_;
        }
        if (was_connected) disconnected(code);  // the library has not told
        if (stopping_.is_set()) return;
        if (code == MOSQ_ERR_ERRNO)
            note(std::generic_category().message(errno));
        else if (code != MOSQ_ERR_NO_CONN && code != MOSQ_ERR_TLS && code != MOSQ_ERR_SUCCESS)
            note(mosquitto_strerror(code));
        if (was_connected) delay = shortest;
        if (!stopping_.wait(delay)) return;
        delay = Duration{std::min(delay.ns * 2, longest.ns)};
    }
}

// Connects, and stays until the connection has ended. The library's code.
int Client::run_once(bool first) {
    int code = first ? mosquitto_connect_async(client_, host_.c_str(), port_, keep_alive_)
                     : mosquitto_reconnect_async(client_);
    const auto until =
        std::chrono::steady_clock::now() + std::chrono::nanoseconds(connect_timeout_.ns);
    bool answered = false;
    while (code == MOSQ_ERR_SUCCESS && !stopping_.is_set()) {
        code = mosquitto_loop(client_, 250, 1);
        if (answered || code != MOSQ_ERR_SUCCESS) continue;
        {
            MutexLock lock(mutex_);
            answered = connected_;
        }
        if (!answered && std::chrono::steady_clock::now() > until) return MOSQ_ERR_CONN_LOST;
    }
    // What is queued goes out before the end: the farewell.
    if (stopping_.is_set() && code == MOSQ_ERR_SUCCESS) mosquitto_loop(client_, 0, 1);
    return code;
}

void Client::note(std::string reason) {
    MutexLock lock(mutex_);
    if (!connected_ && refused_ == 0) reason_ = std::move(reason);
}

void Client::answered(int code) {
    {
        MutexLock lock(mutex_);
        connected_ = code == 0;
        refused_ = code;
        reason_ = code == 0   ? ""
                  : version5_ ? mosquitto_reason_string(code)
                              : mosquitto_connack_string(code);
        changed_.notify_all();
    }
    if (code == 0 && calls_.connected) calls_.connected();
}

void Client::disconnected(int code) {
    std::string reason = code == 0 ? "disconnected" : mosquitto_strerror(code);
    {
        MutexLock lock(mutex_);
        connected_ = false;
        if (refused_ == 0) reason_ = reason;
        changed_.notify_all();
    }
    if (calls_.lost) calls_.lost(reason);
}

Result<void> Client::wait(Duration limit) {
    const auto until = std::chrono::steady_clock::now() + std::chrono::nanoseconds(limit.ns);
    mutex_.lock();
    while (!connected_ && refused_ == 0 &&
           changed_.wait_until(mutex_, until) == std::cv_status::no_timeout) {
    }
    const bool connected = connected_;
    const bool refused = refused_ != 0;
    refused_ = 0;  // told; the next answer may be another
    const std::string reason = reason_;
    mutex_.unlock();
    if (connected) return {};
    if (refused)
        return fail(ErrorCode::permission_denied,
                    fmt::format("the broker at {} refuses us: {}; check username, password_file "
                                "and client_id",
                                address_, reason));
    return fail(ErrorCode::unavailable,
                fmt::format("no MQTT broker answers at {}{}{}; check server", address_,
                            reason.empty() ? "" : ": ", reason));
}

Result<int> Client::publish(const std::string& topic, const std::string& payload, int qos,
                            bool retain, const Properties& properties) {
    mosquitto_property* list = nullptr;
    if (version5_) {
        if (!properties.content_type.empty())
            mosquitto_property_add_string(&list, MQTT_PROP_CONTENT_TYPE,
                                          properties.content_type.c_str());
        if (!properties.response_topic.empty())
            mosquitto_property_add_string(&list, MQTT_PROP_RESPONSE_TOPIC,
                                          properties.response_topic.c_str());
        for (const auto& [name, value] : properties.user)
            mosquitto_property_add_string_pair(&list, MQTT_PROP_USER_PROPERTY, name.c_str(),
                                               value.c_str());
    }
    const std::unique_ptr<mosquitto_property, FreeProperties> owned(list);
    if (topic.find('\0') != topic.npos)
        return fail(ErrorCode::invalid_argument, "the topic holds a NUL, which MQTT has not");
    int mid = 0;
    const int code =
        mosquitto_publish_v5(client_, &mid, topic.c_str(), static_cast<int>(payload.size()),
                             payload.data(), qos, retain, list);
    if (code == MOSQ_ERR_SUCCESS) return mid;
    const bool line = code == MOSQ_ERR_NO_CONN || code == MOSQ_ERR_CONN_LOST;
    return fail(line ? ErrorCode::unavailable : ErrorCode::invalid_argument,
                fmt::format("topic '{}': {}", topic, mosquitto_strerror(code)));
}

Result<void> Client::subscribe(const std::string& filter, int qos) {
    return check(mosquitto_subscribe(client_, nullptr, filter.c_str(), qos),
                 fmt::format("filter '{}'", filter));
}

}  // namespace hw::connector::mqtt

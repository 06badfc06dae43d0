#include "sim/publish/mqtt_client.h"

#include <mosquitto.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <system_error>
#include <thread>
#include <utility>

namespace hw::sim {

namespace {

// Initialises the library once; it is never shut down because the process ends with it.
bool library_ready() {
    static const bool ready = mosquitto_lib_init() == MOSQ_ERR_SUCCESS;
    return ready;
}

std::string describe(int code) {
    if (code == MOSQ_ERR_ERRNO) return std::generic_category().message(errno);
    std::string text = mosquitto_strerror(code);
    if (text.ends_with('.')) text.pop_back();
    return text;
}

}  // namespace

Result<std::unique_ptr<MqttClient>> MqttClient::create(Settings settings) {
    if (!library_ready()) return fail(ErrorCode::unavailable, "libmosquitto does not start");
    std::unique_ptr<MqttClient> client(new MqttClient(std::move(settings)));
    client->library_ = mosquitto_new(client->settings_.client_id.c_str(), true, client.get());
    if (!client->library_)
        return fail(ErrorCode::invalid_argument,
                    "client id '" + client->settings_.client_id + "' is refused by libmosquitto");
    mosquitto_connect_callback_set(client->library_, on_connect);
    mosquitto_disconnect_callback_set(client->library_, on_disconnect);
    mosquitto_publish_callback_set(client->library_, on_publish);
    mosquitto_message_callback_set(client->library_, on_message);
    mosquitto_subscribe_callback_set(client->library_, on_subscribe);
    mosquitto_int_option(client->library_, MOSQ_OPT_TCP_NODELAY, 1);
    mosquitto_max_inflight_messages_set(client->library_, 1000);
    return client;
}

MqttClient::~MqttClient() {
    if (library_) mosquitto_destroy(library_);
}

Result<void> MqttClient::set_will(const std::string& topic, std::string_view payload, int qos) {
    const int code = mosquitto_will_set(library_, topic.c_str(), static_cast<int>(payload.size()),
                                        payload.data(), qos, false);
    if (code != MOSQ_ERR_SUCCESS)
        return fail(ErrorCode::invalid_argument, "will on '" + topic + "': " + describe(code));
    return {};
}

Result<void> MqttClient::subscribe(const std::string& filter, int qos) {
    const int code = mosquitto_subscribe(library_, nullptr, filter.c_str(), qos);
    if (code != MOSQ_ERR_SUCCESS)
        return fail(ErrorCode::unavailable, "subscribe to '" + filter + "': " + describe(code));
    return {};
}

Result<void> MqttClient::connect() {
    const auto& broker = settings_.broker;
    refused_ = 0;
    if (ears_.connecting) ears_.connecting();
    const int code = used_ ? mosquitto_reconnect(library_)
                           : mosquitto_connect(library_, broker.host.c_str(), broker.port,
                                               settings_.keep_alive_seconds);
    if (code != MOSQ_ERR_SUCCESS)
        return fail(ErrorCode::unavailable, "broker " + broker.host + ":" +
                                                std::to_string(broker.port) +
                                                " is not reachable: " + describe(code));
    used_ = true;
    open_ = true;
    return {};
}

Result<void> MqttClient::publish(const std::string& topic, std::string_view payload, int qos) {
    if (!connected_) return fail(ErrorCode::unavailable, "not connected to the broker");
    const int code =
        mosquitto_publish(library_, nullptr, topic.c_str(), static_cast<int>(payload.size()),
                          payload.data(), qos, false);
    if (code != MOSQ_ERR_SUCCESS)
        return fail(ErrorCode::io_failed, "publish on '" + topic + "' failed: " + describe(code));
    ++sent_;
    return {};
}

Result<void> MqttClient::poll(Duration wait) {
    if (!open_) {
        std::this_thread::sleep_for(std::chrono::nanoseconds(wait.ns));
        return {};
    }
    const auto timeout = static_cast<int>(std::clamp<int64_t>(wait.ns / 1'000'000, 0, 1000));
    const int code = mosquitto_loop(library_, timeout, 1);
    if (refused_ != 0)
        return fail(ErrorCode::unavailable,
                    "broker refuses the connection: " +
                        std::string(mosquitto_connack_string(std::exchange(refused_, 0))));
    if (code == MOSQ_ERR_SUCCESS || (code == MOSQ_ERR_ERRNO && errno == EINTR)) return {};
    const std::string why = describe(code);
    now_closed();
    return fail(ErrorCode::unavailable, "connection to the broker ended: " + why);
}

void MqttClient::disconnect() {
    if (open_ && mosquitto_disconnect(library_) == MOSQ_ERR_SUCCESS)
        mosquitto_loop(library_, 50, 1);
    now_closed();
}

void MqttClient::now_closed() {
    open_ = false;
    if (std::exchange(connected_, false) && ears_.closed) ears_.closed();
}

void MqttClient::on_connect(mosquitto* /*library*/, void* self, int code) {
    auto* client = static_cast<MqttClient*>(self);
    client->connected_ = code == 0;
    client->refused_ = code;
    if (code != 0) client->open_ = false;
    if (code == 0 && client->ears_.connected) client->ears_.connected();
}

void MqttClient::on_disconnect(mosquitto* /*library*/, void* self, int /*code*/) {
    static_cast<MqttClient*>(self)->now_closed();
}

void MqttClient::on_message(mosquitto* /*library*/, void* self, const mosquitto_message* message) {
    const auto* client = static_cast<MqttClient*>(self);
    const std::string_view payload(static_cast<const char*>(message->payload),
                                   static_cast<size_t>(message->payloadlen));
    if (client->ears_.message) client->ears_.message(message->topic, payload);
}

void MqttClient::on_subscribe(mosquitto* /*library*/, void* self, int /*id*/, int /*count*/,
                              const int* /*granted*/) {
    const auto* client = static_cast<MqttClient*>(self);
    if (client->ears_.subscribed) client->ears_.subscribed();
}

void MqttClient::on_publish(mosquitto* /*library*/, void* self, int /*id*/) {
    ++static_cast<MqttClient*>(self)->done_;
}

}  // namespace hw::sim

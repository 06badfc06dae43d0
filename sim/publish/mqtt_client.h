#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "base/error.h"
#include "base/time.h"
#include "sim/publish/broker_address.h"

struct mosquitto;
struct mosquitto_message;

namespace hw::sim {

// A client over libmosquitto (MQTT 3.1.1), on purpose not our own protocol code: our broker
// shall always meet a foreign peer. One thread: nothing happens outside of its calls. QoS 1
// messages survive a lost connection and are sent again.
class MqttClient {
  public:
    struct Settings {
        BrokerAddress broker;
        std::string client_id;
        int keep_alive_seconds = 30;
    };
    static Result<std::unique_ptr<MqttClient>> create(Settings settings);
    ~MqttClient();
    MqttClient(const MqttClient&) = delete;
    MqttClient& operator=(const MqttClient&) = delete;

    // For the connections to come; not while connected.
    Result<void> set_will(const std::string& topic, std::string_view payload, int qos);
    // Told from within connect() and poll(). Each may be empty.
    struct Ears {
        std::function<void()> connecting;  // the place for set_will()
        std::function<void()> connected;   // the place for subscribe()
        std::function<void()> subscribed;  // the broker acknowledged a subscribe()
        std::function<void(std::string_view topic, std::string_view payload)> message;
        std::function<void()> closed;  // a connection that had been made has ended
    };
    void listen(Ears ears) { ears_ = std::move(ears); }
    // On each connection anew.
    Result<void> subscribe(const std::string& filter, int qos);

    // Opens the connection; connected() turns true in a later poll().
    Result<void> connect();
    bool connected() const { return connected_; }
    // Between connect() and the broker's answer or the end of the connection.
    bool connecting() const { return open_ && !connected_; }
    // Hands a message over. Unavailable when not connected.
    Result<void> publish(const std::string& topic, std::string_view payload, int qos);
    // Reads and writes for at most `wait`, or sleeps as long when there is no connection. The error
    // tells, once, why the connection ended.
    Result<void> poll(Duration wait);
    // Says goodbye; the broker publishes no will.
    void disconnect();

    // Messages handed over, and of those acknowledged (QoS 1) or written (QoS 0).
    uint64_t sent() const { return sent_; }
    uint64_t done() const { return done_; }

  private:
    explicit MqttClient(Settings settings) : settings_(std::move(settings)) {}
    static void on_connect(mosquitto* library, void* self, int code);
    static void on_disconnect(mosquitto* library, void* self, int code);
    static void on_publish(mosquitto* library, void* self, int id);
    static void on_message(mosquitto* library, void* self, const mosquitto_message* message);
    static void on_subscribe(mosquitto* library, void* self, int id, int count, const int* granted);

    void now_closed();

    Settings settings_;
    Ears ears_;
    mosquitto* library_ = nullptr;
    bool used_ = false;  // connected at least once: reconnect keeps what is unacknowledged
    bool open_ = false;
    bool connected_ = false;
    int refused_ = 0;
    uint64_t sent_ = 0;
    uint64_t done_ = 0;
};

}  // namespace hw::sim

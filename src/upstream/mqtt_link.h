#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "base/error.h"
#include "io/reactor.h"
#include "io/stream.h"
#include "wire/mqtt/client_connection.h"

namespace hw::upstream {

struct BrokerAddress {
    std::string host = "127.0.0.1";
    uint16_t port = 1883;
};

// "mqtt://host", "mqtt://host:1883", "host:1883", "mqtt://[::1]:1883". A user or password in it is
// refused: secrets never stand in flags.
Result<BrokerAddress> parse_broker(std::string_view text);

// Told of what happens on a link, on the reactor's thread.
class MqttListener {
  public:
    virtual ~MqttListener() = default;
    virtual void on_connected(bool session_present) = 0;
    virtual void on_message(const mqtt::Publish&) {}
    virtual void on_acknowledged(mqtt::PacketId, mqtt::Reason) {}
    // One reason (a byte) for each filter.
    virtual void on_subscribed(BytesView) {}
    virtual void on_unsubscribed() {}
    // Refused or broken. After a call to open() in here or later the session goes on.
    virtual void on_lost(const Error& why) = 0;
};

// One MQTT client over TCP: ties a ClientConnection to a stream and a clock. What is written to
// out() leaves at the end of the reactor's round, as one write. Lives as long as the reactor.
class MqttLink final : private io::StreamHandler, private mqtt::ClientHandler {
  public:
    MqttLink(io::Reactor& reactor, BrokerAddress address, mqtt::ClientOptions options,
             MqttListener& listener);
    ~MqttLink() override;

    // Connects; on_connected or on_lost follows.
    void open();
    // DISCONNECT where connected, and away. No call-backs come any more.
    void close(mqtt::Reason reason = mqtt::Reason::success);

    mqtt::ClientConnection& connection() { return connection_; }
    std::string& out() { return out_; }
    // Sends out() now; for who writes after this round's own end.
    void flush();
    // Written but not yet taken by the socket; for flow control of QoS 0.
    size_t queued_bytes() const;
    // close() and all bytes have left, or the stream broke.
    bool gone() const { return !stream_; }

  private:
    void on_bytes(BytesView bytes) override;
    void on_closed(const Error& why) override;
    void on_connected(const mqtt::Connack& packet) override;
    void on_message(const mqtt::Publish& message) override { listener_.on_message(message); }
    void on_acknowledged(mqtt::PacketId id, mqtt::Reason reason) override {
        listener_.on_acknowledged(id, reason);
    }
    void on_subscribed(mqtt::PacketId, BytesView reasons) override {
        listener_.on_subscribed(reasons);
    }
    void on_unsubscribed(mqtt::PacketId, BytesView) override { listener_.on_unsubscribed(); }
    void on_closed(const mqtt::ProtocolError& why) override;

    void opened(Result<std::unique_ptr<io::Stream>> stream);
    void drop_stream();
    void tell_lost(Error why);

    io::Reactor& reactor_;
    const BrokerAddress address_;
    mqtt::ClientConnection connection_;
    MqttListener& listener_;
    std::unique_ptr<io::Stream> stream_;
    std::string out_;
    uint64_t attempt_ = 0;  // a connect that comes late belongs to an earlier one
    bool closing_ = false;
    const std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);
};

}  // namespace hw::upstream

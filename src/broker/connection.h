#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "base/time.h"
#include "io/stream.h"
#include "wire/mqtt/server_connection.h"

namespace hw::broker {

struct Core;
class Session;

// One client's connection: ties its stream and its protocol to the parts of the broker. Owned by
// Core; one thread. About 400 bytes idle with the protocol's.
class Connection final : public io::StreamHandler, private mqtt::ServerHandler {
  public:
    enum class Phase : uint8_t {
        open,
        ending,  // the session is off; what is written goes out, then the stream is closed
        gone,    // the stream is closed; deleted when the round ends
    };

    Connection(Core& core, uint64_t number, std::unique_ptr<io::Stream> over);

    void on_bytes(BytesView bytes) override;
    void on_drained() override;
    void on_closed(const Error& why) override;

    // Bytes that wait for the socket, here and in the stream.
    size_t backlog() const { return out.size() + unsent_bytes; }
    bool is_v5() const { return protocol.version() == mqtt::Version::v5; }
    // Arms the timer for the protocol's deadline, unless an earlier one stands.
    void arm();
    // Its timer fired.
    void on_timer(Time when);
    void pause();
    void unpause();
    void close_stream();

    const uint64_t serial;
    const std::unique_ptr<io::Stream> stream;
    Session* session = nullptr;
    mqtt::ServerConnection protocol;
    std::string user_name;
    std::string out;
    size_t unsent_bytes = 0;  // in the stream, when last looked
    Time opened;
    Phase phase = Phase::open;
    bool touched = false;
    bool paused = false;
    bool kept_some = false;  // publishes what is kept, so it is paused when that jams
    bool stream_closed = false;
    bool clean_start = false;
    bool ends_soon = false;  // closed without further answers when the round ends
    uint16_t window = 0;     // QoS 1 and 2 messages unacknowledged towards it at most
    uint64_t bytes_in = 0;
    uint64_t bytes_out = 0;
    uint64_t messages_in = 0;
    uint64_t messages_out = 0;

  private:
    void on_connect(const mqtt::Connect& packet) override;
    void on_publish(const mqtt::Publish& packet) override;
    void on_ack(const mqtt::Ack& packet) override;
    void on_subscribe(const mqtt::Subscribe& packet) override;
    void on_unsubscribe(const mqtt::Unsubscribe& packet) override;
    void on_disconnect(const mqtt::Disconnect& packet) override;
    void on_ping() override;
    void on_auth(const mqtt::Auth& packet) override;
    void on_protocol_error(const mqtt::ProtocolError& error) override;

    Core& core_;
    Time armed_ = Time{INT64_MAX};
    Time grace_until_ = Time{INT64_MIN};  // after a pause in which it could not be heard
};

}  // namespace hw::broker

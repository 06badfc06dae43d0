#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "base/bytes.h"
#include "base/time.h"
#include "wire/mqtt/assembler.h"
#include "wire/mqtt/codec.h"
#include "wire/mqtt/packets.h"
#include "wire/mqtt/topic_aliases.h"

namespace hw::mqtt {

// What the server grants each connection. Shared by all connections; outlives them.
struct ServerLimits {
    uint32_t packet_bytes_max = 1 << 20;     // inbound, whole packet
    uint16_t receive_maximum = 65'535;       // inbound QoS 1 and 2 not yet acknowledged, v5
    uint16_t topic_alias_maximum = 32;       // inbound aliases, 0 for none
    uint16_t topic_alias_maximum_out = 16;   // outbound aliases used at most, 0 for none
    uint16_t keep_alive_max_s = 0;           // 0: as the client asks; else v5 clients are told it
    Duration connect_timeout = seconds(10);  // from accept to CONNECT
};

// Told of what one client sent, in order, during ServerConnection::feed and resume. Views are valid
// during the call only. May call the connection's output functions, but not feed, resume or the
// destructor.
class ServerHandler {
  public:
    virtual ~ServerHandler() = default;
    // Answer with accept() or refuse(), now or later; until then nothing else is handled.
    virtual void on_connect(const Connect& packet) = 0;
    // The topic is whole (aliases are resolved). At QoS 1 and 2 an acknowledgement is owed.
    virtual void on_publish(const Publish& packet) = 0;
    virtual void on_ack(const Ack& packet) = 0;
    virtual void on_subscribe(const Subscribe& packet) = 0;
    virtual void on_unsubscribe(const Unsubscribe& packet) = 0;
    // The client leaves; the connection is closed afterwards. Before 5.0 the reason is success.
    virtual void on_disconnect(const Disconnect& packet) = 0;
    // PINGREQ; it is answered without help.
    virtual void on_ping() {}
    // Only for clients that named an authentication method.
    virtual void on_auth(const Auth& packet) = 0;
    // The client broke the protocol or a limit; the answer is written, the connection closed.
    virtual void on_protocol_error(const ProtocolError& error) = 0;
};

// What the broker says in a CONNACK beside the limits, which the connection adds itself.
struct Acceptance {
    bool session_present = false;
    std::string_view assigned_client_id = {};       // if the client sent none
    std::optional<uint32_t> session_expiry_s = {};  // if other than asked for
    Properties properties = {};                     // anything more
};

enum class Sent : uint8_t {
    yes,
    too_large,  // over the client's maximum packet size: dropped, as if delivered (3.1.2-25)
    closed,
};

// The server's side of one connection, without I/O: bytes and the time go in; packets go to the
// handler; answers are appended to `out`, which the caller owns, sends and clears. When closed() is
// true after any call, send what is in `out` and close the stream.
// Times are of one monotonic clock. Owner: the broker's connection; one thread. About 150 bytes,
// more only while a packet is incomplete or topic aliases are in use.
class ServerConnection {
  public:
    ServerConnection(const ServerLimits& limits, Time now);
    ~ServerConnection();
    ServerConnection(ServerConnection&&) noexcept;
    ServerConnection& operator=(ServerConnection&&) = delete;

    // Handles all whole packets in `bytes`, keeps a partial one. While a CONNECT waits for its
    // answer the bytes are only kept: stop reading, then call resume.
    void feed(BytesView bytes, Time now, ServerHandler& handler, std::string& out);
    // Goes on with what was kept, after an accept() outside of on_connect.
    void resume(Time now, ServerHandler& handler, std::string& out);

    // When the client must have said something; only moves later while bytes come, so one timer
    // that re-arms itself on expired() == false is enough. No deadline: empty.
    std::optional<Time> deadline() const;
    bool expired(Time now) const;
    // The deadline passed: DISCONNECT with keep_alive_timeout for v5, and closed.
    void time_out(std::string& out);

    bool closed() const { return state_ == State::closed; }
    bool connected() const { return state_ == State::connected; }
    bool awaits_answer() const { return state_ == State::answering; }

    // Of the client, from its CONNECT on.
    Version version() const { return version_; }
    uint16_t receive_maximum() const { return peer_receive_maximum_; }
    uint32_t packet_bytes_max() const { return peer_packet_bytes_max_; }
    uint16_t keep_alive_s() const { return keep_alive_s_; }
    // QoS 1 and 2 messages taken in and not yet acknowledged.
    uint32_t inbound_unacknowledged() const { return inbound_unacknowledged_; }

    void accept(const Acceptance& acceptance, std::string& out);
    // A v3 CONNACK has five return codes; the closest is sent.
    void refuse(Reason reason, std::string& out, std::string_view why = {});

    // Acknowledgements the client is owed. Each puback, pubcomp and failing pubrec gives back one
    // of the receive maximum. Nothing happens once closed. Before 5.0 reasons are left out.
    void puback(PacketId id, std::string& out, Reason reason = Reason::success);
    void pubrec(PacketId id, std::string& out, Reason reason = Reason::success);
    void pubcomp(PacketId id, std::string& out, Reason reason = Reason::success);
    void pubrel(PacketId id, std::string& out, Reason reason = Reason::success);
    // Each with one reason for each filter. Before 5.0 failures become 0x80.
    void suback(PacketId id, std::span<const Reason> reasons, std::string& out);
    void unsuback(PacketId id, std::span<const Reason> reasons, std::string& out);
    void auth(const Auth& packet, std::string& out);

    // Packet ids and what is in flight are the session's business, not the connection's.
    // The image must have been made for the client's version family.
    Sent publish(const PublishImage& image, PacketId id, bool dup, bool retain, std::string& out);
    // Serialises; uses a topic alias if the client allows any. `properties` without topic alias.
    Sent publish(const Publish& packet, std::string& out);
    // True if publish(Publish) would shorten topics, so that an image is not the best choice.
    bool uses_topic_aliases() const { return outbound_aliases_ != nullptr; }

    // The server ends it: DISCONNECT with the reason for v5 (before 5.0 just closed).
    void disconnect(Reason reason, std::string& out, std::string_view why = {});

  private:
    enum class State : uint8_t { opening, answering, connected, closed };

    void run(ServerHandler& handler, std::string& out);
    void handle(const Frame& frame, ServerHandler& handler, std::string& out);
    void handle_connect(const Frame& frame, ServerHandler& handler, std::string& out);
    void handle_publish(const Frame& frame, ServerHandler& handler, std::string& out);
    void handle_other(const Frame& frame, ServerHandler& handler, std::string& out);
    void handle_disconnect(const Disconnect& packet, ServerHandler& handler, std::string& out);
    std::optional<ProtocolError> admit(Publish& packet);
    void fail(const ProtocolError& error, ServerHandler& handler, std::string& out);
    void say_goodbye(Reason reason, std::string_view why, std::string& out);
    void write_refusal(Reason reason, std::string_view why, std::string& out);
    void take_requests(const Connect& packet);
    void acknowledge(PacketType type, PacketId id, Reason reason, std::string& out);

    const ServerLimits* limits_;
    Assembler assembler_;
    std::unique_ptr<InboundAliases> inbound_aliases_;
    std::unique_ptr<OutboundAliases> outbound_aliases_;
    Time last_received_;
    uint32_t peer_packet_bytes_max_ = 0xffffffff;
    uint32_t inbound_unacknowledged_ = 0;
    uint16_t peer_receive_maximum_ = 65'535;
    uint16_t peer_topic_alias_maximum_ = 0;
    uint16_t keep_alive_s_ = 0;
    State state_ = State::opening;
    Version version_ = Version::v3_1_1;
    bool authenticates_ = false;      // named an authentication method
    bool session_ends_here_ = false;  // asked for session expiry 0
};

}  // namespace hw::mqtt

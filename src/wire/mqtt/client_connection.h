#pragma once

#include <bitset>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.h"
#include "base/error.h"
#include "base/time.h"
#include "wire/mqtt/assembler.h"
#include "wire/mqtt/codec.h"
#include "wire/mqtt/topic_aliases.h"

namespace hw::mqtt {

struct ClientWill {
    std::string topic = {};
    std::string payload = {};
    Qos qos = Qos::at_most_once;
    bool retain = false;
    PropertyList properties = {};
};

struct ClientOptions {
    Version version = Version::v3_1_1;
    std::string client_id = {};  // taken from the server's answer where it assigns one
    bool clean_start = true;
    uint16_t keep_alive_s = 60;
    std::optional<std::string> user_name = {};
    std::optional<std::string> password = {};
    std::optional<ClientWill> will = {};
    PropertyList properties = {};  // of CONNECT, beside those that follow from the limits below
    uint32_t packet_bytes_max = remaining_length_max + 5;  // inbound
    uint16_t receive_maximum = 65'535;                     // inbound QoS 2 not yet released
    uint16_t topic_alias_maximum = 0;                      // inbound
    uint16_t topic_alias_maximum_out = 0;   // outbound, where the server allows; QoS 0 only
    uint16_t in_flight_max = 1'000;         // outbound QoS 1 and 2, beside the server's limit
    bool repeats = true;                    // keep a copy of what is in flight, for a reconnect
    Duration answer_timeout = seconds(10);  // for CONNACK and PINGRESP
};

// Told of what the server sent, in order, during feed and tick. Views are valid during the call
// only. May call the connection's output functions, but not feed, tick or the destructor.
class ClientHandler {
  public:
    virtual ~ClientHandler() = default;
    virtual void on_connected(const Connack&) {}
    // Topic aliases are resolved, repeated QoS 2 messages are left out, and the acknowledgement is
    // written when this returns.
    virtual void on_message(const Publish&) {}
    // The last answer to a QoS 1 or 2 message: it is the server's now, or it was refused.
    virtual void on_acknowledged(PacketId, Reason) {}
    // One reason code (a byte) for each filter; an UNSUBACK before 5.0 has none.
    virtual void on_subscribed(PacketId, BytesView) {}
    virtual void on_unsubscribed(PacketId, BytesView) {}
    virtual void on_auth(const Auth&) {}
    // Refused, sent away, timed out, or the server broke the protocol. Not after disconnect().
    virtual void on_closed(const ProtocolError&) {}
};

// The client's side of a connection, and of the session that outlives it, without I/O. Packets to
// send are appended to `out`, which the caller owns, sends and clears; many calls, one write.
// After a loss: reset by connect() on a new stream; what was in flight is sent again, with DUP
// where the server kept the session, anew where it did not. Without `repeats` it is forgotten.
// Times are of one monotonic clock. One thread. Memory: 48 bytes for each id in flight at most so
// far, and with `repeats` a copy of each packet in flight.
class ClientConnection {
  public:
    explicit ClientConnection(ClientOptions options);

    // Change between connections only.
    ClientOptions& options() { return options_; }

    // Starts a connection on a fresh stream: CONNECT.
    void connect(Time now, std::string& out);
    void feed(BytesView bytes, Time now, ClientHandler& handler, std::string& out);
    // When tick must be called at the latest; empty for never.
    std::optional<Time> deadline() const;
    // PINGREQ where one is due; closes if the server is silent.
    void tick(Time now, ClientHandler& handler, std::string& out);
    // DISCONNECT, and closed. Send what is in `out`, then close the stream.
    void disconnect(std::string& out, Reason reason = Reason::success);
    // The stream broke.
    void lost() { state_ = State::closed; }

    bool connected() const { return state_ == State::connected; }
    bool closed() const { return state_ == State::closed; }

    // How many more QoS 1 and 2 messages may be sent now.
    size_t window() const;
    size_t in_flight() const { return in_flight_; }
    // Ids taken by messages, subscriptions and unsubscriptions that are not yet answered.
    bool idle() const { return free_ids_.size() == slots_.size(); }

    // The message's packet id, dup and (if none) topic alias are ours to set. The id is none at
    // QoS 0. Fails with `unavailable` when not connected or window() is 0 (check first in a hot
    // loop), `limit_exceeded` over the server's packet size, `unsupported` for a QoS or retain that
    // the server lacks, `invalid_argument` for a bad topic.
    Result<PacketId> publish(const Publish& message, std::string& out);
    Result<PacketId> subscribe(std::span<const Subscription> subscriptions, std::string& out,
                               const Properties& properties = {});
    Result<PacketId> unsubscribe(std::span<const std::string_view> filters, std::string& out,
                                 const Properties& properties = {});
    void auth(const Auth& packet, std::string& out);

  private:
    enum class State : uint8_t { closed, connecting, connected };
    enum class Awaits : uint8_t { nothing, puback, pubrec, pubcomp, suback, unsuback };
    struct Slot {
        Awaits awaits = Awaits::nothing;
        uint64_t order = 0;  // of the first sending
        std::string packet;  // PUBLISH, with `repeats`
    };

    std::optional<ProtocolError> handle(const Frame& frame, ClientHandler& handler,
                                        std::string& out);
    std::optional<ProtocolError> handle_connack(const Connack& packet, ClientHandler& handler,
                                                std::string& out);
    std::optional<ProtocolError> handle_publish(const Frame& frame, ClientHandler& handler,
                                                std::string& out);
    std::optional<ProtocolError> deliver_once(const Publish& packet, ClientHandler& handler,
                                              std::string& out);
    void handle_ack(const Ack& packet, ClientHandler& handler, std::string& out);
    void handle_pubrec(const Ack& packet, ClientHandler& handler, std::string& out);
    void handle_pubrel(const Ack& packet, std::string& out);
    void settle(PacketId id, Reason reason, ClientHandler& handler, std::string& out);
    std::optional<ProtocolError> handle_answer(const Frame& frame, ClientHandler& handler,
                                               std::string& out);
    void handle_suback(const Suback& packet, ClientHandler& handler);
    void close(const ProtocolError& error, ClientHandler& handler);
    void take_grants(const Connack& packet);
    void start_repeating(bool session_present, ClientHandler& handler, std::string& out);
    void repeat(std::string& out);
    void repeat_one(PacketId id, std::string& out);
    std::optional<Error> check(const Publish& message) const;

    Result<PacketId> take_id(Awaits awaits);
    Slot* slot(PacketId id, Awaits awaits);
    void free_id(PacketId id);
    void write_ack(PacketType type, PacketId id, std::string& out, Reason reason = Reason::success);

    ClientOptions options_;
    Assembler assembler_;
    State state_ = State::closed;
    bool sent_something_ = false;  // since checkpoint_
    bool awaits_ping_ = false;
    Time checkpoint_;  // connect(), or the last half of a keep-alive
    Time last_received_;
    Time ping_sent_;
    uint16_t keep_alive_s_ = 0;
    uint16_t window_max_ = 0;
    uint32_t packet_bytes_max_out_ = 0;
    Qos qos_max_ = Qos::exactly_once;
    bool retain_available_ = true;

    std::vector<Slot> slots_;  // of packet id n at n - 1
    std::vector<uint16_t> free_ids_;
    std::vector<uint16_t> to_repeat_;  // ids, last first
    size_t in_flight_ = 0;             // messages, sent in this connection or to be repeated
    uint64_t next_order_ = 0;
    bool repeat_as_dup_ = false;

    std::unique_ptr<std::bitset<65'536>> received_;  // QoS 2 ids that await PUBREL
    size_t received_count_ = 0;
    std::optional<InboundAliases> inbound_aliases_;
    std::optional<OutboundAliases> outbound_aliases_;
};

}  // namespace hw::mqtt

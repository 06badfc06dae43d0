#include "wire/mqtt/server_connection.h"

#include <algorithm>
#include <utility>

#include "base/assert.h"

namespace hw::mqtt {
namespace {

// 1.5 times the keep-alive [MQTT-3.1.2-22].
Duration patience(uint16_t keep_alive_s) {
    return milliseconds(int64_t{1500} * keep_alive_s);
}

template <class Call, class Packet>
std::optional<ProtocolError> pass(Parsed<Packet> packet, Call call) {
    if (!packet) [[unlikely]]
        return packet.error();
    call(*packet);
    return std::nullopt;
}

}  // namespace

ServerConnection::ServerConnection(const ServerLimits& limits, Time now)
    : limits_(&limits), last_received_(now) {}
ServerConnection::~ServerConnection() = default;
ServerConnection::ServerConnection(ServerConnection&&) noexcept = default;

void ServerConnection::feed(BytesView bytes, Time now, ServerHandler& handler, std::string& out) {
    if (closed()) return;
    // The connect time-out runs from the accept, whatever dribbles in.
    if (state_ != State::opening) last_received_ = now;
    assembler_.give(as_text(bytes));
    run(handler, out);
}

void ServerConnection::resume(Time now, ServerHandler& handler, std::string& out) {
    feed({}, now, handler, out);
}

void ServerConnection::run(ServerHandler& handler, std::string& out) {
    while (!closed()) {
        const FrameResult next = assembler_.next(limits_->packet_bytes_max, version_);
        if (next.framing != Framing::complete) [[unlikely]] {
            if (next.framing == Framing::error) fail(next.error, handler, out);
            break;
        }
        if (state_ == State::answering) [[unlikely]] {
            // Nothing that follows a CONNECT counts until it is accepted [MQTT-3.1.4-6].
            if (!authenticates_ || next.frame.type != PacketType::auth) break;
        }
        handle(next.frame, handler, out);
        assembler_.take(next.frame.size);
    }
    if (closed())
        assembler_.clear();
    else
        assembler_.keep();
}

void ServerConnection::handle(const Frame& frame, ServerHandler& handler, std::string& out) {
    if (state_ == State::opening) [[unlikely]] {
        handle_connect(frame, handler, out);
        return;
    }
    if (frame.type == PacketType::publish) {
        handle_publish(frame, handler, out);
        return;
    }
    handle_other(frame, handler, out);
}

void ServerConnection::handle_connect(const Frame& frame, ServerHandler& handler,
                                      std::string& out) {
    if (frame.type != PacketType::connect)  // [MQTT-3.1.0-1]
        return fail({Reason::protocol_error, "the first packet is not CONNECT"}, handler, out);
    const auto version = connect_version(frame);
    // A client with another version hears so in the form of the nearest we know [MQTT-3.1.2-2].
    if (version) version_ = *version;
    if (!version && version.error().reason == Reason::unsupported_protocol_version &&
        frame.body.starts_with(std::string_view("\0\4MQTT", 6)) && frame.body[6] > 5)
        version_ = Version::v5;
    const auto packet = parse_connect(frame);
    if (!packet) return fail(packet.error(), handler, out);
    take_requests(*packet);
    state_ = State::answering;
    handler.on_connect(*packet);
}

void ServerConnection::take_requests(const Connect& packet) {
    const Properties& asked = packet.properties;
    keep_alive_s_ = packet.keep_alive_s;
    peer_receive_maximum_ =
        static_cast<uint16_t>(asked.number(PropertyId::receive_maximum, 65'535));
    peer_packet_bytes_max_ = asked.number(PropertyId::maximum_packet_size, 0xffffffff);
    peer_topic_alias_maximum_ =
        static_cast<uint16_t>(asked.number(PropertyId::topic_alias_maximum, 0));
    authenticates_ = asked.has(PropertyId::authentication_method);
    session_ends_here_ = asked.number(PropertyId::session_expiry_interval, 0) == 0;
}

void ServerConnection::handle_publish(const Frame& frame, ServerHandler& handler,
                                      std::string& out) {
    auto packet = parse_publish(frame, version_);
    if (!packet) [[unlikely]]
        return fail(packet.error(), handler, out);
    if (const auto error = admit(*packet)) [[unlikely]]
        return fail(*error, handler, out);
    handler.on_publish(*packet);
}

// What can only be judged by the connection's past.
std::optional<ProtocolError> ServerConnection::admit(Publish& packet) {
    if (packet.qos != Qos::at_most_once) {
        if (version_ == Version::v5 && inbound_unacknowledged_ >= limits_->receive_maximum)
            return ProtocolError{Reason::receive_maximum_exceeded,  // [MQTT-3.3.4-9]
                                 "more unacknowledged messages than the receive maximum"};
        ++inbound_unacknowledged_;
    }
    if (packet.properties.empty()) return std::nullopt;
    if (packet.properties.has(PropertyId::subscription_identifier))  // [MQTT-3.3.4-6]
        return ProtocolError{Reason::protocol_error, "subscription identifier from a client"};
    if (!packet.properties.has(PropertyId::topic_alias)) return std::nullopt;
    if (!inbound_aliases_) inbound_aliases_ = std::make_unique<InboundAliases>();
    return inbound_aliases_->resolve(packet, limits_->topic_alias_maximum);
}

void ServerConnection::handle_other(const Frame& frame, ServerHandler& handler, std::string& out) {
    std::optional<ProtocolError> error;
    switch (frame.type) {
        case PacketType::puback:
        case PacketType::pubrec:
        case PacketType::pubrel:
        case PacketType::pubcomp:
            error = pass(parse_ack(frame, version_), [&](const Ack& p) { handler.on_ack(p); });
            break;
        case PacketType::subscribe:
            error = pass(parse_subscribe(frame, version_),
                         [&](const Subscribe& p) { handler.on_subscribe(p); });
            break;
        case PacketType::unsubscribe:
            error = pass(parse_unsubscribe(frame, version_),
                         [&](const Unsubscribe& p) { handler.on_unsubscribe(p); });
            break;
        case PacketType::pingreq:
            if (const auto ping = parse_ping(frame); !ping) error = ping.error();
            if (!error) {
                encode_pingresp(out);  // [MQTT-3.12.4-1]
                handler.on_ping();
            }
            break;
        case PacketType::disconnect:
            error = pass(parse_disconnect(frame, version_),
                         [&](const Disconnect& p) { handle_disconnect(p, handler, out); });
            break;
        case PacketType::auth:
            if (!authenticates_)  // [MQTT-4.12.0-6]
                error = {Reason::protocol_error, "AUTH without authentication method"};
            else
                error =
                    pass(parse_auth(frame, version_), [&](const Auth& p) { handler.on_auth(p); });
            break;
        default:  // a second CONNECT [MQTT-3.1.0-2], or what only a server sends
            error = {Reason::protocol_error, "packet type not allowed from a connected client"};
    }
    if (error) [[unlikely]]
        fail(*error, handler, out);
}

void ServerConnection::handle_disconnect(const Disconnect& packet, ServerHandler& handler,
                                         std::string& out) {
    // 3.14.2.2.2: who asked for no session cannot ask for one when leaving.
    if (session_ends_here_ && packet.properties.number(PropertyId::session_expiry_interval, 0) != 0)
        return fail({Reason::protocol_error, "session expiry raised from 0 on leaving"}, handler,
                    out);
    state_ = State::closed;
    handler.on_disconnect(packet);
}

void ServerConnection::fail(const ProtocolError& error, ServerHandler& handler, std::string& out) {
    if (closed()) return;
    if (state_ == State::connected) {
        say_goodbye(error.reason, error.why, out);
    } else if (version_ == Version::v5 || error.reason == Reason::unsupported_protocol_version ||
               error.reason == Reason::client_identifier_not_valid) {
        // Before 5.0 a refusal exists for these two only; anything else just closes.
        write_refusal(error.reason, error.why, out);
    }
    state_ = State::closed;
    handler.on_protocol_error(error);
}

void ServerConnection::say_goodbye(Reason reason, std::string_view why, std::string& out) {
    if (version_ != Version::v5) return;
    const size_t before = out.size();
    PropertyList properties;
    if (!why.empty()) properties.text(PropertyId::reason_string, why);
    encode(Disconnect{reason, properties.view()}, version_, out);
    if (out.size() - before <= peer_packet_bytes_max_) return;
    out.resize(before);  // [MQTT-3.14.2-3]
    encode(Disconnect{reason}, version_, out);
}

void ServerConnection::write_refusal(Reason reason, std::string_view why, std::string& out) {
    const size_t before = out.size();
    PropertyList properties;
    if (!why.empty()) properties.text(PropertyId::reason_string, why);
    encode(Connack{.reason = reason, .properties = properties.view()}, version_, out);
    if (out.size() - before <= peer_packet_bytes_max_) return;
    out.resize(before);  // [MQTT-3.2.2-19]
    encode(Connack{.reason = reason}, version_, out);
}

std::optional<Time> ServerConnection::deadline() const {
    switch (state_) {
        case State::opening:
            return last_received_ + limits_->connect_timeout;
        case State::answering:
            // An answer of ours may take its time; a dialogue of the client's may not.
            if (!authenticates_) return std::nullopt;
            return last_received_ + limits_->connect_timeout;
        case State::connected:
            if (keep_alive_s_ == 0) return std::nullopt;
            return last_received_ + patience(keep_alive_s_);
        case State::closed:
            return std::nullopt;
    }
    HW_UNREACHABLE();
}

bool ServerConnection::expired(Time now) const {
    const auto limit = deadline();
    return limit && now >= *limit;
}

void ServerConnection::time_out(std::string& out) {
    disconnect(Reason::keep_alive_timeout, out);
}

void ServerConnection::disconnect(Reason reason, std::string& out, std::string_view why) {
    if (closed()) return;
    // No DISCONNECT before a successful CONNACK [MQTT-3.14.0-1].
    if (state_ == State::connected) say_goodbye(reason, why, out);
    state_ = State::closed;
}

void ServerConnection::accept(const Acceptance& acceptance, std::string& out) {
    if (closed()) return;
    HW_ASSERT(state_ == State::answering);
    state_ = State::connected;
    const Connack plain{.session_present = acceptance.session_present};
    if (version_ != Version::v5) return encode(plain, version_, out);

    PropertyList properties;
    using enum PropertyId;
    if (acceptance.session_expiry_s) {
        properties.number(session_expiry_interval, *acceptance.session_expiry_s);
        session_ends_here_ = session_ends_here_ && *acceptance.session_expiry_s == 0;
    }
    if (limits_->receive_maximum < 65'535)
        properties.number(PropertyId::receive_maximum, limits_->receive_maximum);
    properties.number(maximum_packet_size, limits_->packet_bytes_max);
    if (!acceptance.assigned_client_id.empty())
        properties.text(assigned_client_identifier, acceptance.assigned_client_id);
    if (limits_->topic_alias_maximum > 0)
        properties.number(topic_alias_maximum, limits_->topic_alias_maximum);
    const uint16_t most = limits_->keep_alive_max_s;
    if (most != 0 && (keep_alive_s_ == 0 || keep_alive_s_ > most)) {
        keep_alive_s_ = most;
        properties.number(server_keep_alive, most);
    }
    properties.copy(acceptance.properties);
    encode(Connack{acceptance.session_present, Reason::success, properties.view()}, version_, out);

    const uint16_t aliases = std::min(peer_topic_alias_maximum_, limits_->topic_alias_maximum_out);
    if (aliases == 0) return;
    outbound_aliases_ = std::make_unique<OutboundAliases>(aliases);
}

void ServerConnection::refuse(Reason reason, std::string& out, std::string_view why) {
    if (closed()) return;
    HW_ASSERT(state_ == State::answering && failed(reason));
    write_refusal(reason, why, out);
    state_ = State::closed;
}

void ServerConnection::acknowledge(PacketType type, PacketId id, Reason reason, std::string& out) {
    if (state_ != State::connected) return;
    if (reason == Reason::success) [[likely]]
        encode_bare_ack(type, id, out);
    else
        encode(Ack{.type = type, .packet_id = id, .reason = reason}, version_, out);
    const bool settles = type == PacketType::puback || type == PacketType::pubcomp ||
                         (type == PacketType::pubrec && failed(reason));
    // A PUBCOMP may end what an earlier connection began, so there may be nothing to give back.
    if (settles && inbound_unacknowledged_ > 0) --inbound_unacknowledged_;
}

void ServerConnection::puback(PacketId id, std::string& out, Reason reason) {
    acknowledge(PacketType::puback, id, reason, out);
}
void ServerConnection::pubrec(PacketId id, std::string& out, Reason reason) {
    acknowledge(PacketType::pubrec, id, reason, out);
}
void ServerConnection::pubcomp(PacketId id, std::string& out, Reason reason) {
    acknowledge(PacketType::pubcomp, id, reason, out);
}
void ServerConnection::pubrel(PacketId id, std::string& out, Reason reason) {
    acknowledge(PacketType::pubrel, id, reason, out);
}

void ServerConnection::suback(PacketId id, std::span<const Reason> reasons, std::string& out) {
    if (state_ != State::connected) return;
    encode(Suback{.packet_id = id, .reasons = std::as_bytes(reasons)}, version_, out);
}

void ServerConnection::unsuback(PacketId id, std::span<const Reason> reasons, std::string& out) {
    if (state_ != State::connected) return;
    encode(Suback{PacketType::unsuback, id, std::as_bytes(reasons)}, version_, out);
}

void ServerConnection::auth(const Auth& packet, std::string& out) {
    if (closed() || version_ != Version::v5) return;
    encode(packet, out);
}

Sent ServerConnection::publish(const PublishImage& image, PacketId id, bool dup, bool retain,
                               std::string& out) {
    if (state_ != State::connected) return Sent::closed;
    if (image.size() > peer_packet_bytes_max_) return Sent::too_large;
    image.append(id, dup, retain, out);
    return Sent::yes;
}

Sent ServerConnection::publish(const Publish& packet, std::string& out) {
    if (state_ != State::connected) return Sent::closed;
    const size_t size = encoded_size(packet, version_);
    if (size > peer_packet_bytes_max_) return Sent::too_large;
    const bool shorten =
        outbound_aliases_ && size + OutboundAliases::overhead_max <= peer_packet_bytes_max_;
    const bool fits =
        shorten ? outbound_aliases_->encode(packet, out) : encode(packet, version_, out);
    return fits ? Sent::yes : Sent::too_large;
}

}  // namespace hw::mqtt

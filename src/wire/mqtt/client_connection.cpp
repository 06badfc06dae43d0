#include "wire/mqtt/client_connection.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "base/assert.h"

namespace hw::mqtt {
namespace {

Connect connect_of(const ClientOptions& options, const PropertyList& properties) {
    Connect packet{.version = options.version,
                   .clean_start = options.clean_start,
                   .keep_alive_s = options.keep_alive_s,
                   .client_id = options.client_id,
                   .properties = properties.view()};
    if (options.will)
        packet.will = Will{options.will->topic, as_bytes(options.will->payload), options.will->qos,
                           options.will->retain, options.will->properties.view()};
    if (options.user_name) packet.user_name = *options.user_name;
    if (options.password) packet.password = as_bytes(*options.password);
    return packet;
}

PropertyList connect_properties(const ClientOptions& options) {
    PropertyList properties = options.properties;
    if (options.receive_maximum < 65'535)
        properties.number(PropertyId::receive_maximum, options.receive_maximum);
    if (options.packet_bytes_max < remaining_length_max + 5)
        properties.number(PropertyId::maximum_packet_size, options.packet_bytes_max);
    if (options.topic_alias_maximum > 0)
        properties.number(PropertyId::topic_alias_maximum, options.topic_alias_maximum);
    return properties;
}

Duration half(uint16_t keep_alive_s) {
    return milliseconds(int64_t{500} * keep_alive_s);
}

}  // namespace

ClientConnection::ClientConnection(ClientOptions options) : options_(std::move(options)) {}

void ClientConnection::connect(Time now, std::string& out) {
    state_ = State::connecting;
    assembler_.clear();
    inbound_aliases_.reset();
    outbound_aliases_.reset();
    to_repeat_.clear();
    awaits_ping_ = false;
    sent_something_ = false;
    checkpoint_ = now;
    last_received_ = now;
    // Subscriptions that were under way are not the session's yet.
    for (size_t i = 0; i < slots_.size(); ++i) {
        const Awaits awaits = slots_[i].awaits;
        const bool message =
            awaits == Awaits::puback || awaits == Awaits::pubrec || awaits == Awaits::pubcomp;
        if (awaits != Awaits::nothing && !(message && options_.repeats))
            free_id(PacketId{static_cast<uint16_t>(i + 1)});
    }
    encode(connect_of(options_, connect_properties(options_)), out);
}

void ClientConnection::feed(BytesView bytes, Time now, ClientHandler& handler, std::string& out) {
    if (closed()) return;
    last_received_ = now;
    assembler_.give(as_text(bytes));
    while (!closed()) {
        const FrameResult next = assembler_.next(options_.packet_bytes_max, options_.version);
        if (next.framing == Framing::need_more) break;
        std::optional<ProtocolError> error;
        if (next.framing == Framing::error)
            error = next.error;
        else
            error = handle(next.frame, handler, out);
        if (error) {
            // Towards a server that answered, a client of 5.0 says why it goes [MQTT-4.13.1-1].
            if (connected() && options_.version == Version::v5)
                encode(Disconnect{error->reason}, options_.version, out);
            close(*error, handler);
            break;
        }
        assembler_.take(next.frame.size);
    }
    if (closed())
        assembler_.clear();
    else
        assembler_.keep();
}

std::optional<ProtocolError> ClientConnection::handle(const Frame& frame, ClientHandler& handler,
                                                      std::string& out) {
    if (state_ == State::connecting && frame.type != PacketType::connack &&
        frame.type != PacketType::auth)  // [MQTT-3.2.0-1]
        return ProtocolError{Reason::protocol_error, "the server's first packet is not CONNACK"};
    switch (frame.type) {
        case PacketType::publish:
            return handle_publish(frame, handler, out);
        case PacketType::connack: {
            if (connected())  // [MQTT-3.2.0-2]
                return ProtocolError{Reason::protocol_error, "a second CONNACK"};
            const auto packet = parse_connack(frame, options_.version);
            if (!packet) return packet.error();
            return handle_connack(*packet, handler, out);
        }
        case PacketType::pingresp: {
            if (const auto ping = parse_ping(frame); !ping) return ping.error();
            awaits_ping_ = false;
            return std::nullopt;
        }
        case PacketType::disconnect: {
            if (options_.version != Version::v5)
                return ProtocolError{Reason::protocol_error, "DISCONNECT from the server"};
            const auto packet = parse_disconnect(frame, options_.version);
            if (!packet) return packet.error();
            close({packet->reason, "the server disconnected"}, handler);
            return std::nullopt;
        }
        case PacketType::auth: {
            const auto packet = parse_auth(frame, options_.version);
            if (!packet) return packet.error();
            handler.on_auth(*packet);
            return std::nullopt;
        }
        default:
            return handle_answer(frame, handler, out);
    }
}

std::optional<ProtocolError> ClientConnection::handle_answer(const Frame& frame,
                                                             ClientHandler& handler,
                                                             std::string& out) {
    switch (frame.type) {
        case PacketType::puback:
        case PacketType::pubrec:
        case PacketType::pubrel:
        case PacketType::pubcomp: {
            const auto packet = parse_ack(frame, options_.version);
            if (!packet) return packet.error();
            handle_ack(*packet, handler, out);
            return std::nullopt;
        }
        case PacketType::suback:
        case PacketType::unsuback: {
            const auto packet = parse_suback(frame, options_.version);
            if (!packet) return packet.error();
            handle_suback(*packet, handler);
            return std::nullopt;
        }
        default:
            return ProtocolError{Reason::protocol_error, "packet type not allowed from a server"};
    }
}

std::optional<ProtocolError> ClientConnection::handle_connack(const Connack& packet,
                                                              ClientHandler& handler,
                                                              std::string& out) {
    if (failed(packet.reason)) {
        close({packet.reason, "the server refused the connection"}, handler);
        return std::nullopt;
    }
    if (packet.session_present && options_.clean_start)  // [MQTT-3.2.2-4]
        return ProtocolError{Reason::protocol_error, "session present after a clean start"};
    state_ = State::connected;
    take_grants(packet);
    if (!packet.session_present) {
        received_.reset();
        received_count_ = 0;
    }
    start_repeating(packet.session_present, handler, out);
    handler.on_connected(packet);
    return std::nullopt;
}

void ClientConnection::take_grants(const Connack& packet) {
    using enum PropertyId;
    const Properties& granted = packet.properties;
    keep_alive_s_ = static_cast<uint16_t>(granted.number(server_keep_alive, options_.keep_alive_s));
    window_max_ = static_cast<uint16_t>(
        std::min<uint32_t>(granted.number(receive_maximum, 65'535), options_.in_flight_max));
    packet_bytes_max_out_ =
        granted.number(maximum_packet_size, static_cast<uint32_t>(remaining_length_max + 5));
    qos_max_ = static_cast<Qos>(granted.number(maximum_qos, 2));
    retain_available_ = granted.number(retain_available, 1) != 0;
    if (granted.has(assigned_client_identifier))
        options_.client_id = granted.text(assigned_client_identifier);
    const auto aliases = std::min(static_cast<uint16_t>(granted.number(topic_alias_maximum, 0)),
                                  options_.topic_alias_maximum_out);
    if (aliases > 0) outbound_aliases_.emplace(aliases);
}

// What an earlier connection left unanswered, in its order [MQTT-4.6.0-1].
void ClientConnection::start_repeating(bool session_present, ClientHandler& handler,
                                       std::string& out) {
    repeat_as_dup_ = session_present;
    std::vector<PacketId> done;
    for (size_t i = 0; i < slots_.size(); ++i) {
        const PacketId id{static_cast<uint16_t>(i + 1)};
        if (slots_[i].awaits == Awaits::nothing) continue;
        // The server has answered for this one; the session that would complete it is gone.
        if (slots_[i].awaits == Awaits::pubcomp && !session_present) {
            free_id(id);
            done.push_back(id);
            continue;
        }
        to_repeat_.push_back(id.value());
    }
    std::sort(to_repeat_.begin(), to_repeat_.end(), [this](uint16_t a, uint16_t b) {
        return slots_[a - 1u].order > slots_[b - 1u].order;
    });
    repeat(out);
    for (const PacketId id : done)
        handler.on_acknowledged(id, Reason::success);
}

void ClientConnection::repeat(std::string& out) {
    while (!to_repeat_.empty() && in_flight_ - to_repeat_.size() < window_max_) {
        const PacketId id{to_repeat_.back()};
        to_repeat_.pop_back();
        repeat_one(id, out);
    }
}

void ClientConnection::repeat_one(PacketId id, std::string& out) {
    const Slot& slot = slots_[id.value() - 1u];
    if (slot.awaits == Awaits::pubcomp) return write_ack(PacketType::pubrel, id, out);
    const size_t before = out.size();
    out.append(slot.packet);
    if (repeat_as_dup_) out[before] = static_cast<char>(out[before] | 0x08);  // [MQTT-3.3.1-1]
    sent_something_ = true;
}

std::optional<ProtocolError> ClientConnection::handle_publish(const Frame& frame,
                                                              ClientHandler& handler,
                                                              std::string& out) {
    auto packet = parse_publish(frame, options_.version);
    if (!packet) return packet.error();
    if (packet->properties.has(PropertyId::topic_alias)) {
        if (!inbound_aliases_) inbound_aliases_.emplace();
        if (auto error = inbound_aliases_->resolve(*packet, options_.topic_alias_maximum))
            return error;
    }
    if (packet->qos == Qos::exactly_once) return deliver_once(*packet, handler, out);
    handler.on_message(*packet);
    if (packet->qos == Qos::at_least_once) write_ack(PacketType::puback, packet->packet_id, out);
    return std::nullopt;
}

std::optional<ProtocolError> ClientConnection::deliver_once(const Publish& packet,
                                                            ClientHandler& handler,
                                                            std::string& out) {
    if (!received_) received_ = std::make_unique<std::bitset<65'536>>();
    const uint16_t id = packet.packet_id.value();
    if (!received_->test(id)) {
        if (options_.version == Version::v5 && received_count_ >= options_.receive_maximum)
            return ProtocolError{Reason::receive_maximum_exceeded,
                                 "more unreleased messages than the receive maximum"};
        received_->set(id);
        ++received_count_;
        handler.on_message(packet);
    }
    write_ack(PacketType::pubrec, packet.packet_id, out);
    return std::nullopt;
}

void ClientConnection::handle_ack(const Ack& packet, ClientHandler& handler, std::string& out) {
    switch (packet.type) {
        case PacketType::puback:
            if (slot(packet.packet_id, Awaits::puback))
                settle(packet.packet_id, packet.reason, handler, out);
            return;
        case PacketType::pubrec:
            return handle_pubrec(packet, handler, out);
        case PacketType::pubrel:
            return handle_pubrel(packet, out);
        default:
            if (slot(packet.packet_id, Awaits::pubcomp))
                settle(packet.packet_id, packet.reason, handler, out);
    }
}

void ClientConnection::handle_pubrec(const Ack& packet, ClientHandler& handler, std::string& out) {
    if (Slot* const waiting = slot(packet.packet_id, Awaits::pubrec)) {
        if (failed(packet.reason)) return settle(packet.packet_id, packet.reason, handler, out);
        waiting->awaits = Awaits::pubcomp;
        waiting->packet = {};  // never sent again [MQTT-4.3.3-6]
        return write_ack(PacketType::pubrel, packet.packet_id, out);
    }
    if (failed(packet.reason)) return;
    const bool repeated = slot(packet.packet_id, Awaits::pubcomp) != nullptr;
    write_ack(PacketType::pubrel, packet.packet_id, out,
              repeated ? Reason::success : Reason::packet_identifier_not_found);
}

void ClientConnection::handle_pubrel(const Ack& packet, std::string& out) {
    const uint16_t id = packet.packet_id.value();
    const bool known = received_ && received_->test(id);
    if (known) {
        received_->reset(id);
        --received_count_;
    }
    write_ack(PacketType::pubcomp, packet.packet_id, out,
              known ? Reason::success : Reason::packet_identifier_not_found);
}

void ClientConnection::settle(PacketId id, Reason reason, ClientHandler& handler,
                              std::string& out) {
    // An answer to a message not yet repeated: from a server that had it before the loss.
    std::erase(to_repeat_, id.value());
    free_id(id);
    handler.on_acknowledged(id, reason);
    if (connected()) repeat(out);
}

void ClientConnection::handle_suback(const Suback& packet, ClientHandler& handler) {
    const bool subscribed = packet.type == PacketType::suback;
    if (!slot(packet.packet_id, subscribed ? Awaits::suback : Awaits::unsuback)) return;
    free_id(packet.packet_id);
    if (subscribed)
        handler.on_subscribed(packet.packet_id, packet.reasons);
    else
        handler.on_unsubscribed(packet.packet_id, packet.reasons);
}

void ClientConnection::close(const ProtocolError& error, ClientHandler& handler) {
    if (closed()) return;
    state_ = State::closed;
    handler.on_closed(error);
}

std::optional<Time> ClientConnection::deadline() const {
    if (closed()) return std::nullopt;
    if (state_ == State::connecting) return checkpoint_ + options_.answer_timeout;
    if (keep_alive_s_ == 0) return std::nullopt;
    const Time next = checkpoint_ + half(keep_alive_s_);
    if (!awaits_ping_) return next;
    return std::min(next, std::max(ping_sent_, last_received_) + options_.answer_timeout);
}

// Looks every half keep-alive whether anything was sent, so that the gap stays under a whole one
// without a look at the clock for each packet.
void ClientConnection::tick(Time now, ClientHandler& handler, std::string& out) {
    if (closed()) return;
    if (state_ == State::connecting) {
        if (now >= checkpoint_ + options_.answer_timeout)
            close({Reason::server_unavailable, "no answer to CONNECT in time"}, handler);
        return;
    }
    if (keep_alive_s_ == 0) return;
    if (awaits_ping_ && now >= std::max(ping_sent_, last_received_) + options_.answer_timeout)
        return close({Reason::keep_alive_timeout, "no answer to PINGREQ in time"}, handler);
    if (now < checkpoint_ + half(keep_alive_s_)) return;
    if (!sent_something_) {
        encode_pingreq(out);
        if (!awaits_ping_) ping_sent_ = now;
        awaits_ping_ = true;
    }
    sent_something_ = false;
    checkpoint_ = now;
}

void ClientConnection::disconnect(std::string& out, Reason reason) {
    if (connected()) encode(Disconnect{reason}, options_.version, out);
    state_ = State::closed;
}

size_t ClientConnection::window() const {
    if (!connected() || !to_repeat_.empty() || in_flight_ >= window_max_) return 0;
    return window_max_ - in_flight_;
}

std::optional<Error> ClientConnection::check(const Publish& message) const {
    if (!connected()) return Error(ErrorCode::unavailable, "not connected; publish once connected");
    if (!valid_topic_name(message.topic))
        return Error(ErrorCode::invalid_argument,
                     fmt::format("topic '{}' is empty, has wildcards or bad UTF-8", message.topic));
    if (message.qos > qos_max_)
        return Error(ErrorCode::unsupported,
                     fmt::format("QoS {} is over the server's maximum of {}; use that",
                                 static_cast<int>(message.qos), static_cast<int>(qos_max_)));
    if (message.retain && !retain_available_)
        return Error(ErrorCode::unsupported, "the server keeps no retained messages");
    const size_t size = encoded_size(message, options_.version);
    if (size > packet_bytes_max_out_)
        return Error(
            ErrorCode::limit_exceeded,
            fmt::format("message of {} bytes is over the server's maximum of {}; send less", size,
                        packet_bytes_max_out_));
    if (message.qos != Qos::at_most_once && window() == 0)
        return Error(ErrorCode::unavailable,
                     fmt::format("{} messages are in flight, the most allowed; wait for an answer",
                                 in_flight_));
    return std::nullopt;
}

Result<PacketId> ClientConnection::publish(const Publish& message, std::string& out) {
    if (auto error = check(message)) return fail(std::move(*error));
    Publish packet = message;
    packet.dup = false;
    packet.packet_id = PacketId{};
    sent_something_ = true;
    if (packet.qos == Qos::at_most_once) {
        const bool shorten = outbound_aliases_ && encoded_size(packet, options_.version) +
                                                          OutboundAliases::overhead_max <=
                                                      packet_bytes_max_out_;
        if (shorten)
            outbound_aliases_->encode(packet, out);
        else
            encode(packet, options_.version, out);
        return packet.packet_id;
    }
    packet.packet_id =
        HW_TRY(take_id(packet.qos == Qos::at_least_once ? Awaits::puback : Awaits::pubrec));
    ++in_flight_;
    const size_t before = out.size();
    encode(packet, options_.version, out);
    if (options_.repeats)
        slots_[packet.packet_id.value() - 1u].packet.assign(out, before, std::string::npos);
    return packet.packet_id;
}

Result<PacketId> ClientConnection::subscribe(std::span<const Subscription> subscriptions,
                                             std::string& out, const Properties& properties) {
    if (!connected())
        return fail(ErrorCode::unavailable, "not connected; subscribe once connected");
    if (subscriptions.empty()) return fail(ErrorCode::invalid_argument, "no topic filter given");
    for (const Subscription& subscription : subscriptions)
        if (!valid_topic_filter(subscription.filter))
            return fail(ErrorCode::invalid_argument,
                        fmt::format("topic filter '{}' is empty, has misplaced wildcards or bad "
                                    "UTF-8",
                                    subscription.filter));
    const PacketId id = HW_TRY(take_id(Awaits::suback));
    encode_subscribe(id, subscriptions, properties, options_.version, out);
    sent_something_ = true;
    return id;
}

Result<PacketId> ClientConnection::unsubscribe(std::span<const std::string_view> filters,
                                               std::string& out, const Properties& properties) {
    if (!connected())
        return fail(ErrorCode::unavailable, "not connected; unsubscribe once connected");
    if (filters.empty()) return fail(ErrorCode::invalid_argument, "no topic filter given");
    for (const std::string_view filter : filters)
        if (!valid_topic_filter(filter))
            return fail(ErrorCode::invalid_argument,
                        fmt::format("topic filter '{}' is not valid", filter));
    const PacketId id = HW_TRY(take_id(Awaits::unsuback));
    encode_unsubscribe(id, filters, properties, options_.version, out);
    sent_something_ = true;
    return id;
}

void ClientConnection::auth(const Auth& packet, std::string& out) {
    if (closed() || options_.version != Version::v5) return;
    encode(packet, out);
    sent_something_ = true;
}

Result<PacketId> ClientConnection::take_id(Awaits awaits) {
    if (free_ids_.empty()) {
        if (slots_.size() == 65'535)
            return fail(ErrorCode::unavailable,
                        "all 65,535 packet ids are in use; wait for answers");
        slots_.emplace_back();
        free_ids_.push_back(static_cast<uint16_t>(slots_.size()));
    }
    const PacketId id{free_ids_.back()};
    free_ids_.pop_back();
    Slot& slot = slots_[id.value() - 1u];
    slot.awaits = awaits;
    slot.order = next_order_++;
    return id;
}

ClientConnection::Slot* ClientConnection::slot(PacketId id, Awaits awaits) {
    if (id.value() == 0 || id.value() > slots_.size()) return nullptr;
    Slot& slot = slots_[id.value() - 1u];
    return slot.awaits == awaits ? &slot : nullptr;
}

void ClientConnection::free_id(PacketId id) {
    Slot& slot = slots_[id.value() - 1u];
    const bool message = slot.awaits == Awaits::puback || slot.awaits == Awaits::pubrec ||
                         slot.awaits == Awaits::pubcomp;
    HW_ASSERT(slot.awaits != Awaits::nothing);
    if (message) --in_flight_;
    slot.awaits = Awaits::nothing;
    slot.packet.clear();
    free_ids_.push_back(id.value());
}

void ClientConnection::write_ack(PacketType type, PacketId id, std::string& out, Reason reason) {
    if (!connected()) return;
    encode(Ack{.type = type, .packet_id = id, .reason = reason}, options_.version, out);
    sent_something_ = true;
}

}  // namespace hw::mqtt

#include "base/assert.h"
#include "wire/mqtt/codec.h"
#include "wire/mqtt/fields.h"

// All packets but CONNECT and CONNACK.
namespace hw::mqtt {
namespace {

std::unexpected<ProtocolError> refuse(Reason reason, std::string_view why) {
    return std::unexpected(ProtocolError{reason, why});
}

std::unexpected<ProtocolError> malformed(std::string_view why) {
    return refuse(Reason::malformed_packet, why);
}

// [MQTT-3.8.3-4], [MQTT-3.8.3-5], 3.1.1: [MQTT-3-8.3-4]
Parsed<void> check_options(uint8_t options, std::string_view filter, Version version) {
    if ((options & 3) == 3) return malformed("subscription QoS is 3");
    if (version != Version::v5) {
        if ((options & 0xfc) != 0) return malformed("reserved subscription option is set");
        return {};
    }
    if ((options & 0xc0) != 0) return malformed("reserved subscription option is set");
    if ((options & 0x30) == 0x30) return refuse(Reason::protocol_error, "retain handling is 3");
    if ((options & 0x04) != 0 && filter.starts_with("$share/"))
        return refuse(Reason::protocol_error, "no local on a shared subscription");
    return {};
}

// The payload of SUBSCRIBE or UNSUBSCRIBE.
Parsed<SubscriptionList> parse_filters(ByteReader& reader, bool with_options, Version version) {
    const std::string_view raw = as_text(reader.rest());
    ByteReader inner(as_bytes(raw));
    size_t count = 0;
    for (; !inner.at_end(); ++count) {
        const std::string_view filter = read_field(inner);
        const uint8_t options = with_options ? inner.u8() : 0;
        if (inner.failed()) return malformed("topic filter is cut short");
        if (!valid_topic_filter(filter))  // [MQTT-4.7.1-1, 4.7.1-2, 4.7.3-1, 3.8.3-1]
            return refuse(Reason::topic_filter_invalid,
                          "topic filter is empty, has misplaced wildcards or bad UTF-8");
        if (auto checked = check_options(options, filter, version); !checked)
            return std::unexpected(checked.error());
    }
    if (count == 0)  // [MQTT-3.8.3-2, 3.10.3-2]
        return refuse(Reason::protocol_error, "no topic filter");
    return SubscriptionList{raw, count, with_options};
}

Parsed<Properties> properties_if_v5(ByteReader& reader, PacketType type, Version version) {
    if (version != Version::v5) return Properties{};
    return parse_properties(reader, place_of(type));
}

// SUBSCRIBE and UNSUBSCRIBE differ in the options only.
template <class Packet>
Parsed<Packet> parse_filter_packet(const Frame& frame, Version version) {
    ByteReader reader(as_bytes(frame.body));
    const PacketId id{reader.big<uint16_t>()};
    if (reader.failed()) return malformed("packet id is cut short");
    if (id == PacketId{})  // [MQTT-2.2.1-3]
        return refuse(Reason::protocol_error, "packet id is 0");
    const auto properties = properties_if_v5(reader, frame.type, version);
    if (!properties) return std::unexpected(properties.error());
    const auto filters = parse_filters(reader, frame.type == PacketType::subscribe, version);
    if (!filters) return std::unexpected(filters.error());
    return Packet{id, *filters, *properties};
}

Parsed<void> check_reasons(std::string_view reasons, PacketType type, Version version) {
    if (reasons.empty()) return malformed("no reason code");
    for (const char code : reasons) {
        const auto reason = static_cast<Reason>(code);
        const bool known_before_5 =
            reason <= Reason::granted_qos_2 || reason == Reason::unspecified_error;
        if (!reason_allowed(type, reason) || (version != Version::v5 && !known_before_5))
            return malformed("reason code is not of the standard");
    }
    return {};
}

// The tail of DISCONNECT and AUTH: a reason and properties, each left out if it says nothing.
template <class Packet>
Parsed<Packet> parse_reason_packet(const Frame& frame) {
    if (frame.body.empty()) return Packet{};
    ByteReader reader(as_bytes(frame.body));
    Packet packet;
    packet.reason = static_cast<Reason>(reader.u8());
    if (!reason_allowed(frame.type, packet.reason))  // [MQTT-3.14.2-1, 3.15.2-1]
        return malformed("reason code is not of the standard");
    if (reader.at_end()) return packet;
    const auto properties = parse_properties(reader, place_of(frame.type));
    if (!properties) return std::unexpected(properties.error());
    packet.properties = *properties;
    if (!reader.at_end()) return malformed("bytes after the end of the packet");
    return packet;
}

std::optional<ProtocolError> read_publish(const Frame& frame, Version version, Publish& publish) {
    const unsigned qos = frame.flags >> 1 & 3;
    if (qos == 3) [[unlikely]]
        return ProtocolError{Reason::malformed_packet, "QoS is 3"};  // [MQTT-3.3.1-4]
    publish.qos = static_cast<Qos>(qos);
    publish.dup = (frame.flags & 8) != 0;
    publish.retain = (frame.flags & 1) != 0;
    if (publish.dup && qos == 0) [[unlikely]]
        return ProtocolError{Reason::malformed_packet, "DUP at QoS 0"};  // [MQTT-3.3.1-2]
    ByteReader reader(as_bytes(frame.body));
    publish.topic = read_field(reader);
    if (qos != 0) {
        publish.packet_id = PacketId{reader.big<uint16_t>()};
        if (publish.packet_id == PacketId{} && !reader.failed()) [[unlikely]]
            return ProtocolError{Reason::protocol_error, "packet id is 0"};  // [MQTT-2.2.1-3]
    }
    if (reader.failed()) [[unlikely]]
        return ProtocolError{Reason::malformed_packet, "topic or packet id is cut short"};
    if (version == Version::v5) {
        const auto properties = parse_properties(reader, place_of(PacketType::publish));
        if (!properties) [[unlikely]]
            return properties.error();
        publish.properties = *properties;
    }
    if (!valid_topic_name(publish.topic)) [[unlikely]] {
        // [MQTT-3.3.2-1], [MQTT-3.3.2-2]; empty with an alias in its place (3.3.2.3.4)
        if (!publish.topic.empty())
            return ProtocolError{Reason::topic_name_invalid, "topic has wildcards or bad UTF-8"};
        if (!publish.properties.has(PropertyId::topic_alias))
            return ProtocolError{Reason::protocol_error, "topic is empty without a topic alias"};
    }
    publish.payload = reader.rest();
    return std::nullopt;
}

}  // namespace

// Filled in place: this is the one packet whose copying shows.
Parsed<Publish> parse_publish(const Frame& frame, Version version) {
    HW_ASSERT(frame.type == PacketType::publish);
    Parsed<Publish> result;
    if (const auto error = read_publish(frame, version, *result)) [[unlikely]]
        result = std::unexpected(*error);
    return result;
}

Parsed<Ack> parse_ack(const Frame& frame, Version version) {
    ByteReader reader(as_bytes(frame.body));
    Ack ack{.type = frame.type, .packet_id = PacketId{reader.big<uint16_t>()}};
    if (reader.failed()) return malformed("packet id is cut short");
    if (ack.packet_id == PacketId{}) return refuse(Reason::protocol_error, "packet id is 0");
    if (reader.at_end()) return ack;
    if (version != Version::v5) return malformed("bytes after the packet id");
    ack.reason = static_cast<Reason>(reader.u8());
    if (!reason_allowed(frame.type, ack.reason))  // [MQTT-3.4.2-1 and its kin]
        return malformed("reason code is not of the standard");
    if (reader.at_end()) return ack;
    const auto properties = parse_properties(reader, place_of(frame.type));
    if (!properties) return std::unexpected(properties.error());
    ack.properties = *properties;
    if (!reader.at_end()) return malformed("bytes after the end of the packet");
    return ack;
}

Parsed<Subscribe> parse_subscribe(const Frame& frame, Version version) {
    HW_ASSERT(frame.type == PacketType::subscribe);
    return parse_filter_packet<Subscribe>(frame, version);
}

Parsed<Unsubscribe> parse_unsubscribe(const Frame& frame, Version version) {
    HW_ASSERT(frame.type == PacketType::unsubscribe);
    return parse_filter_packet<Unsubscribe>(frame, version);
}

Parsed<Suback> parse_suback(const Frame& frame, Version version) {
    HW_ASSERT(frame.type == PacketType::suback || frame.type == PacketType::unsuback);
    ByteReader reader(as_bytes(frame.body));
    Suback suback{.type = frame.type, .packet_id = PacketId{reader.big<uint16_t>()}};
    if (reader.failed()) return malformed("packet id is cut short");
    if (suback.packet_id == PacketId{}) return refuse(Reason::protocol_error, "packet id is 0");
    const auto properties = properties_if_v5(reader, frame.type, version);
    if (!properties) return std::unexpected(properties.error());
    suback.properties = *properties;
    suback.reasons = reader.rest();
    if (frame.type == PacketType::unsuback && version != Version::v5) {
        if (!suback.reasons.empty()) return malformed("bytes after the packet id");
        return suback;
    }
    if (auto checked = check_reasons(as_text(suback.reasons), frame.type, version); !checked)
        return std::unexpected(checked.error());
    return suback;
}

Parsed<Disconnect> parse_disconnect(const Frame& frame, Version version) {
    HW_ASSERT(frame.type == PacketType::disconnect);
    if (version != Version::v5 && !frame.body.empty()) return malformed("DISCONNECT has a body");
    return parse_reason_packet<Disconnect>(frame);
}

Parsed<Auth> parse_auth(const Frame& frame, Version version) {
    HW_ASSERT(frame.type == PacketType::auth && version == Version::v5);
    return parse_reason_packet<Auth>(frame);
}

Parsed<void> parse_ping(const Frame& frame) {
    if (!frame.body.empty()) return malformed("ping has a body");
    return {};
}

void SubscriptionList::Iterator::read() {
    if (at_ == end_) return;
    const size_t size = trusted_u16(at_);
    const char* const after = at_ + 2 + size;
    subscription_ = Subscription{.filter = {at_ + 2, size}};
    if (with_options_) {
        const auto options = static_cast<uint8_t>(*after);
        subscription_.qos = static_cast<Qos>(options & 3);
        subscription_.no_local = (options & 4) != 0;
        subscription_.retain_as_published = (options & 8) != 0;
        subscription_.retain_handling = static_cast<RetainHandling>(options >> 4 & 3);
    }
    next_ = after + (with_options_ ? 1 : 0);
}

}  // namespace hw::mqtt

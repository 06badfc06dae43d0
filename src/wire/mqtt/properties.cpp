#include "wire/mqtt/properties.h"

#include <array>

#include "base/assert.h"
#include "wire/mqtt/fields.h"

namespace hw::mqtt {
namespace {

constexpr unsigned bit(PacketType type) {
    return 1u << static_cast<unsigned>(type);
}

constexpr unsigned in_will = 1;
constexpr unsigned in_connect = bit(PacketType::connect);
constexpr unsigned in_connack = bit(PacketType::connack);
constexpr unsigned in_publish = bit(PacketType::publish);
constexpr unsigned in_subscribe = bit(PacketType::subscribe);
constexpr unsigned in_disconnect = bit(PacketType::disconnect);
constexpr unsigned in_auth = bit(PacketType::auth);
constexpr unsigned in_answers = in_connack | bit(PacketType::puback) | bit(PacketType::pubrec) |
                                bit(PacketType::pubrel) | bit(PacketType::pubcomp) |
                                bit(PacketType::suback) | bit(PacketType::unsuback) |
                                in_disconnect | in_auth;
constexpr unsigned everywhere =
    in_answers | in_will | in_connect | in_publish | in_subscribe | bit(PacketType::unsubscribe);

struct Rule {
    PropertyKind kind = PropertyKind::none;
    uint16_t places = 0;
    uint32_t least = 0;
    uint32_t most = 0xffffffff;
};

using Rules = std::array<Rule, 64>;

// Section 2.2.2.2, table 2-4, and the value ranges of each property's own section.
constexpr Rules make_rules() {
    Rules rules{};
    const auto rule = [&rules](PropertyId id, PropertyKind kind, unsigned places,
                               uint32_t least = 0, uint32_t most = 0xffffffff) {
        rules[static_cast<size_t>(id)] = {kind, static_cast<uint16_t>(places), least, most};
    };
    using enum PropertyId;
    using enum PropertyKind;
    rule(payload_format_indicator, u8, in_publish | in_will, 0, 1);
    rule(message_expiry_interval, u32, in_publish | in_will);
    rule(content_type, PropertyKind::text, in_publish | in_will);
    rule(response_topic, PropertyKind::text, in_publish | in_will);
    rule(correlation_data, binary, in_publish | in_will);
    rule(subscription_identifier, varint, in_publish | in_subscribe, 1);
    rule(session_expiry_interval, u32, in_connect | in_connack | in_disconnect);
    rule(assigned_client_identifier, PropertyKind::text, in_connack);
    rule(server_keep_alive, u16, in_connack);
    rule(authentication_method, PropertyKind::text, in_connect | in_connack | in_auth);
    rule(authentication_data, binary, in_connect | in_connack | in_auth);
    rule(request_problem_information, u8, in_connect, 0, 1);
    rule(will_delay_interval, u32, in_will);
    rule(request_response_information, u8, in_connect, 0, 1);
    rule(response_information, PropertyKind::text, in_connack);
    rule(server_reference, PropertyKind::text, in_connack | in_disconnect);
    rule(reason_string, PropertyKind::text, in_answers);
    rule(receive_maximum, u16, in_connect | in_connack, 1);
    rule(topic_alias_maximum, u16, in_connect | in_connack);
    rule(topic_alias, u16, in_publish, 1);
    rule(maximum_qos, u8, in_connack, 0, 1);
    rule(retain_available, u8, in_connack, 0, 1);
    rule(user_property, text_pair, everywhere);
    rule(maximum_packet_size, u32, in_connect | in_connack, 1);
    rule(wildcard_subscription_available, u8, in_connack, 0, 1);
    rule(subscription_identifier_available, u8, in_connack, 0, 1);
    rule(shared_subscription_available, u8, in_connack, 0, 1);
    return rules;
}

constexpr Rules rules = make_rules();

const Rule& rule_of(PropertyId id) {
    static constexpr Rule none;
    const auto index = static_cast<size_t>(id);
    return index < rules.size() ? rules[index] : none;
}

// The value of a property whose id has been read. A short read leaves the reader failed.
Property read_value(ByteReader& reader, PropertyId id, PropertyKind kind) {
    switch (kind) {
        case PropertyKind::u8:
            return {id, reader.u8()};
        case PropertyKind::u16:
            return {id, reader.big<uint16_t>()};
        case PropertyKind::u32:
            return {id, reader.big<uint32_t>()};
        case PropertyKind::varint:
            return {id, read_varint(reader)};
        case PropertyKind::text:
        case PropertyKind::binary:
            return {id, 0, read_field(reader)};
        case PropertyKind::text_pair: {
            const std::string_view name = read_field(reader);
            return {id, 0, name, read_field(reader)};
        }
        case PropertyKind::none:
            break;
    }
    HW_UNREACHABLE();
}

std::optional<ProtocolError> check_value(const Property& property, const Rule& rule) {
    const bool is_text = rule.kind == PropertyKind::text || rule.kind == PropertyKind::text_pair;
    if (is_text && !(valid_text(property.text) && valid_text(property.value)))
        return ProtocolError{Reason::malformed_packet, "property is not valid UTF-8"};
    if (property.id == PropertyId::response_topic && !valid_topic_name(property.text))
        return ProtocolError{Reason::protocol_error,  // [MQTT-3.3.2-14]
                             "response topic is empty or has wildcards"};
    const bool is_number = rule.kind != PropertyKind::binary && !is_text;
    if (is_number && (property.number < rule.least || property.number > rule.most)) {
        if (property.id == PropertyId::topic_alias)  // [MQTT-3.3.2-8]
            return ProtocolError{Reason::topic_alias_invalid, "topic alias is 0"};
        return ProtocolError{Reason::protocol_error, "property value out of range"};
    }
    return std::nullopt;
}

bool may_repeat(PropertyId id, PropertyPlace place) {
    return id == PropertyId::user_property ||
           (id == PropertyId::subscription_identifier && place == place_of(PacketType::publish));
}

}  // namespace

PropertyKind property_kind(PropertyId id) {
    return rule_of(id).kind;
}

Parsed<Properties> parse_properties(ByteReader& reader, PropertyPlace place) {
    const uint32_t length = read_varint(reader);
    if (length == 0 && !reader.failed()) return Properties{};
    const std::string_view raw = reader.text(length);
    if (reader.failed())
        return std::unexpected(
            ProtocolError{Reason::malformed_packet, "property length runs past the packet"});
    uint64_t present = 0;
    ByteReader inner(as_bytes(raw));
    while (!inner.at_end()) {
        const auto id = static_cast<PropertyId>(inner.u8());
        const Rule& rule = rule_of(id);
        if ((rule.places >> static_cast<unsigned>(place) & 1) == 0)  // also: no such property
            return std::unexpected(ProtocolError{
                rule.kind == PropertyKind::none ? Reason::malformed_packet : Reason::protocol_error,
                "property unknown or not allowed in this packet"});
        if ((present & property_bit(id)) != 0 && !may_repeat(id, place))
            return std::unexpected(
                ProtocolError{Reason::protocol_error, "property given more than once"});
        present |= property_bit(id);
        const Property property = read_value(inner, id, rule.kind);
        if (inner.failed())
            return std::unexpected(
                ProtocolError{Reason::malformed_packet, "property is cut short"});
        if (auto error = check_value(property, rule)) return std::unexpected(*error);
    }
    if ((present & property_bit(PropertyId::authentication_data)) != 0 &&
        (present & property_bit(PropertyId::authentication_method)) == 0)
        return std::unexpected(ProtocolError{Reason::protocol_error,
                                             "authentication data without authentication method"});
    return Properties{raw, present};
}

void Properties::Iterator::read() {
    if (at_ == end_) return;
    ByteReader reader(as_bytes({at_, end_}));
    const auto id = static_cast<PropertyId>(reader.u8());
    property_ = read_value(reader, id, property_kind(id));
    HW_ASSERT(!reader.failed());
    next_ = end_ - reader.remaining();
}

uint32_t Properties::number(PropertyId id, uint32_t absent) const {
    if (!has(id)) return absent;
    for (const Property& property : *this)
        if (property.id == id) return property.number;
    return absent;
}

std::string_view Properties::text(PropertyId id) const {
    if (!has(id)) return {};
    for (const Property& property : *this)
        if (property.id == id) return property.text;
    return {};
}

void PropertyList::id(PropertyId id) {
    bytes_.push_back(static_cast<char>(id));
    present_ |= property_bit(id);
}

PropertyList& PropertyList::number(PropertyId which, uint32_t value) {
    ByteWriter writer(bytes_);
    id(which);
    switch (property_kind(which)) {
        case PropertyKind::u8:
            HW_ASSERT(value <= 0xff);
            writer.u8(static_cast<uint8_t>(value));
            break;
        case PropertyKind::u16:
            HW_ASSERT(value <= 0xffff);
            writer.big(static_cast<uint16_t>(value));
            break;
        case PropertyKind::u32:
            writer.big(value);
            break;
        case PropertyKind::varint:
            HW_ASSERT(value <= remaining_length_max);
            writer.varint(value);
            break;
        default:
            HW_UNREACHABLE();
    }
    return *this;
}

PropertyList& PropertyList::text(PropertyId which, std::string_view value) {
    const PropertyKind kind = property_kind(which);
    HW_ASSERT(kind == PropertyKind::text || kind == PropertyKind::binary);
    id(which);
    ByteWriter writer(bytes_);
    write_field(writer, value);
    return *this;
}

PropertyList& PropertyList::user(std::string_view name, std::string_view value) {
    id(PropertyId::user_property);
    ByteWriter writer(bytes_);
    write_field(writer, name);
    write_field(writer, value);
    return *this;
}

PropertyList& PropertyList::add(const Property& property) {
    switch (property_kind(property.id)) {
        case PropertyKind::text:
        case PropertyKind::binary:
            return text(property.id, property.text);
        case PropertyKind::text_pair:
            return user(property.text, property.value);
        default:
            return number(property.id, property.number);
    }
}

PropertyList& PropertyList::copy(const Properties& from, uint64_t except) {
    if ((from.present() & except) == 0) {
        bytes_.append(from.raw());
        present_ |= from.present();
        return *this;
    }
    for (const Property& property : from)
        if ((property_bit(property.id) & except) == 0) add(property);
    return *this;
}

void PropertyList::clear() {
    bytes_.clear();
    present_ = 0;
}

}  // namespace hw::mqtt

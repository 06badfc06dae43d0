#include "base/assert.h"
#include "wire/mqtt/codec.h"
#include "wire/mqtt/fields.h"

// CONNECT and CONNACK.
namespace hw::mqtt {
namespace {

std::unexpected<ProtocolError> refuse(Reason reason, std::string_view why) {
    return std::unexpected(ProtocolError{reason, why});
}

std::unexpected<ProtocolError> malformed(std::string_view why) {
    return refuse(Reason::malformed_packet, why);
}

// The connect flags (3.1.2.3).
struct Flags {
    bool user_name, password, will_retain, will, clean_start;
    uint8_t will_qos;
};

Flags split(uint8_t flags) {
    return {(flags & 0x80) != 0, (flags & 0x40) != 0, (flags & 0x20) != 0,
            (flags & 0x04) != 0, (flags & 0x02) != 0, static_cast<uint8_t>(flags >> 3 & 3)};
}

Parsed<Flags> parse_flags(uint8_t byte, Version version) {
    const Flags flags = split(byte);
    // 3.1 left the lowest bit undefined.
    if ((byte & 1) != 0 && version != Version::v3_1)
        return malformed("reserved connect flag is set");        // [MQTT-3.1.2-3]
    if (flags.will_qos == 3) return malformed("will QoS is 3");  // [MQTT-3.1.2-12]
    if (!flags.will && (flags.will_qos != 0 || flags.will_retain))
        return malformed("will QoS or retain without will");  // [MQTT-3.1.2-11, 3.1.2-13]
    if (flags.password && !flags.user_name && version != Version::v5)
        return malformed("password without user name");  // 3.1.1: [MQTT-3.1.2-22]
    return flags;
}

Parsed<Will> parse_will(ByteReader& reader, const Flags& flags, Version version) {
    Will will;
    will.qos = static_cast<Qos>(flags.will_qos);
    will.retain = flags.will_retain;
    if (version == Version::v5) {
        const auto properties = parse_properties(reader, PropertyPlace::will);
        if (!properties) return std::unexpected(properties.error());
        will.properties = *properties;
    }
    will.topic = read_field(reader);
    will.payload = as_bytes(read_field(reader));
    if (reader.failed()) return malformed("will is cut short");
    if (!valid_topic_name(will.topic))
        return refuse(Reason::topic_name_invalid,
                      "will topic is empty, has wildcards or bad UTF-8");
    return will;
}

Parsed<void> check_client_id(const Connect& connect) {
    if (!valid_text(connect.client_id))
        return malformed("client id is not valid UTF-8");  // [MQTT-3.1.3-4]
    // 3.1.1: [MQTT-3.1.3-7]; in 3.1 every client has an id. 23 characters are not enforced, as
    // 3.1.1 lets the server take more and clients of 3.1 do send more.
    const bool needs_id = connect.version == Version::v3_1 ||
                          (connect.version == Version::v3_1_1 && !connect.clean_start);
    if (connect.client_id.empty() && needs_id)
        return refuse(Reason::client_identifier_not_valid, "client id is empty");
    return {};
}

Parsed<void> parse_connect_payload(ByteReader& reader, const Flags& flags, Connect& connect) {
    connect.client_id = read_field(reader);
    if (reader.failed()) return malformed("client id is cut short");
    if (auto checked = check_client_id(connect); !checked) return checked;
    if (flags.will) {
        const auto will = parse_will(reader, flags, connect.version);
        if (!will) return std::unexpected(will.error());
        connect.will = *will;
    }
    if (flags.user_name) {
        connect.user_name = read_field(reader);
        if (!valid_text(*connect.user_name))
            return malformed("user name is not valid UTF-8");  // [MQTT-3.1.3-12]
    }
    if (flags.password) connect.password = as_bytes(read_field(reader));
    if (reader.failed()) return malformed("user name or password is cut short");
    if (!reader.at_end()) return malformed("bytes after the end of CONNECT");
    return {};
}

// The five return codes of 3.1.1, table 3.1.
Parsed<Reason> reason_of_return_code(uint8_t code) {
    constexpr Reason reasons[] = {
        Reason::success,
        Reason::unsupported_protocol_version,
        Reason::client_identifier_not_valid,
        Reason::server_unavailable,
        Reason::bad_user_name_or_password,
        Reason::not_authorized,
    };
    if (code >= std::size(reasons)) return malformed("CONNACK return code is reserved");
    return reasons[code];
}

}  // namespace

Parsed<Version> connect_version(const Frame& frame) {
    HW_ASSERT(frame.type == PacketType::connect);
    ByteReader reader(as_bytes(frame.body));
    const std::string_view name = read_field(reader);
    const uint8_t level = reader.u8();
    if (reader.failed()) return malformed("CONNECT is cut short");
    if (name == "MQTT" && (level == 4 || level == 5)) return static_cast<Version>(level);
    if (name == "MQIsdp" && level == 3) return Version::v3_1;
    // [MQTT-3.1.2-1]; a name that is not ours may be another protocol altogether.
    if (name != "MQTT" && name != "MQIsdp") return malformed("protocol name is not MQTT");
    return refuse(Reason::unsupported_protocol_version, "protocol level is not 3, 4 or 5");
}

Parsed<Connect> parse_connect(const Frame& frame) {
    const auto version = connect_version(frame);
    if (!version) return std::unexpected(version.error());
    Connect connect;
    connect.version = *version;
    ByteReader reader(as_bytes(frame.body));
    read_field(reader);
    reader.u8();
    const uint8_t byte = reader.u8();
    connect.keep_alive_s = reader.big<uint16_t>();
    if (reader.failed()) return malformed("CONNECT is cut short");
    const auto flags = parse_flags(byte, *version);
    if (!flags) return std::unexpected(flags.error());
    connect.clean_start = flags->clean_start;
    if (*version == Version::v5) {
        const auto properties = parse_properties(reader, place_of(PacketType::connect));
        if (!properties) return std::unexpected(properties.error());
        connect.properties = *properties;
    }
    if (auto rest = parse_connect_payload(reader, *flags, connect); !rest)
        return std::unexpected(rest.error());
    return connect;
}

Parsed<Connack> parse_connack(const Frame& frame, Version version) {
    HW_ASSERT(frame.type == PacketType::connack);
    ByteReader reader(as_bytes(frame.body));
    const uint8_t flags = reader.u8();
    const uint8_t code = reader.u8();
    if (reader.failed()) return malformed("CONNACK is cut short");
    Connack connack;
    // The byte is reserved in 3.1, without a meaning.
    if (version != Version::v3_1) {
        if ((flags & 0xfe) != 0) return malformed("CONNACK flags are reserved");
        connack.session_present = (flags & 1) != 0;
    }
    if (version == Version::v5) {
        connack.reason = static_cast<Reason>(code);
        if (!reason_allowed(PacketType::connack, connack.reason))
            return malformed("CONNACK reason code is not of the standard");
        const auto properties = parse_properties(reader, place_of(PacketType::connack));
        if (!properties) return std::unexpected(properties.error());
        connack.properties = *properties;
    } else {
        const auto reason = reason_of_return_code(code);
        if (!reason) return std::unexpected(reason.error());
        connack.reason = *reason;
    }
    if (failed(connack.reason) && connack.session_present)  // [MQTT-3.2.2-6]
        return refuse(Reason::protocol_error, "session present in a refusal");
    if (!reader.at_end()) return malformed("bytes after the end of CONNACK");
    return connack;
}

}  // namespace hw::mqtt

#include <array>

#include "wire/mqtt/codec.h"
#include "wire/mqtt/fields.h"

namespace hw::mqtt {
namespace {

// The low four bits that each type must have [MQTT-2.1.3-1]; PUBLISH uses them itself.
constexpr std::array<uint8_t, 16> reserved_flags = {0, 0, 0, 0, 0, 0, 2, 0, 2, 0, 2, 0, 0, 0, 0, 0};

FrameResult bad(Reason reason, std::string_view why) {
    return {.framing = Framing::error, .error = {reason, why}};
}

bool type_and_flags_allowed(uint8_t first, Version version) {
    const unsigned type = first >> 4;
    if (type == 0) return false;
    if (type == static_cast<unsigned>(PacketType::publish)) return true;
    if (type == static_cast<unsigned>(PacketType::auth) && version != Version::v5) return false;
    const unsigned flags = first & 0x0f;
    if (flags == reserved_flags[type]) return true;
    // In 3.1 PUBREL, SUBSCRIBE and UNSUBSCRIBE could be repeated with DUP.
    return version == Version::v3_1 && reserved_flags[type] == 2 && flags == 0x0a;
}

}  // namespace

FrameResult next_packet(std::string_view bytes, size_t packet_bytes_max, Version version) {
    if (bytes.empty()) return {};
    const auto first = static_cast<uint8_t>(bytes[0]);
    if (!type_and_flags_allowed(first, version))
        return bad(Reason::malformed_packet, "packet type or its flags are reserved");
    size_t length = 0;
    size_t header = 1;
    for (unsigned shift = 0;; shift += 7) {
        if (shift == 28) return bad(Reason::malformed_packet, "remaining length over four bytes");
        if (header == bytes.size()) return {.size_needed = header + 1};
        const auto byte = static_cast<uint8_t>(bytes[header++]);
        length |= static_cast<size_t>(byte & 0x7f) << shift;
        if ((byte & 0x80) != 0) continue;
        if (byte == 0 && shift > 0 && version == Version::v5)  // [MQTT-1.5.5-1]
            return bad(Reason::malformed_packet, "remaining length not in its shortest form");
        break;
    }
    const size_t size = header + length;
    if (size > packet_bytes_max) return bad(Reason::packet_too_large, "packet over the size limit");
    if (size > bytes.size()) return {.size_needed = size};
    return {.framing = Framing::complete,
            .frame = {static_cast<PacketType>(first >> 4), static_cast<uint8_t>(first & 0x0f),
                      bytes.substr(header, length), size}};
}

std::string_view to_string(PacketType type) {
    constexpr std::array<std::string_view, 16> names = {
        "reserved", "CONNECT",  "CONNACK",    "PUBLISH", "PUBACK",      "PUBREC",
        "PUBREL",   "PUBCOMP",  "SUBSCRIBE",  "SUBACK",  "UNSUBSCRIBE", "UNSUBACK",
        "PINGREQ",  "PINGRESP", "DISCONNECT", "AUTH"};
    return names[static_cast<size_t>(type) & 0x0f];
}

}  // namespace hw::mqtt

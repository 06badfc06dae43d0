#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/assert.h"
#include "base/bytes.h"
#include "wire/mqtt/codec.h"

// Field types of MQTT (section 1.5), within this room only.
namespace hw::mqtt {

// Two bytes of length, then the field.
inline std::string_view read_field(ByteReader& reader) {
    return reader.text(reader.big<uint16_t>());
}

// A variable byte integer: at most four bytes, the shortest form [MQTT-1.5.5-1].
inline uint32_t read_varint(ByteReader& reader) {
    uint32_t value = 0;
    for (unsigned shift = 0; shift < 28; shift += 7) {
        const uint8_t byte = reader.u8();
        value |= static_cast<uint32_t>(byte & 0x7f) << shift;
        if ((byte & 0x80) == 0) {
            if (byte == 0 && shift > 0) reader.fail();
            return value;
        }
    }
    reader.fail();
    return 0;
}

constexpr size_t varint_size(size_t value) {
    return value < 0x80 ? 1 : value < 0x4000 ? 2 : value < 0x200000 ? 3 : 4;
}

inline void write_field(ByteWriter& writer, std::string_view field) {
    HW_ASSERT(field.size() <= text_bytes_max);
    writer.big(static_cast<uint16_t>(field.size()));
    writer.text(field);
}

// For bytes already validated.
inline uint16_t trusted_u16(const char* at) {
    return static_cast<uint16_t>(static_cast<uint8_t>(at[0]) << 8 | static_cast<uint8_t>(at[1]));
}

// Which packet a property stands in; a will has properties of its own.
enum class PropertyPlace : uint8_t { will = 0 };  // others: the number of the PacketType

constexpr PropertyPlace place_of(PacketType type) {
    return static_cast<PropertyPlace>(type);
}

// The length and the properties. Refuses unknown ids, ids that the place does not allow, repeated
// ids and values out of range.
Parsed<Properties> parse_properties(ByteReader& reader, PropertyPlace place);

// Whether the standard lists the reason for that packet of version 5.0.
bool reason_allowed(PacketType type, Reason reason);

}  // namespace hw::mqtt

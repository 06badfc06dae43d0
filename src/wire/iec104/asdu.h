#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "base/bytes.h"
#include "base/error.h"
#include "wire/iec104/time_tag.h"
#include "wire/iec104/types.h"

namespace hw::iec104 {

// What stands before the objects: type, cause (2 octets), common address (2 octets), as
// IEC 60870-5-104, 7.1 fixes them.
struct AsduHeader {
    TypeId type = TypeId::m_sp_na;
    Cause cause = Cause::spontaneous;
    bool negative = false;  // P/N
    bool test = false;      // T
    uint8_t originator = 0;
    uint16_t common_address = 1;

    friend bool operator==(const AsduHeader&, const AsduHeader&) = default;
};

struct Object {
    uint32_t address = 0;  // 3 octets
    Element element;
    Quality quality;
    std::optional<TimeTag> time;

    friend bool operator==(const Object&, const Object&) = default;
};

struct Asdu {
    AsduHeader header;
    std::vector<Object> objects;

    friend bool operator==(const Asdu&, const Asdu&) = default;
};

inline constexpr size_t asdu_header_bytes = 6;
inline constexpr size_t object_address_bytes = 3;

// The header alone; for an ASDU whose type we do not know. Fails on fewer than 6 bytes.
Result<AsduHeader> parse_header(BytesView bytes);
// At most 127 objects; both forms of the sequence bit. Fails where the length is not exactly what
// the type and the number of objects make (then the bytes cannot be trusted), or the type is
// unknown (unsupported). At most 249 bytes are looked at; the vector is the only allocation.
Result<Asdu> parse_asdu(BytesView bytes);

// How many objects of a type fit in one ASDU, sequence bit as in write_asdu.
size_t objects_limit(TypeId type, bool sequence);
// With the sequence bit where there are two objects or more and their addresses follow one another.
// The number of objects is at least 1 and within objects_limit; the elements fit to the type.
std::string write_asdu(const AsduHeader& header, std::span<const Object> objects);

}  // namespace hw::iec104

#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <variant>

#include "base/bytes.h"
#include "base/error.h"

namespace hw::modbus {

// The four data models of the Modbus Application Protocol V1.1b3, section 4.3.
enum class Area : uint8_t {
    coil,              // 0xxxxx, one bit, read and write
    discrete_input,    // 1xxxxx, one bit, read
    input_register,    // 3xxxxx, 16 bits, read
    holding_register,  // 4xxxxx, 16 bits, read and write
};
constexpr bool is_bits(Area area) {
    return area <= Area::discrete_input;
}
constexpr bool is_writable(Area area) {
    return area == Area::coil || area == Area::holding_register;
}
std::string_view to_string(Area area);  // "coil", "discrete input", ...

// What registers hold. In a bit area only `bit` is possible.
enum class ValueKind : uint8_t {
    bit,   // of a register: one of its bits, or without a bit number "not 0"
    int8,  // the low byte of a register
    uint8,
    int16,
    uint16,
    int32,
    uint32,
    int64,
    uint64,
    float32,
    float64,
    text,
    bytes,
};
std::string_view to_string(ValueKind kind);  // "bit", "int8", ..., "float", "double", "string"

// In Neuron's letters. First letter: the order of the registers, L: the most significant first.
// Second letter: the order of the bytes within a register, L: as the specification sends them, the
// high byte first. So LL is ABCD, LB BADC, BL CDAB and BB DCBA. A value of 16 bits looks at the
// second letter only.
enum class ByteOrder : uint8_t { ll = 0, lb = 1, bl = 2, bb = 3 };
constexpr bool swaps_bytes(ByteOrder order) {
    return (static_cast<uint8_t>(order) & 1) != 0;
}
constexpr bool swaps_registers(ByteOrder order) {
    return (static_cast<uint8_t>(order) & 2) != 0;
}
std::string_view to_string(ByteOrder order);  // "LL", "LB", "BL", "BB"

// Where the characters of a string lie in its registers.
enum class TextOrder : uint8_t {
    h,  // two in a register, the first in the high byte
    l,  // two in a register, the first in the low byte
    d,  // one in a register, in the low byte
    e,  // one in a register, in the high byte
};

// How to read one value out of the registers (or the bit) it begins at.
struct Field {
    ValueKind kind = ValueKind::uint16;
    ByteOrder order = ByteOrder::ll;
    TextOrder text_order = TextOrder::h;
    int8_t bit = -1;      // 0 to 15, 0 the least significant; -1: the whole register
    uint16_t length = 0;  // of text and bytes, in bytes

    friend bool operator==(const Field&, const Field&) = default;
};

// Text and bytes are both a string here. A uint64 above 2^63 - 1 reads as a double.
using Value = std::variant<bool, int64_t, double, std::string>;

// Registers that the field takes; 1 for a bit of a bit area.
uint16_t register_count(const Field& field);

// Reads the field from its registers as they were sent (two bytes each). The view must hold
// register_count(field) registers (asserted). Text ends at its first zero byte. Allocates only for
// text and bytes; a number costs about 5 ns.
Value decode(const Field& field, BytesView registers);

// Bit number `index` of packed bits, as functions 1, 2 and 15 pack them. Asserts the bound.
bool packed_bit(BytesView bits, size_t index);

// The registers to send for a value, 2 * register_count(field) bytes; not for a single bit of a
// register, which needs the other fifteen. Text is padded with zeros. A double that is whole is
// taken for an integer, an integer for a float. Errors: wrong kind of value, out of the range of
// the field's kind, text too long; the text names value and limit.
Result<std::string> encode(const Field& field, const Value& value);
// For a bit: true, false, 0, 1.
Result<bool> encode_bit(const Value& value);

}  // namespace hw::modbus

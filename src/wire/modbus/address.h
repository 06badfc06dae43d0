#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/error.h"
#include "wire/modbus/value.h"

namespace hw::modbus {

// One value of one unit, as the address field of a tag names it.
struct Address {
    uint8_t unit = 1;
    Area area = Area::holding_register;
    uint16_t offset = 0;  // as sent: 0 for 400001
    Field field;
    bool order_given = false;  // the address has an #ENDIAN

    // Registers, or bits in a bit area.
    uint16_t count() const { return is_bits(area) ? 1 : register_count(field); }

    friend bool operator==(const Address&, const Address&) = default;
};

// SLAVE!ADDRESS[.BIT][#ENDIAN][.LEN[H|L|D|E]][.BYTES], Neuron's grammar: "1!400001", "1!300004#B",
// "2!400001#BB", "1!400001.15", "1!400010.16H". What stands after the dot follows from the kind: a
// bit number, a text's length and order, a number of bytes. ADDRESS has six digits (the area's and
// 00001 to 65536) or, the classic form, five (the area's and 0001 to 9999). Letters in any case.
// Errors name the position, from 1, and a corrected example. No allocation but for errors.
Result<Address> parse_address(std::string_view text, ValueKind kind);

// The canonical form: six digits, the order only where it was given.
std::string to_string(const Address& address);

inline constexpr uint16_t read_registers_limit = 125;
inline constexpr uint16_t read_bits_limit = 2000;
inline constexpr uint16_t write_registers_limit = 123;
inline constexpr uint16_t write_bits_limit = 1968;

}  // namespace hw::modbus

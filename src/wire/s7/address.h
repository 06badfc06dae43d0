#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/error.h"

namespace hw::s7 {

// The memory areas, by their number in an item's address (S7ANY pointer).
enum class Area : uint8_t {
    input = 0x81,       // I, E
    output = 0x82,      // Q, O, A
    flag = 0x83,        // M, F
    data_block = 0x84,  // DB; V of the S7-200 is DB 1
    counter = 0x1c,     // C, Z: addressed by number, 2 bytes each
    timer = 0x1d,       // T: likewise
};

// What the bytes at an address mean.
enum class DataType : uint8_t {
    bit,
    int8,
    uint8,
    int16,
    uint16,
    int32,
    uint32,
    int64,
    uint64,
    real,           // IEEE 754, 32 bits
    lreal,          // IEEE 754, 64 bits
    string,         // STRING: maximum, length, Latin-1 characters
    wstring,        // WSTRING: maximum and length (16 bits each), UTF-16BE characters
    chars,          // ARRAY OF CHAR or BYTE: as it is
    s5time,         // S5TIME: 2 bytes, milliseconds
    time,           // TIME: 4 bytes, milliseconds, signed
    timer,          // a timer's rest, milliseconds
    timer_seconds,  // a timer's rest, seconds with fraction
    counter,        // a counter, 0 to 999
    date_and_time,  // DATE_AND_TIME: 8 bytes of BCD
};

// What the user's type asks for; the address's area and width then choose the DataType.
enum class Kind : uint8_t {
    bit,
    int8,
    uint8,
    int16,
    uint16,
    int32,
    uint32,
    int64,
    uint64,
    real,
    lreal,
    text,
    bytes,
    raw16,  // 16 bits as they are, also of a timer or a counter
    time,
    date_and_time,
};

struct Address {
    Area area = Area::data_block;
    DataType type = DataType::uint8;
    uint8_t bit = 0;
    uint16_t db = 0;      // of Area::data_block only
    uint16_t length = 0;  // characters or bytes of string, wstring, chars; else 0
    uint32_t start = 0;   // a byte, or a timer's or counter's number

    friend bool operator==(const Address&, const Address&) = default;
};

inline constexpr uint32_t start_limit = 65'535;
inline constexpr uint32_t db_limit = 65'535;
inline constexpr uint16_t string_limit = 254;
inline constexpr uint16_t wstring_limit = 254;  // characters; the PLC allows 16,382
inline constexpr uint16_t chars_limit = 8'192;

// AREA ADDRESS[.BIT][.LEN[D]], in either case of letters, German mnemonics too:
//   I0.0 IB4 QW2 O1.0 F20 MD20 T5 C3 V100 DB10.DBW2 DB10.DBX0.3 DB1.DBW12.20 DB1.DBB12.20D
// As with Neuron, the letter before the offset (X, B, W, D) does not say how much is read, the type
// does; only for Kind::time W is S5TIME and any other TIME. BIT is that of the byte at the offset.
// Errors name the 1-based position and an example. Cost: no allocation unless it fails.
Result<Address> parse_address(std::string_view text, Kind kind);

// A text that parse_address() reads back: "DB10.DBW2".
std::string to_string(const Address& address);

// Bytes that are read for it.
uint32_t size_of(const Address& address);

// "DB10" or "I", for texts about a range.
std::string area_name(Area area, uint16_t db);

constexpr bool is_numbered(Area area) {
    return area == Area::timer || area == Area::counter;
}

}  // namespace hw::s7

#pragma once

#include <cstdint>
#include <string>
#include <variant>

#include "base/bytes.h"
#include "base/error.h"
#include "wire/s7/address.h"

namespace hw::s7 {

// Whole numbers and lengths of time (ms) as int64 (uint64 above 2^63 - 1 as double), bits as bool,
// real, lreal and timer_seconds as double, texts in UTF-8, chars as they are, date_and_time as RFC
// 3339 text (the PLC's own clock, which knows no zone, written as UTC).
using Value = std::variant<bool, int64_t, double, std::string>;

// `bytes` holds size_of(address) bytes, else this is a bug in us. Fails on bytes that are no value
// of the type (BCD digits above 9, a string longer than the address says). Numbers do not allocate.
Result<Value> decode(const Address& address, BytesView bytes);

// The bytes that a write of `value` sends, and where they go. A text is sent from its length on, so
// that the maximum the PLC declared stays as it is.
struct Encoded {
    std::string bytes;
    uint32_t skip = 0;  // bytes from the address's start
};
// A whole number may come as a double without fraction; a bit as 0 or 1; date_and_time as RFC 3339
// text. The error names the value and the range.
Result<Encoded> encode(const Address& address, const Value& value);

}  // namespace hw::s7

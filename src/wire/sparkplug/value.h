#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "base/error.h"
#include "wire/sparkplug/payload.h"

namespace hw::sparkplug {

// A value by its data type. Whole numbers with a sign and without; Float and Double as double;
// DateTime as uint64 (ms since 1970).
using Value = std::variant<bool, int64_t, uint64_t, double, std::string, Bytes, std::vector<bool>,
                           std::vector<int64_t>, std::vector<uint64_t>, std::vector<double>,
                           std::vector<std::string>, DataSet, Template>;

// Reads a wire value by the type that the birth told (6.4.16). A signed number comes in two's
// complement, of its own width or of the field's; UInt32 in either field, as implementations
// differ. A Float becomes the double of its shortest decimal text, so that 12.3 stays 12.3. Errors:
// the field does not go with the type, a number beyond the type's range, an array whose bytes do
// not come out even.
Result<Value> read_value(DataType type, const WireValue& wire);
// The other way. Signed numbers are widened to their field with their sign, and UInt32 goes in
// long_value: so does Eclipse Tahu, and others read nothing else.
Result<WireValue> write_value(DataType type, const Value& value);

// What a point can hold.
using PointValue = std::variant<bool, int64_t, double, std::string, Bytes>;
// UInt64 above 2^63 - 1 as double; arrays and data sets as JSON text. nullopt: a template, whose
// members are points of their own.
std::optional<PointValue> point_value(const Value& value);
// For a command: whole numbers and doubles without a fraction become any numeric type within its
// range, RFC 3339 text a DateTime. Errors name the value and the type.
Result<Value> value_for(DataType type, const PointValue& value);

}  // namespace hw::sparkplug

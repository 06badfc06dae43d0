#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/error.h"
#include "sql/codecs/schema.h"
#include "sql/datum.h"

// What the codecs of this room have in common.
namespace hw::sql {

// The bytes of a text whose characters are U+0000 to U+00FF; others are passed over.
std::string latin1(std::string_view text);
// The double of the float's shortest text, so that 12.3 stays 12.3.
double shortest(float number);
// An int, or a float without a fraction that fits in one.
std::optional<int64_t> whole_number(const Datum& value);
// "a string ('abc')" for messages, cut where it is long.
std::string value_for_message(const Datum& value);
// An object; of equal keys the last wins.
Datum object_of(Datum::Members members);
Result<void> check_message_size(size_t bytes, const SchemaLimits& limits);

}  // namespace hw::sql

#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "sql/ast.h"
#include "sql/datum.h"
#include "sql/function.h"

namespace hw::sql {

// How two values that are not null stand to each other. Values of unlike kinds are unordered:
// neither equal, nor less, nor greater; a comparison never fails.
enum class Comparison : uint8_t { less, equal, greater, unordered };

// Numbers by value, texts by bytes (bytes count as text), times with numbers (ms since 1970) and
// with RFC 3339 texts; arrays and objects only for equality. In EMQX's dialect a number and a text
// that is one compare as numbers, a boolean and a text as 'true' and 'false'.
Comparison compare(const Datum& a, const Datum& b, Dialect dialect);

// =, !=, <, <=, >, >= of the language: always true or false. Where one side is null: false. Where
// both are: as equal values in EMQX's dialect, false in eKuiper's.
bool compare_holds(Operator op, const Datum& a, const Datum& b, Dialect dialect);

// Values that `=` calls equal have the same key (those that have are not all equal).
Datum equality_key(const Datum& value, Dialect dialect);

// The number that a text is from its first to its last character ("5", "-1.5e3").
std::optional<Datum> number_of_text(std::string_view text);

// A time as ms since 1970: an integer where it is a whole number of ms, else a float.
Datum milliseconds_of(Time time);

// +, -, *, /, div, mod, the operators on bits and ||. Null where one side is null. Integers that
// overflow become floats. Division by zero and unfit kinds fail the row.
Datum calculate(Operator op, const Datum& a, const Datum& b, CallContext& call);
Datum negate(const Datum& value, CallContext& call);

// LIKE: '%' any characters, '_' one character (of UTF-8); '\' takes the next as it is.
bool like(std::string_view text, std::string_view pattern);

}  // namespace hw::sql

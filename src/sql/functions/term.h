#pragma once

#include <string>
#include <string_view>

#include "base/error.h"
#include "sql/datum.h"

namespace hw::sql {

// Erlang's external term format (its documentation, "External Term Format"), version 131.

// Maps by their keys' order, lists of bytes as strings, as Erlang's term_to_binary writes them.
// Errors: limit_exceeded beyond text_bytes_limit.
Result<std::string> erlang_term(const Datum& value);

// `corrupt` for what is none, `unsupported` for functions, ports, references, process ids, improper
// lists, bit strings and maps with keys that are no strings, atoms or numbers; `limit_exceeded`
// beyond Datum::nesting_limit levels or where a small message says it has a large compressed
// content. Integers beyond int64 become floats. Lengths are checked before anything is allocated.
Result<Datum> from_erlang_term(std::string_view bytes);

}  // namespace hw::sql

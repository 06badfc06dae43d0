#pragma once

#include <string_view>
#include <vector>

#include "base/error.h"
#include "sql/datum.h"

namespace hw::sql {

// A way into a value: a text is a key, an int the item of that number, the first 1, negative from
// the end (EMQX's habit).
using Path = std::vector<Datum>;

// "a.b[1].c"; an empty text is the value itself. At most Datum::nesting_limit steps.
Result<Path> parse_path(std::string_view text);
// Keys parted by dots and nothing else.
Path dotted_keys(std::string_view text);

// nullptr where there is nothing.
const Datum* follow(const Datum& value, const Path& path);
// Puts it there; objects on the way are made. Items must exist, or be the one after the last.
// Errors: invalid_argument where an item is out of range or something on the way has no members.
Result<void> put_along(Datum& into, const Path& path, const Datum& value);

}  // namespace hw::sql

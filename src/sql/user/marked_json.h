#pragma once

#include <string>

#include "sql/datum.h"

namespace hw::sql::user {

// JSON that keeps what JSON has not: a time is {"$time": "RFC 3339 in UTC"}, bytes are
// {"$bytes": "base64"}, and so are texts that are not UTF-8; all else as append_json does it.
void append_marked(std::string& out, const Datum& value);
// Undoes it in a value that JSON was read to. An object of one member that only looks like a mark
// stays as it is.
Datum without_marks(const Datum& value);

}  // namespace hw::sql::user

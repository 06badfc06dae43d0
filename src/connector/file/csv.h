#pragma once

#include <string>
#include <string_view>

#include "sql/datum.h"

namespace hw::connector::file {

// A field as RFC 4180 writes it: in quotes where it holds the delimiter, a quote or a line's end.
void append_csv_field(std::string& out, std::string_view field, char delimiter);

// What a field says: a number as JSON writes it, true, false, nothing as null, else a text.
sql::Datum csv_value(std::string_view field);

}  // namespace hw::connector::file

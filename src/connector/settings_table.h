#pragma once

#include <initializer_list>
#include <span>
#include <string_view>

#include "base/config.h"
#include "base/error.h"
#include "sql/datum.h"

namespace hw::connector {

// Settings as they stand in JSON, read by property tables: numbers and booleans as such or as
// texts, lists also as one text with commas, objects (headers) as a list of name=value. Every
// property of the tables is in the result, given or default. Errors: invalid_argument names all
// that is wrong, an unknown member with the nearest name; `what` stands before.
Result<Config::Table> read_settings(const sql::Datum& settings,
                                    std::initializer_list<std::span<const Property>> tables,
                                    std::string_view what);

}  // namespace hw::connector

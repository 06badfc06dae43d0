#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "base/time.h"
#include "sql/ast.h"
#include "sql/datum.h"

namespace hw::rules {

// A value as a column of CREATE STREAM declares it (bigint, float, string, datetime, boolean,
// bytea, array, struct): numbers in texts are read, a datetime is a number of ms or RFC 3339, bytea
// in JSON is base64. Null stays null. Errors name the column, the value and the type.
Result<sql::Datum> as_column(const sql::Datum& value, const sql::ColumnDefinition& column);
// The object of the declared columns alone; those that are not there are left out.
Result<sql::Datum> as_columns(const sql::Datum& object,
                              const std::vector<sql::ColumnDefinition>& columns);
// Whether the type is one of those above.
Result<void> check_column(const sql::ColumnDefinition& column);
// FORMAT="delimited": the texts between the delimiters, as the columns in their order, or as col0,
// col1, ... A field in double quotes may hold the delimiter.
Result<sql::Datum> read_delimited(std::string_view text, std::string_view delimiter,
                                  const std::vector<sql::ColumnDefinition>& columns);
// Of a TIMESTAMP column.
Result<Time> time_in(const sql::Datum& value);

}  // namespace hw::rules

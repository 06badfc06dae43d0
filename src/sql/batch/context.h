#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/clock.h"
#include "history/history.h"
#include "model/point_directory.h"
#include "sql/batch/duckdb_api.h"
#include "sql/batch/table_function.h"
#include "sql/batch/tables.h"

namespace hw::sql::batch {

// What table functions work with; outlives the database they are registered in.
struct Context {
    const duck::Api& api;
    const history::History& history;
    const model::PointDirectory& points;
    const Clock& clock;
    uint64_t threads;
};

// All points of an MQTT filter, in the order of their paths. Errors: the filter is none.
Result<std::vector<model::PointId>> matching_points(const Context& context,
                                                    const std::string& filter);

// history_scan(filter, from, to), history_figures(filter, from, to, every): see docs/sql_batch.md.
FunctionSpec history_function(const Context& context);
FunctionSpec figures_function(const Context& context);
// <name>_rows() of a table, which must outlive the database.
FunctionSpec rows_function(const Context& context, const Table& table);
// <name>_at(time) of a table that has a past.
FunctionSpec rows_at_function(const Context& context, const Table& table);

// Helpers of the three.
void write_text(const duck::Api& api, duck::Vector vector, size_t from, size_t count,
                std::string_view text);  // the same text in each row
void write_nulls(const duck::Api& api, duck::Vector vector, size_t from, size_t count);
template <class T>
T* vector_data(const duck::Api& api, duck::Vector vector) {
    return static_cast<T*>(api.vector_get_data(vector));
}

}  // namespace hw::sql::batch

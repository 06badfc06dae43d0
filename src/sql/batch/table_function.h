#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "base/error.h"
#include "sql/batch/duckdb_api.h"

namespace hw::sql::batch {

// A table function in DuckDB, in four steps, each an object: the function itself; its plan for one
// statement; one run of that; and what a thread of the run has to itself.

class FunctionWorker {
  public:
    virtual ~FunctionWorker() = default;
    // Puts the next rows into the output, which is empty; how many. 0: there are no more.
    virtual Result<size_t> fill(duck::DataChunk output) = 0;
};

class FunctionRun {
  public:
    virtual ~FunctionRun() = default;
    virtual size_t workers_limit() const { return 1; }
    // From any thread. The run outlives its workers.
    virtual std::unique_ptr<FunctionWorker> worker() = 0;
};

// In the place of a column that is only counted.
inline constexpr size_t no_column = SIZE_MAX;

struct FunctionColumn {
    std::string name;
    duck::TypeId type;
    duck::LogicalType logical = nullptr;  // instead of `type` where that does not tell all
};

class FunctionPlan {
  public:
    virtual ~FunctionPlan() = default;
    virtual std::vector<FunctionColumn> columns() const = 0;
    virtual uint64_t rows_expected() const = 0;
    // `columns`: which of its columns the statement wants, in the output's order.
    virtual Result<std::unique_ptr<FunctionRun>> begin(std::vector<size_t> columns) const = 0;
};

struct FunctionSpec {
    std::string name;
    size_t parameters;  // each of any type
    using Arguments = std::span<const duck::ValueHandle>;
    std::function<Result<std::unique_ptr<FunctionPlan>>(Arguments)> bind;
};

// `api` is of a library that stays loaded.
Result<void> register_function(const duck::Api& api, duck::Connection connection,
                               FunctionSpec spec);

}  // namespace hw::sql::batch

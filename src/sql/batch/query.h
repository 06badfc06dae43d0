#pragma once

#include <memory>
#include <string>
#include <vector>

#include "base/error.h"
#include "sql/batch/database.h"
#include "sql/batch/engine.h"
#include "sql/batch/result_type.h"

namespace hw::sql::batch {

// One statement on its way: prepared, started, then read chunk by chunk. One thread, except that
// the connection may be interrupted from another.
class Query {
  public:
    Query(const Database& database, duck::Connection connection)
        : database_(database), api_(database.api()), connection_(connection), prepared_(api_) {}
    ~Query();

    // Errors: not one statement; a mistake in it, with its place; a parameter is missing or too
    // many; with `read_only` a statement that would change something.
    Result<void> start(const std::string& sql, const std::vector<Parameter>& parameters,
                       bool read_only);
    const std::vector<ResultType>& columns() const { return columns_; }
    duck::LogicalType logical_type(size_t column);  // the caller destroys it
    // An empty one at the end.
    Result<duck::OwnedChunk> next();

  private:
    Result<void> prepare(const std::string& sql);
    Result<void> bind(const std::vector<Parameter>& parameters);
    Result<void> execute();
    Error failure(const char* message) const;

    const Database& database_;
    const duck::Api& api_;
    const duck::Connection connection_;
    std::string sql_;
    duck::OwnedPrepared prepared_;
    duck::ResultRecord result_{};
    bool has_result_ = false;
    bool ended_ = false;
    std::vector<ResultType> columns_;
};

}  // namespace hw::sql::batch

#pragma once

#include <atomic>
#include <functional>
#include <map>
#include <memory>
#include <string>

#include "base/error.h"
#include "base/mutex.h"
#include "sql/batch/database.h"
#include "sql/batch/query.h"
#include "sql/batch/table_function.h"

namespace hw::sql::batch {

// A DuckDB database of our own statements only, which may read and write files, beside the one for
// the statements of users, which may not. Any thread.
class Files {
  public:
    static Result<std::unique_ptr<Files>> open(std::shared_ptr<const duck::Api> api,
                                               std::vector<Database::Option> options);
    ~Files();

    // The rest of the query's rows as a Parquet file; `on_rows` is told of each chunk and may say
    // stop. How many rows.
    Result<uint64_t> write_parquet(Query& query, const std::string& path,
                                   const std::function<bool(uint64_t rows)>& on_rows);
    const Database& database() const { return *database_; }

    struct Source;

  private:
    Files() = default;

    Mutex mutex_;
    std::map<int64_t, Source*> sources_ HW_LOCKING(guarded_by(mutex_));
    int64_t last_key_ HW_LOCKING(guarded_by(mutex_)) = 0;
    std::unique_ptr<Database> database_;
};

}  // namespace hw::sql::batch

#pragma once

#include <memory>
#include <string>
#include <vector>

#include "base/error.h"
#include "sql/batch/duckdb_api.h"
#include "sql/batch/handles.h"

namespace hw::sql::batch {

// A failure that DuckDB tells as JSON (errors_as_json) for a person: "Binder Error: ... at line 2,
// column 8". `sql` is the statement it speaks of.
Error database_error(const std::string& message, std::string_view sql);

// One DuckDB database in memory. Any thread may connect; a connection is one thread's.
class Database {
  public:
    struct Option {
        std::string name;
        std::string value;
    };
    static Result<std::unique_ptr<Database>> open(std::shared_ptr<const duck::Api> api,
                                                  const std::vector<Option>& options);
    ~Database();
    Database(const Database&) = delete;
    Database& operator=(const Database&) = delete;

    const duck::Api& api() const { return *api_; }
    Result<duck::OwnedConnection> connect() const;
    // A statement whose rows do not matter.
    Result<void> execute(duck::Connection connection, const std::string& sql) const;

  private:
    explicit Database(std::shared_ptr<const duck::Api> api) : api_(std::move(api)) {}

    const std::shared_ptr<const duck::Api> api_;
    duck::Database handle_ = nullptr;
};

}  // namespace hw::sql::batch

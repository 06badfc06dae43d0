#pragma once

#include <string>

#include "base/error.h"
#include "sql/batch/handles.h"
#include "sql/batch/query.h"

namespace hw::sql::batch {

// A result as an Arrow IPC stream (https://arrow.apache.org/docs/format/Columnar.html): the schema,
// a record batch a chunk, the end. One thread.
class ArrowWriter {
  public:
    ArrowWriter(const duck::Api& api, duck::Connection connection, std::string& out);
    ~ArrowWriter();
    ArrowWriter(const ArrowWriter&) = delete;
    ArrowWriter& operator=(const ArrowWriter&) = delete;

    // Errors: unsupported names a column whose type is not written (enums, unions); cast it.
    Result<void> begin(Query& query);
    Result<void> rows(duck::DataChunk chunk);
    void end();

  private:
    Result<void> check(duck::ErrorData error) const;

    const duck::Api& api_;
    duck::OwnedArrowOptions options_;
    duck::ArrowSchema schema_{};
    std::string& out_;
};

}  // namespace hw::sql::batch

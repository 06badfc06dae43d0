#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "sql/batch/cells.h"
#include "sql/batch/engine.h"
#include "sql/batch/result_type.h"

namespace hw::sql::batch {

// Rows of a result as text: JSON as {"columns":[{"name","type"}],"rows":[[...]],"count":n,
// "cut":false,"elapsed_ms":1.5}; NDJSON as an object a row; CSV (RFC 4180) with a header, NULL as
// nothing.
class ResultWriter {
  public:
    ResultWriter(Format format, const std::vector<ResultType>& columns, std::string& out);

    void begin();
    // Rows [0, count) of one chunk.
    void rows(const std::vector<Cells>& cells, size_t count);
    void end(const Outcome& outcome);

  private:
    void json_row(const std::vector<Cells>& cells, size_t row);
    void ndjson_row(const std::vector<Cells>& cells, size_t row);
    void csv_row(const std::vector<Cells>& cells, size_t row);

    const Format format_;
    const std::vector<ResultType>& columns_;
    std::vector<std::string> keys_;  // of NDJSON: "\"name\":"
    std::string& out_;
    std::string cell_;
    bool first_ = true;
};

}  // namespace hw::sql::batch

#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "sql/query/query.h"

namespace hw::sql {

// Gathers the first rows that leave each operator, as JSON; so many, and so many bytes in all.
class StepRows final : public QueryTap {
  public:
    StepRows(size_t rows_of_one, size_t bytes) : rows_limit_(rows_of_one), bytes_limit_(bytes) {}

    void passed(size_t operator_id, Datum row) override;

    // By the operators' numbers; may be shorter than the plan.
    const std::vector<std::vector<std::string>>& rows() const { return rows_; }
    void clear();

  private:
    const size_t rows_limit_;
    const size_t bytes_limit_;
    size_t bytes_ = 0;
    std::vector<std::vector<std::string>> rows_;
};

}  // namespace hw::sql

#include "sql/query/step_rows.h"

#include <utility>

#include "sql/json.h"

namespace hw::sql {

void StepRows::passed(size_t operator_id, Datum row) {
    if (rows_.size() <= operator_id) rows_.resize(operator_id + 1);
    auto& of = rows_[operator_id];
    if (of.size() >= rows_limit_ || bytes_ >= bytes_limit_) return;
    std::string text = to_json(row);
    // Cut JSON is none: a row too large for what is left is not there at all.
    if (bytes_ + text.size() > bytes_limit_) return;
    bytes_ += text.size();
    of.push_back(std::move(text));
}

void StepRows::clear() {
    bytes_ = 0;
    for (auto& of : rows_)
        of.clear();
}

}  // namespace hw::sql

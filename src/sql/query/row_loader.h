#pragma once

#include <span>
#include <vector>

#include "sql/query/operators.h"
#include "sql/query/window_row.h"

namespace hw::sql {

// The scope in which kept rows are evaluated and put out: one record a source, all slots, and the
// call's context.
class RowLoader {
  public:
    explicit RowLoader(const WindowPlan& plan);

    RowScope& scope() { return scope_; }
    CallContext& context() { return context_; }
    void clear();
    // One kept row, or one of each source (null: none); the slots kept with them.
    void load(const StoredRow& row);
    void load(std::span<const StoredRow* const> rows);

  private:
    void put(const StoredRow& row);

    const WindowPlan& plan_;
    std::vector<const Record*> records_;
    std::vector<Datum> slots_;
    CallContext context_;
    RowScope scope_;
};

}  // namespace hw::sql

#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "base/error.h"
#include "base/time.h"
#include "sql/datum.h"

namespace hw::sql::batch {

enum class ColumnType : uint8_t { text, int64, float64, boolean, time };

struct TableColumn {
    std::string name;
    ColumnType type = ColumnType::text;
};

// One reading of a table. One thread.
class TableCursor {
  public:
    virtual ~TableCursor() = default;
    // Appends the next rows, cell by cell, at most `table_rows_limit` of them; false: that was all,
    // and nothing was appended. A cell is null or of its column's kind.
    virtual Result<bool> next(std::vector<Datum>& cells) = 0;
};
inline constexpr size_t table_rows_limit = 2048;

// A table of what is configured or known (devices, rules, points), shown to queries under its name.
// `open` is called from any thread.
struct Table {
    std::string name;
    std::string help;
    std::vector<TableColumn> columns;
    std::function<Result<std::unique_ptr<TableCursor>>()> open;
    // The same as it was at a time, shown as `<name>_at(time)`; null: there is no past of it.
    std::function<Result<std::unique_ptr<TableCursor>>(Time)> open_at = {};
};

// A cursor over rows that are at hand: for tables that are small.
std::unique_ptr<TableCursor> cursor_over(std::vector<std::vector<Datum>> rows);

}  // namespace hw::sql::batch

#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "sql/query/group_table.h"
#include "sql/query/join_rows.h"
#include "sql/query/operators.h"
#include "sql/query/row_loader.h"
#include "sql/query/window_row.h"

namespace hw::sql {

// What is kept of the rows of one window or pane: their groups' aggregates, or themselves.
class WindowContent {
  public:
    WindowContent(const WindowPlan& plan, StateUsage& usage, bool aggregates);
    ~WindowContent();
    WindowContent(const WindowContent&) = delete;
    WindowContent& operator=(const WindowContent&) = delete;

    bool empty() const { return groups ? groups->size() == 0 : rows.empty(); }
    void add_row(StoredRow row);  // in the order of times, after those of the same time
    void save(ByteWriter& out) const;
    void load(ByteReader& in);

    std::unique_ptr<GroupTable> groups;  // null: rows are kept
    std::vector<StoredRow> rows;

  private:
    const WindowPlan& plan_;
    StateUsage& usage_;
    const size_t own_bytes_;
};
using WindowContentPtr = std::unique_ptr<WindowContent>;

// A row on its way into windows.
struct IncomingRow {
    RowScope& scope;
    size_t source;
    const RecordRef& record;
    Time time;
    bool passes = true;      // WHERE
    bool evaluated = false;  // the core's GroupInput is this row's
    bool broken = false;     // reported as failed: no window takes it any more
};

// What all kinds of windows share: how rows are added to a window's content, and how a window
// becomes rows for the sink: join, WHERE, groups.
class WindowCore {
  public:
    explicit WindowCore(WindowPlan plan);
    ~WindowCore();

    const WindowPlan& plan() const { return plan_; }
    StateUsage& usage() { return usage_; }
    const StateUsage& usage() const { return usage_; }
    bool keeps_aggregates() const { return keeps_aggregates_; }
    // Whether windows may share panes.
    bool can_merge() const { return !keeps_aggregates_ || can_merge_groups(); }
    bool can_merge_groups() const { return GroupTable::can_merge(plan_); }
    WindowContentPtr make_content() const;

    // For the calls until the next one.
    void begin_call(Time now, WindowSink& sink);
    // FILTER and, without joins, WHERE. False: the row is not for the window.
    bool accept(IncomingRow& row);
    // A condition of the window, asked of a row. A failure is reported and false.
    bool holds(const Evaluator& condition, IncomingRow& row);
    void add(WindowContent& content, IncomingRow& row);
    StoredRow* store(IncomingRow& row, StoredRow& place);  // null: refused, reported
    // What GROUP BY and the aggregates ask of a row that will be grouped later, and maybe often:
    // false: it fails, which is reported, and not each time.
    bool can_group(IncomingRow& row);
    // One window: its parts in the order of time; none empty is asked for.
    void emit(const WindowBounds& bounds, std::span<const WindowContent* const> parts);
    void emit_rows(const WindowBounds& bounds, std::span<const StoredRow* const> rows);
    // The same in pieces, for groups of kept rows without joins.
    std::unique_ptr<GroupTable> make_table(bool limited = true);
    void add_stored(GroupTable& groups, const StoredRow& row);
    void merge_tables(GroupTable& into, const GroupTable& later);
    void emit_table(const WindowBounds& bounds, const GroupTable& groups);
    void late(const Record& record);

    enum class Stage : uint8_t { window, join, aggregate };
    void fail(Stage stage, const std::string& reason);
    std::vector<OperatorFigures> figures() const;
    void save(ByteWriter& out) const;  // the counters
    void load(ByteReader& in);

  private:
    struct Counts {
        uint64_t in = 0, out = 0, late = 0;
        ErrorTally errors;
    };

    size_t stage_index(Stage stage) const;
    Counts& at(Stage stage) { return counts_[static_cast<size_t>(stage)]; }
    OperatorFigures figures_of(Stage stage, std::string name) const;
    void emit_joined(std::span<const StoredRow* const> rows);
    void group_stored(GroupTable& groups, const RowOrigin& origin, const StoredRow& row);
    void emit_grouped(std::span<const StoredRow* const> rows, size_t width);
    void emit_groups(const GroupTable& groups, std::span<const StoredRow* const> rows,
                     size_t width);
    void emit_row(Time event_time, const Record* record);
    void open(const WindowBounds& bounds);
    void close();
    bool take_error(Stage stage);
    void report_once(IncomingRow& row, Stage stage, const std::string& reason);

    const WindowPlan plan_;
    const bool keeps_aggregates_;
    StateUsage usage_;
    GroupInput input_;
    RowLoader loader_;
    JoinRows joiner_;
    WindowSink* sink_ = nullptr;
    WindowBounds bounds_;  // of the window that is being emitted
    bool begun_ = false;
    Counts counts_[3];
};

}  // namespace hw::sql

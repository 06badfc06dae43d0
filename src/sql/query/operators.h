#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.h"
#include "base/error.h"
#include "base/time.h"
#include "sql/ast.h"
#include "sql/query/evaluator.h"
#include "sql/query/query.h"
#include "sql/record.h"

// The operators of a statement that keep something between events. An event's way through them:
//
//   EventOrder (event time only) -> AnalyticOperator -> WindowOperator -> HAVING, SELECT, ORDER BY
//
// None knows a clock or a thread: events and times go in, rows come out, and the same calls give
// the same rows. Their state is saved as docs/formats/rule_state.md says.

namespace hw::sql {

// What operators may hold. At a limit the new row is dropped, counted and reported as failed.
struct StateLimits {
    uint64_t rows = 1'000'000;
    uint64_t bytes = 64ull << 20;
    uint64_t groups = 1'000'000;  // also partitions of state windows and of analytic calls
    static StateLimits of(const QueryOptions& options) {
        return {options.rows_limit, options.bytes_limit, options.groups_limit};
    }
};

// Puts the events of all sources in the order of their event time: an event is held until the
// watermark has reached it. The watermark is the least of the sources' greatest event times less
// the tolerance, so a source that is silent holds all back (until finish()); it never goes back.
// Memory: the events of the last `tolerance`; cost: a heap of them.
class EventOrder {
  public:
    // `shapes`: of each source of FROM; null: a lookup table, which sends nothing.
    EventOrder(std::vector<const Shape*> shapes, Duration tolerance, const StateLimits& limits);
    ~EventOrder();

    enum class Verdict : uint8_t {
        held,  // pop() will give it
        late,  // before the watermark: offer it to WindowOperator::push_late
        full,  // a limit: dropped; full_reason() says which
    };
    Verdict push(size_t source, RecordRef record, Time event_time);
    // The next event at or before the watermark, by event time, equals in order of arrival. After
    // each push: pop all, then WindowOperator::advance(watermark()).
    struct Item {
        size_t source = 0;
        RecordRef record;
        Time time;
    };
    std::optional<Item> pop();
    std::optional<Time> watermark() const;  // nothing until each source has sent something
    void finish();                          // end of input: the watermark passes all that is held
    const std::string& full_reason() const;

    OperatorFigures figures() const;  // "order"
    size_t bytes() const;
    void save(ByteWriter& out) const;
    Result<void> load(ByteReader& in);  // into a fresh one; errors: corrupt

  private:
    struct State;
    std::unique_ptr<State> state_;
};

// The analytic calls of a statement, in an order in which each only needs the slots before it.
// Runs on every event before WHERE, as eKuiper does it. A call whose function has Nulls::to_null
// is not made for a null argument: its slot is null. Each value of PARTITION BY has its own state;
// a new one beyond the limit fails the row.
class AnalyticOperator {
  public:
    AnalyticOperator(std::vector<AnalyticCall> calls, const StateLimits& limits);
    ~AnalyticOperator();

    // Fills the calls' slots. On an error scope.call->failed(), and the row is to be dropped.
    void run(RowScope& scope);

    uint64_t partitions() const;
    size_t bytes() const;
    void save(ByteWriter& out) const;
    Result<void> load(ByteReader& in);

  private:
    struct State;
    std::unique_ptr<State> state_;
};

// One JOIN after the first source.
struct JoinStep {
    size_t source = 0;  // the right side
    JoinType type = JoinType::inner;
    // ON's conjuncts `left = right` where left needs only earlier sources and right only this one;
    // a null key matches nothing. Served by a hash table.
    std::vector<EvaluatorPtr> left_keys;
    std::vector<EvaluatorPtr> right_keys;
    EvaluatorPtr rest;  // all other conjuncts, asked of each pair; null: none
};

// Everything a WindowOperator is made of; the evaluators are compiled against RowScope.
struct WindowPlan {
    // The window; its expressions are unused here, their compiled form is below. `none`: each row
    // is a window of its own (aggregates and GROUP BY without a window).
    WindowType type = WindowType::none;
    Duration length, hop, delay;
    uint64_t count = 0, every = 0;
    EvaluatorPtr begin, end;                 // state; no end: the single condition
    EvaluatorPtr filter;                     // FILTER (WHERE ...): rows before the window
    EvaluatorPtr trigger;                    // sliding's OVER (WHEN ...)
    std::vector<EvaluatorPtr> partition_by;  // state's OVER (PARTITION BY ...)
    // The zone's offset from UTC at a time: tumbling and hopping windows of whole hours align to
    // local midnight by it (days of 23 and 25 hours included). Null: UTC.
    std::function<Duration(Time)> zone_offset;

    std::vector<const Shape*> shapes;  // of each source of FROM; null: a lookup table
    size_t slots = 0;                  // how many slots the statement has
    // Slots filled before the window (analytic results, lookup rows, aliases): kept with a row.
    std::vector<size_t> kept_slots;
    std::vector<JoinStep> joins;  // none: every row stands alone, also of `FROM a, b`
    // WHERE. As in eKuiper a row that fails it still counts for sliding and count windows (it
    // triggers the one, it is one of the other's rows), but is not part of the result; the other
    // windows do not see it. With joins it is asked of the joined rows only.
    EvaluatorPtr where;

    // Grouped: one row for each value of group_by (all rows of the window where it is empty), with
    // the aggregates' slots filled, and the records and kept slots of the group's first row. Not
    // grouped: the window's rows, in order.
    bool grouped = false;
    std::vector<EvaluatorPtr> group_by;
    std::vector<size_t> group_slots;  // as many as group_by, or none: where the key's values go
    std::vector<AggregateCall> aggregates;
    bool needs_first = true;  // false: no field asks for the group's first row (saves memory)

    Duration allowed_lateness;
    StateLimits limits;
    // What evaluators are given where a row is not fresh from push(): services, dialect, rule_id.
    CallContext context;

    // What is wrong with the numbers (a length of 0, COUNTWINDOW(2, 3), more than 18 years), for
    // people; nothing where the operator can be made.
    std::optional<std::string> refusal() const;
};

struct WindowBounds {
    Time start, end;
    bool again = false;  // emitted before; late rows were added
};

// What comes out of a WindowOperator, during its calls. A window without rows never shows up.
class WindowSink {
  public:
    virtual ~WindowSink() = default;
    virtual void window_begins(const WindowBounds& bounds) = 0;
    // One row, or group, in order of first appearance. The scope is the operator's own, with all
    // `slots`; call: window_start, window_end (both 0 for `none`), event_time (a group's: the
    // window's end; a row's: its own), record where one row made it, else null. All but the kept
    // and aggregates' slots are null, and may be written.
    virtual void row(RowScope& scope) = 0;
    virtual void window_ends() = 0;
    virtual void late(const Record& record) = 0;
    // `stage`: an index of WindowOperator::figures().
    virtual void failed(size_t stage, const std::string& reason) = 0;
};

// Windows, the joins within them, and grouping.
//
// Bounds. Tumbling, hopping: [start, end) on the grid of multiples of the hop since 1970 (since
// local midnight, see zone_offset). Session: [first row, last row + timeout), or to the first
// multiple of the longest duration at which it has lasted that long; if rows go on within the
// timeout the next one starts there. Sliding: (t - length, t] at each trigger, rows of the same
// time only as far as they came before it; with a delay (t - length, t + delay). Count: times of
// its first and last row. State: times of the first row, and of the one that ends it (which is
// within for begin-end, outside for a single condition).
//
// Time. push() and advance() take times that never go back: of arrival, or, behind an EventOrder,
// event times and the watermark. A row at or after a window's end closes it first.
//
// Late rows (push_late): tumbling and hopping windows are kept for allowed_lateness after their
// end; a late row is added to each that it is in, and those already emitted are emitted again at
// once, whole, with `again` set. Sliding windows: it is put in its place, its own window and those
// of later triggers that it is in are emitted (again). What no window takes goes to late(),
// counted.
//
// State. Grouped windows without joins keep aggregates only (hopping: in panes as wide as the
// greatest common divisor, merged at the end, where all functions can merge); sliding windows,
// joins and ungrouped statements keep rows. Cost: 100 to 300 ns a row and window it is added to. At
// its end a hopping window costs its panes' groups; a sliding one at most some 300 merges and rows
// where all functions can merge and no late rows are allowed, else its rows; joins their rows.
class WindowOperator {
  public:
    explicit WindowOperator(WindowPlan plan);
    ~WindowOperator();

    // `scope` is as the operators before left it: the row's record in scope.records[source], kept
    // slots filled, scope.call for this row. `time` see above; `now` is the run's clock.
    void push(RowScope& scope, size_t source, const RecordRef& record, Time time, Time now,
              WindowSink& sink);
    void push_late(RowScope& scope, size_t source, const RecordRef& record, Time time, Time now,
                   WindowSink& sink);
    // All rows before `time` have been pushed.
    void advance(Time time, Time now, WindowSink& sink);
    // When a window ends next, on the axis of `time`; only of use in processing time.
    std::optional<Time> next_due() const;
    // End of input: time windows that have begun end, with their own bounds. Count and state
    // windows that are not complete are dropped.
    void finish(Time now, WindowSink& sink);

    // "window", then "join" where there are joins, then "aggregate" where grouped.
    std::vector<OperatorFigures> figures() const;
    size_t bytes() const;
    void save(ByteWriter& out) const;
    // Into a fresh operator of the same plan. Errors: corrupt; unsupported where the plan differs.
    Result<void> load(ByteReader& in);

  private:
    class State;
    std::unique_ptr<State> state_;
};

}  // namespace hw::sql

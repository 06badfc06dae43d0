#pragma once

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "sql/query/operators.h"
#include "sql/query/parts.h"
#include "sql/query/query.h"
#include "sql/query/window_row.h"

namespace hw::sql {

// Runs a plan. An event's way:
//
//   (order) -> analytic calls -> WHERE -> lookups -> [window -> HAVING] -> fields -> output
//
// WHERE stands before the window where that gives the same (see WindowPlan::where).
class Pipeline final : public Query, private WindowSink {
  public:
    explicit Pipeline(QueryParts parts);

    std::span<const QuerySource> sources() const override { return parts_.sources; }
    Dialect dialect() const override { return parts_.dialect; }
    bool stateless() const override { return !window_ && !analytics_ && !parts_.asks_passed; }

    void push(size_t source, const RecordRef& record, Time now, QueryOutput& output) override;
    void advance(Time now, QueryOutput& output) override;
    std::optional<Time> next_due() const override;
    void finish(Time now, QueryOutput& output) override;

    std::span<const Indexable> indexable() const override { return indexable_; }
    Datum index_value(size_t indexable, const Record& record, Time now) override;
    void push_known(size_t source, const RecordRef& record, Time now, size_t known_conjunct,
                    QueryOutput& output) override;

    void follow(QueryTap* tap) override { tap_ = tap; }
    std::vector<OperatorFigures> figures() const override;
    std::string plan_text() const override;
    std::string plan_json() const override;
    size_t state_bytes() const override;
    void save(std::string& out) const override;
    Result<void> load(BytesView state) override;

  private:
    static constexpr size_t none_known = SIZE_MAX;
    struct Stage {
        uint64_t in = 0, out = 0;
        std::unique_ptr<ErrorTally> errors;  // null: none yet
    };
    // What is pushed: where from, and its place in time.
    struct Event {
        size_t source = 0;
        const RecordRef* record = nullptr;
        Time time;  // of arrival, or the event's own
        Time now;
        bool late = false;
    };
    struct Waiting {  // for ORDER BY
        std::vector<Datum> keys;
        OutputRow row;
    };

    void push_in_order(size_t source, const RecordRef& record, Time now);
    void drain_order(Time now);
    std::optional<Time> event_time(size_t source, const RecordRef& record, Time now);
    void begin_row(const Event& event);
    void take(const Event& event, size_t known);
    void filter(const Event& event, size_t known);
    bool passes(size_t from, size_t to, size_t known);
    void run_lookup(const Event& event, size_t step, size_t known);
    void after_filter(const Event& event);
    void put_rows(RowScope& scope);
    void put_items(RowScope& scope);
    void put_row(RowScope& scope, Datum row);
    bool run(const std::vector<Assignment>& program, RowScope& scope, size_t stage);
    bool failed(RowScope& scope, size_t stage);  // counts, where the row has
    void fail(size_t stage, const std::string& reason);
    void end_rows();
    void clear_analytic_slots();
    // A row has left the operator.
    void tell(size_t stage, const RowScope& scope) {
        if (tap_ != nullptr) [[unlikely]]
            tap_->passed(stage, row_of(scope));
    }
    Datum row_of(const RowScope& scope) const;

    void window_begins(const WindowBounds& bounds) override;
    void row(RowScope& scope) override;
    void window_ends() override;
    void late(const Record& record) override;
    void failed(size_t stage, const std::string& reason) override;

    QueryParts parts_;
    std::vector<Indexable> indexable_;
    std::unique_ptr<EventOrder> order_;
    std::unique_ptr<AnalyticOperator> analytics_, result_analytics_;
    std::unique_ptr<WindowOperator> window_;
    std::vector<size_t> analytic_slots_;

    std::vector<const Record*> records_;
    std::vector<Datum> slots_;
    CallContext call_;
    RowScope scope_;
    std::vector<Stage> stages_;  // by the plan's nodes; the window operator counts its own
    size_t window_stages_ = 0;
    uint64_t late_ = 0;  // where no window counts them

    // During a call.
    QueryOutput* output_ = nullptr;
    QueryTap* tap_ = nullptr;
    uint64_t rows_put_ = 0;  // of this event or window
    WindowBounds bounds_;
    bool in_window_ = false;
    std::vector<Waiting> waiting_;
};

}  // namespace hw::sql

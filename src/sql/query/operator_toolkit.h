#pragma once

#include <algorithm>
#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "sql/datum_codec.h"
#include "sql/query/operators.h"

// What the tests, the benchmark and the fuzzer of the operators are made with: a source of rows
// {k, v}, functions small enough to be checked by eye, and a sink that writes down what it gets.
// Times are plain numbers of ns.

namespace hw::sql::toolkit {

class LambdaEvaluator final : public Evaluator {
  public:
    using Function = std::function<Datum(RowScope&)>;
    explicit LambdaEvaluator(Function function) : function_(std::move(function)) {}
    Datum evaluate(RowScope& scope) const override { return function_(scope); }

  private:
    Function function_;
};
inline EvaluatorPtr lambda(LambdaEvaluator::Function function) {
    return std::make_unique<LambdaEvaluator>(std::move(function));
}

class ColumnEvaluator final : public Evaluator {
  public:
    ColumnEvaluator(size_t column, size_t source) : column_(column), source_(source) {}
    Datum evaluate(RowScope& scope) const override {
        const auto* record = scope.records[source_];
        return record == nullptr ? Datum() : record->column(column_);
    }

  private:
    size_t column_, source_;
};
// 0 is k, 1 is v.
inline EvaluatorPtr column(size_t number, size_t source = 0) {
    return std::make_unique<ColumnEvaluator>(number, source);
}
inline EvaluatorPtr slot(size_t number) {
    return lambda([number](RowScope& scope) { return scope.slots[number]; });
}
// A condition on v.
inline EvaluatorPtr where_v(std::function<bool(int64_t)> condition) {
    return lambda([condition = std::move(condition)](RowScope& scope) {
        const Datum& v = scope.records[0]->column(1);
        if (!v.is_number()) return scope.call->fail("v is no number");
        return Datum::boolean(condition(v.as_integer()));
    });
}

class Count final : public Aggregate {
  public:
    void add(Arguments, CallContext&) override { ++rows_; }
    void merge(const Aggregate& other) override { rows_ += static_cast<const Count&>(other).rows_; }
    Datum result(CallContext&) const override { return Datum::integer(rows_); }
    void save(ByteWriter& out) const override { out.signed_varint(rows_); }
    void load(ByteReader& in) override { rows_ = in.signed_varint(); }
    size_t bytes() const override { return 0; }

  private:
    int64_t rows_ = 0;
};

class Sum final : public Aggregate {
  public:
    void add(Arguments arguments, CallContext& context) override {
        if (!arguments[0].is_number())
            context.fail("sum() wants a number");
        else
            sum_ += arguments[0].as_number();
    }
    void merge(const Aggregate& other) override { sum_ += static_cast<const Sum&>(other).sum_; }
    Datum result(CallContext&) const override { return Datum::real(sum_); }
    void save(ByteWriter& out) const override { out.little(std::bit_cast<uint64_t>(sum_)); }
    void load(ByteReader& in) override { sum_ = std::bit_cast<double>(in.little<uint64_t>()); }
    size_t bytes() const override { return 0; }

  private:
    double sum_ = 0;
};

// All values in order; does not merge.
class List final : public Aggregate {
  public:
    void add(Arguments arguments, CallContext&) override { items_.push_back(arguments[0]); }
    Datum result(CallContext&) const override { return Datum::array(items_); }
    void save(ByteWriter& out) const override { sql::save(out, Datum::array(items_)); }
    void load(ByteReader& in) override {
        const Datum items = load_datum(in);
        if (items.is_array())
            items_ = items.items();
        else
            in.fail();
    }
    size_t bytes() const override { return items_.capacity() * sizeof(Datum); }

  private:
    Datum::Items items_;
};

// The value of the row before.
class Lag final : public Analytic {
  public:
    Datum row(Arguments arguments, bool when, CallContext&) override {
        Datum before = last_;
        if (when) last_ = arguments[0];
        return before;
    }
    void save(ByteWriter& out) const override { sql::save(out, last_); }
    void load(ByteReader& in) override { last_ = load_datum(in); }
    size_t bytes() const override { return last_.heap_bytes(); }

  private:
    Datum last_;
};

template <class T>
Function aggregate_function(std::string_view name, bool can_merge, Nulls nulls) {
    Function function;
    function.name = name;
    function.type = FunctionClass::aggregate;
    function.nulls = nulls;
    function.aggregate = +[]() -> std::unique_ptr<Aggregate> { return std::make_unique<T>(); };
    function.can_merge = can_merge;
    return function;
}
inline const Function& count_function() {
    static const Function function = aggregate_function<Count>("count", true, Nulls::to_null);
    return function;
}
inline const Function& sum_function() {
    static const Function function = aggregate_function<Sum>("sum", true, Nulls::to_null);
    return function;
}
inline const Function& list_function() {
    static const Function function = aggregate_function<List>("list", false, Nulls::seen);
    return function;
}
inline const Function& lag_function() {
    static const Function function = [] {
        Function lag;
        lag.name = "lag";
        lag.type = FunctionClass::analytic;
        lag.nulls = Nulls::seen;
        lag.analytic = +[]() -> std::unique_ptr<Analytic> { return std::make_unique<Lag>(); };
        return lag;
    }();
    return function;
}

inline const Shape& shape() {
    static const Shape shape{.name = "kv", .columns = {{"k", ""}, {"v", ""}}};
    return shape;
}
inline RecordRef record(Datum k, Datum v, int64_t time) {
    std::vector<Datum> columns;
    columns.push_back(std::move(k));
    columns.push_back(std::move(v));
    return std::make_shared<const Record>(shape(), Time{time}, std::move(columns));
}

// Slots: 0 the key, then those of the aggregates, in order; 7 is kept with rows where asked for.
constexpr size_t kept_slot = 7;
constexpr size_t slots = 8;

inline WindowPlan plan(WindowType type, int64_t length, int64_t hop = 0) {
    WindowPlan plan;
    plan.type = type;
    plan.length = Duration{length};
    plan.hop = Duration{hop};
    plan.shapes = {&shape()};
    plan.slots = slots;
    return plan;
}
// GROUP BY k.
inline void group_by_key(WindowPlan& plan) {
    plan.grouped = true;
    plan.group_by.push_back(column(0));
    plan.group_slots = {0};
}
// Gives the call, for more to be set.
inline AggregateCall& aggregate(WindowPlan& plan, const Function& function) {
    plan.grouped = true;
    AggregateCall call;
    call.function = &function;
    call.star = &function == &count_function();
    if (!call.star) call.arguments.push_back(column(1));
    call.slot = 1 + plan.aggregates.size();
    return plan.aggregates.emplace_back(std::move(call));
}

// Each window as a text: "[0 10) a 2 3.5, b 1 1"; "again" in front where it is. A row that is no
// group is k:v, one of a join k:v+k:v.
class TextSink final : public WindowSink {
  public:
    explicit TextSink(size_t results = 0, bool grouped = true, size_t sources = 1)
        : results_(results), grouped_(grouped), sources_(sources) {}

    void window_begins(const WindowBounds& bounds) override {
        windows.push_back((bounds.again ? "again [" : "[") + std::to_string(bounds.start.ns) + " " +
                          std::to_string(bounds.end.ns) + ")");
        first_ = true;
    }
    void row(RowScope& scope) override {
        auto& text = windows.back();
        text += first_ ? " " : ", ";
        first_ = false;
        text += grouped_ ? group(scope) : rows(scope);
    }
    void window_ends() override { ++ended; }
    void late(const Record& record) override { late_rows.push_back(to_json(record.column(1))); }
    void failed(size_t stage, const std::string& reason) override {
        failures.push_back(std::to_string(stage) + ": " + reason);
    }

    std::vector<std::string> windows, late_rows, failures;
    size_t ended = 0;

  private:
    std::string group(RowScope& scope) const {
        std::string text;
        append_plain(text, scope.slots[0]);
        for (size_t i = 0; i < results_; ++i) {
            text += ' ';
            append_plain(text, scope.slots[1 + i]);
        }
        return text;
    }
    std::string rows(RowScope& scope) const {
        std::string text;
        for (size_t i = 0; i < sources_; ++i) {
            if (i > 0) text += '+';
            const auto* record = scope.records[i];
            if (record == nullptr) {
                text += '-';
                continue;
            }
            append_plain(text, record->column(0));
            text += ':';
            append_plain(text, record->column(1));
        }
        if (!scope.slots[kept_slot].is_null()) text += "/" + to_json(scope.slots[kept_slot]);
        return text;
    }

    size_t results_;
    bool grouped_;
    size_t sources_;
    bool first_ = true;
};

// Pushes rows as the operators before a window do.
class Feeder {
  public:
    explicit Feeder(WindowOperator& window) : window_(window) {}

    void push(const RecordRef& record, int64_t time, WindowSink& sink, size_t source = 0,
              Datum kept = {}, bool late = false) {
        const Record* records[4] = {};
        Datum all_slots[slots];
        CallContext call;
        records[source] = record.get();
        all_slots[kept_slot] = std::move(kept);
        call.record = record.get();
        RowScope scope{records, all_slots, &call};
        if (late)
            window_.push_late(scope, source, record, Time{time}, Time{time}, sink);
        else
            window_.push(scope, source, record, Time{time}, Time{time}, sink);
    }
    void push(std::string_view k, int64_t v, int64_t time, WindowSink& sink) {
        push(record(Datum::text(k), Datum::integer(v), time), time, sink);
    }
    void push_late(std::string_view k, int64_t v, int64_t time, WindowSink& sink) {
        push(record(Datum::text(k), Datum::integer(v), time), time, sink, 0, {}, true);
    }

  private:
    WindowOperator& window_;
};

}  // namespace hw::sql::toolkit

#include "sql/query/pipeline.h"

#include <algorithm>
#include <utility>

#include "base/time.h"
#include "sql/query/compare.h"
#include "sql/services.h"

namespace hw::sql {

namespace {

constexpr size_t reason_bytes = 60;

// Under which a failure is counted: what differs from row to row stands behind a colon.
std::string first_words(const std::string& reason) {
    std::string words = reason.substr(0, reason.find(':'));
    if (words.size() > reason_bytes) {
        const size_t space = words.rfind(' ', reason_bytes);
        words.resize(space == std::string::npos ? reason_bytes : space);
    }
    return words;
}

std::optional<Time> time_of_value(const Datum& value) {
    if (value.kind() == Kind::time) return value.as_time();
    if (value.is_number()) {
        const double ms = value.as_number();
        if (!(ms > -9e12 && ms < 9e12)) return {};
        if (value.kind() == Kind::int64) return Time{value.as_integer() * 1'000'000};
        return Time{static_cast<int64_t>(ms * 1e6)};
    }
    if (!value.is_text()) return {};
    const auto time = parse_rfc3339(value.as_text());
    return time ? std::optional(*time) : std::nullopt;
}

std::vector<size_t> slots_of(const std::vector<AnalyticCall>& calls) {
    std::vector<size_t> slots;
    for (const auto& call : calls)
        slots.push_back(call.slot);
    return slots;
}

}  // namespace

Pipeline::Pipeline(QueryParts parts) : parts_(std::move(parts)) {
    const auto limits = StateLimits::of(parts_.options);
    call_.dialect = parts_.dialect;
    call_.rule_id = parts_.rule_id;
    call_.rule_start = parts_.rule_start;
    call_.services = parts_.services;
    records_.resize(parts_.sources.size());
    slots_.resize(parts_.slots);
    scope_ = {records_.data(), slots_.data(), &call_};
    analytic_slots_ = slots_of(parts_.analytics);
    if (!parts_.analytics.empty())
        analytics_ = std::make_unique<AnalyticOperator>(std::move(parts_.analytics), limits);
    if (!parts_.result_analytics.empty())
        result_analytics_ =
            std::make_unique<AnalyticOperator>(std::move(parts_.result_analytics), limits);
    if (parts_.window) {
        parts_.window->context = call_;
        window_ = std::make_unique<WindowOperator>(std::move(*parts_.window));
        parts_.window.reset();
        window_stages_ = window_->figures().size();
    }
    if (parts_.stages.order != 0) {
        std::vector<const Shape*> shapes;
        for (const auto& source : parts_.sources)
            shapes.push_back(source.shape);
        order_ =
            std::make_unique<EventOrder>(std::move(shapes), parts_.options.late_tolerance, limits);
    }
    for (const auto& one : parts_.indexed)
        indexable_.push_back(one.indexable);
    stages_.resize(parts_.plan.size());
}

void Pipeline::fail(size_t stage, const std::string& reason) {
    auto& errors = stages_[stage].errors;
    if (!errors) errors = std::make_unique<ErrorTally>();
    errors->count(first_words(reason));
    output_->failed(stage, reason);
}

bool Pipeline::failed(RowScope& scope, size_t stage) {
    if (!scope.call->failed()) [[likely]]
        return false;
    fail(stage, scope.call->error());
    scope.call->clear_error();
    return true;
}

bool Pipeline::run(const std::vector<Assignment>& program, RowScope& scope, size_t stage) {
    if (program.empty()) return true;
    for (const auto& step : program)
        scope.slots[step.slot] = step.value->evaluate(scope);
    return !failed(scope, stage);
}

void Pipeline::push(size_t source, const RecordRef& record, Time now, QueryOutput& output) {
    push_known(source, record, now, none_known, output);
}

void Pipeline::push_known(size_t source, const RecordRef& record, Time now, size_t known_conjunct,
                          QueryOutput& output) {
    output_ = &output;
    ++stages_[source].in;
    if (order_) {
        push_in_order(source, record, now);
    } else if (parts_.options.event_time) {
        const auto time = event_time(source, record, now);
        if (time) take({source, &record, *time, now}, known_conjunct);
    } else {
        take({source, &record, now, now}, known_conjunct);
    }
    output_ = nullptr;
}

std::optional<Time> Pipeline::event_time(size_t source, const RecordRef& record, Time now) {
    begin_row({source, &record, now, now});
    const auto& evaluator = parts_.event_times[source];
    const Datum value = evaluator ? evaluator->evaluate(scope_) : Datum::time(record->time());
    records_[source] = nullptr;
    if (failed(scope_, source)) return {};
    auto time = time_of_value(value);
    if (!time) fail(source, "the event has no time in its timestamp field");
    return time;
}

void Pipeline::push_in_order(size_t source, const RecordRef& record, Time now) {
    const auto time = event_time(source, record, now);
    if (!time) return;
    switch (order_->push(source, record, *time)) {
        case EventOrder::Verdict::held:
            break;
        case EventOrder::Verdict::late:
            if (window_) {
                take({source, &record, *time, now, true}, none_known);
            } else {
                ++late_;
                output_->late(*record);
            }
            return;
        case EventOrder::Verdict::full:
            fail(parts_.stages.order, order_->full_reason());
            return;
    }
    drain_order(now);
}

void Pipeline::drain_order(Time now) {
    while (auto item = order_->pop())
        take({item->source, &item->record, item->time, now}, none_known);
    const auto watermark = order_->watermark();
    if (window_ && watermark) window_->advance(*watermark, now, *this);
}

void Pipeline::begin_row(const Event& event) {
    call_.record = event.record->get();
    call_.now = event.now;
    call_.event_time = event.time;
    records_[event.source] = event.record->get();
}

void Pipeline::clear_analytic_slots() {
    for (const size_t slot : analytic_slots_)
        slots_[slot] = {};
}

void Pipeline::take(const Event& event, size_t known) {
    begin_row(event);
    ++stages_[event.source].out;
    tell(event.source, scope_);
    bool on = true;
    if (analytics_) {
        auto& stage = stages_[parts_.stages.analytic];
        ++stage.in;
        // A late row must not change what depends on the order of rows.
        if (event.late)
            clear_analytic_slots();
        else
            analytics_->run(scope_);
        on = !failed(scope_, parts_.stages.analytic);
        if (on) {
            ++stage.out;
            tell(parts_.stages.analytic, scope_);
        }
    }
    if (on) filter(event, known);
    if (!window_) end_rows();
    records_[event.source] = nullptr;
}

// WHERE, around the lookups: what needs no looked up row is asked before them.
void Pipeline::filter(const Event& event, size_t known) {
    if (parts_.conjuncts.empty() && parts_.lookups.empty()) return after_filter(event);
    Stage* const stage = parts_.conjuncts.empty() ? nullptr : &stages_[parts_.stages.filter];
    if (stage) ++stage->in;
    if (!passes(0, parts_.conjuncts_before_lookup, known)) return;
    if (parts_.lookups.empty()) {
        ++stage->out;
        tell(parts_.stages.filter, scope_);
        return after_filter(event);
    }
    ++stages_[parts_.stages.lookup].in;
    run_lookup(event, 0, known);
}

bool Pipeline::passes(size_t from, size_t to, size_t known) {
    for (size_t i = from; i < to; ++i) {
        if (i == known) continue;
        const auto& condition = parts_.conjuncts[i];
        if (!run(condition.program, scope_, parts_.stages.filter)) return false;
        const bool holds = condition.holds->holds(scope_);
        if (failed(scope_, parts_.stages.filter)) return false;
        if (!holds) return false;
    }
    return true;
}

void Pipeline::run_lookup(const Event& event, size_t step, size_t known) {
    if (step == parts_.lookups.size()) {
        ++stages_[parts_.stages.lookup].out;
        tell(parts_.stages.lookup, scope_);
        if (!passes(parts_.conjuncts_before_lookup, parts_.conjuncts.size(), known)) return;
        if (parts_.stages.filter != 0) {
            ++stages_[parts_.stages.filter].out;
            tell(parts_.stages.filter, scope_);
        }
        after_filter(event);
        return;
    }
    const auto& lookup = parts_.lookups[step];
    const size_t stage = parts_.stages.lookup;
    std::vector<Datum> values;
    for (const auto& value : lookup.values)
        values.push_back(value->evaluate(scope_));
    if (failed(scope_, stage)) return;
    bool found = false;
    if (std::ranges::none_of(values, &Datum::is_null)) {
        auto rows = lookup.table->find(lookup.keys, values, event.now);
        if (!rows) return fail(stage, rows.error().text());
        for (auto& row : *rows) {
            slots_[lookup.slot] = std::move(row);
            const bool fits = !lookup.rest || lookup.rest->holds(scope_);
            if (failed(scope_, stage)) return;
            if (!fits) continue;
            found = true;
            run_lookup(event, step + 1, known);
        }
    }
    slots_[lookup.slot] = {};
    if (!found && lookup.outer) run_lookup(event, step + 1, known);
}

void Pipeline::after_filter(const Event& event) {
    if (!window_)
        put_rows(scope_);
    else if (event.late)
        window_->push_late(scope_, event.source, *event.record, event.time, event.now, *this);
    else
        window_->push(scope_, event.source, *event.record, event.time, event.now, *this);
    ++call_.passed.count;
    call_.passed.last = event.time;
}

// The fields of one row, or of FOREACH's items.
void Pipeline::put_rows(RowScope& scope) {
    const size_t stage = parts_.stages.project;
    if (parts_.limit && parts_.order.empty() && rows_put_ >= *parts_.limit) return;
    ++stages_[stage].in;
    if (parts_.row_number_slot)
        scope.slots[*parts_.row_number_slot] = Datum::integer(static_cast<int64_t>(rows_put_ + 1));
    if (!run(parts_.select_program, scope, stage)) return;
    if (parts_.foreach) return put_items(scope);
    if (!parts_.projection->has_unnest()) return put_row(scope, parts_.projection->row(scope));
    parts_.projection->rows(scope, [&](Datum row) { put_row(scope, std::move(row)); });
    failed(scope, stage);
}

void Pipeline::put_items(RowScope& scope) {
    const auto& foreach = *parts_.foreach;
    const size_t stage = parts_.stages.foreach;
    auto& figures = stages_[stage];
    ++figures.in;
    Datum array = foreach.array->evaluate(scope);
    if (failed(scope, stage)) return;
    // A payload that is an array is still a text here.
    if (array.is_text())
        if (auto read = scope.call->services->json.read(array.as_text())) array = std::move(*read);
    if (!array.is_array()) return;
    for (const auto& item : array.items()) {
        scope.slots[foreach.item_slot] = item;
        if (!run(foreach.program, scope, stage)) continue;
        const bool wanted = !foreach.incase || foreach.incase->holds(scope);
        if (failed(scope, stage) || !wanted) continue;
        ++figures.out;
        tell(stage, scope);
        put_row(scope, parts_.projection->row(scope));
    }
    scope.slots[foreach.item_slot] = {};
}

void Pipeline::put_row(RowScope& scope, Datum row) {
    const size_t stage = parts_.stages.project;
    if (failed(scope, stage)) return;
    // eKuiper sends nothing where nothing is left.
    if (parts_.dialect == Dialect::ekuiper && row.is_object() && row.members().empty()) return;
    OutputRow out{std::move(row), in_window_ ? bounds_.end : scope.call->event_time,
                  in_window_ ? bounds_.start : Time{}, in_window_ ? bounds_.end : Time{},
                  scope.call->record};
    if (!parts_.order.empty()) {
        Waiting waiting;
        for (const auto& key : parts_.order)
            waiting.keys.push_back(key.value->evaluate(scope));
        if (failed(scope, stage)) return;
        waiting.row = std::move(out);
        waiting_.push_back(std::move(waiting));
        ++rows_put_;
        return;
    }
    if (parts_.limit && rows_put_ >= *parts_.limit) return;
    ++rows_put_;
    ++stages_[stage].out;
    output_->row(std::move(out));
}

// The end of a window's rows, or of an event's.
void Pipeline::end_rows() {
    rows_put_ = 0;
    if (waiting_.empty()) return;
    std::ranges::stable_sort(waiting_, [&](const Waiting& a, const Waiting& b) {
        for (size_t i = 0; i < parts_.order.size(); ++i) {
            const auto by = sql::order(a.keys[i], b.keys[i]);
            if (by != 0) return parts_.order[i].descending ? by > 0 : by < 0;
        }
        return false;
    });
    std::vector<Waiting> sorted = std::move(waiting_);
    waiting_.clear();
    uint64_t left = parts_.limit.value_or(UINT64_MAX);
    for (auto& one : sorted) {
        if (left-- == 0) return;
        ++stages_[parts_.stages.project].out;
        output_->row(std::move(one.row));
    }
}

void Pipeline::window_begins(const WindowBounds& bounds) {
    bounds_ = bounds;
    in_window_ = true;
}

void Pipeline::row(RowScope& scope) {
    scope.call->passed = call_.passed;
    scope.call->passed_of_windows = call_.passed_of_windows;
    if (result_analytics_) {
        result_analytics_->run(scope);
        if (failed(scope, parts_.stages.project)) return;
    }
    // After the calls on results, so that none of them is the row's before.
    tell(parts_.stages.window + window_stages_ - 1, scope);
    if (parts_.having) {
        const size_t stage = parts_.stages.having;
        ++stages_[stage].in;
        if (!run(parts_.having_program, scope, stage)) return;
        const bool holds = parts_.having->holds(scope);
        if (failed(scope, stage) || !holds) return;
        ++stages_[stage].out;
        tell(stage, scope);
    }
    put_rows(scope);
    ++call_.passed_of_windows.count;
    call_.passed_of_windows.last = in_window_ ? bounds_.end : scope.call->event_time;
}

void Pipeline::window_ends() {
    end_rows();
    in_window_ = false;
}

void Pipeline::late(const Record& record) {
    output_->late(record);
}

// The window operator has counted it.
void Pipeline::failed(size_t stage, const std::string& reason) {
    output_->failed(parts_.stages.window + stage, reason);
}

void Pipeline::advance(Time now, QueryOutput& output) {
    if (!window_ || order_) return;
    output_ = &output;
    window_->advance(now, now, *this);
    output_ = nullptr;
}

std::optional<Time> Pipeline::next_due() const {
    return window_ && !order_ ? window_->next_due() : std::nullopt;
}

void Pipeline::finish(Time now, QueryOutput& output) {
    output_ = &output;
    if (order_) {
        order_->finish();
        drain_order(now);
    }
    if (window_) window_->finish(now, *this);
    output_ = nullptr;
}

Datum Pipeline::index_value(size_t indexable, const Record& record, Time now) {
    const auto& one = parts_.indexed[indexable];
    call_.record = &record;
    call_.now = now;
    call_.event_time = now;
    for (auto& known : records_)
        known = &record;
    Datum value = index_form_of(one.path->evaluate(scope_), one.form, parts_.dialect);
    std::ranges::fill(records_, nullptr);
    // The rules that the index passes over do not count this as an error of theirs.
    call_.clear_error();
    return value;
}

}  // namespace hw::sql

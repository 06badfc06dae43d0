#include <fmt/format.h>

#include <algorithm>
#include <functional>
#include <string>
#include <utility>

#include "sql/functions/civil.h"
#include "sql/query/nodes.h"
#include "sql/query/planner.h"
#include "sql/query/query.h"
#include "sql/services.h"

namespace hw::sql {

namespace {

void split_and(const Expression& expression, std::vector<const Expression*>& into) {
    if (expression.type == ExpressionType::binary && expression.op == Operator::and_) {
        for (const auto& operand : expression.operands)
            split_and(*operand, into);
        return;
    }
    into.push_back(&expression);
}

EvaluatorPtr joined_by_and(std::vector<EvaluatorPtr> all) {
    if (all.empty()) return nullptr;
    if (all.size() == 1) return std::move(all[0]);
    return make_and(std::move(all));
}

Phase row_phase(std::string_view clause) {
    Phase phase;
    phase.clause = clause;
    phase.aggregates = Phase::Aggregates::refused;
    phase.analytics = clause != "ON";
    return phase;
}

// A clause of the statement as we would write it, without its first word.
std::string clause(const std::string& pretty, std::string_view word) {
    size_t at = pretty.starts_with(word) ? 0 : pretty.find(fmt::format("\n{} ", word));
    if (at == std::string::npos) return {};
    at = pretty.find_first_not_of('\n', at) + word.size() + 1;
    const size_t end = std::min(pretty.find('\n', at), pretty.size());
    return at < end ? pretty.substr(at, end - at) : std::string();
}

// Null: UTC. A zone that is unknown is UTC too: functions that are told it say so.
std::function<Duration(Time)> offset_of_zone(const std::string& zone) {
    if (zone == "UTC" || !zone_offset(zone, Time{})) return nullptr;
    return [zone](Time time) {
        const auto offset = zone_offset(zone, time);
        return offset ? seconds(offset->seconds) : Duration{};
    };
}

// A zone that is not known counts as UTC.
std::function<Duration(Time)> offset_of(const std::string& zone) {
    if (zone.empty() || zone == "UTC") return {};
    return [zone](Time time) {
        const auto offset = zone_offset(zone, time);
        return offset ? seconds(offset->seconds) : Duration{};
    };
}

std::string_view name_of(JoinType type) {
    constexpr std::string_view names[] = {"", "INNER", "LEFT", "RIGHT", "FULL", "CROSS"};
    return names[static_cast<size_t>(type)];
}

}  // namespace

void Planner::plan_lookups() {
    for (size_t i = 0; i < compiler_.sources().size(); ++i)
        if (compiler_.sources()[i].lookup) parts_.lookups.push_back(lookup_step(i));
}

// ON's equalities between a column of the table and what is known before it become its keys.
LookupStep Planner::lookup_step(size_t source) {
    const auto& bound = compiler_.sources()[source];
    LookupStep step;
    step.table = bound.lookup;
    step.slot = bound.slot;
    step.outer = bound.join == JoinType::left;
    step.shown = fmt::format("{} JOIN {}", name_of(bound.join), bound.shown);
    if (bound.join != JoinType::inner && bound.join != JoinType::left)
        compiler_.fail(
            bound.from->place,
            fmt::format("a {} JOIN would need all rows of {}", name_of(bound.join), bound.shown),
            "INNER JOIN or LEFT JOIN with a table");
    const Phase phase = row_phase("ON");
    const uint64_t itself = uint64_t{1} << std::min<size_t>(source, 63);
    std::vector<const Expression*> conjuncts;
    if (bound.from->on) split_and(*bound.from->on, conjuncts);
    std::vector<EvaluatorPtr> rest;
    for (const Expression* conjunct : conjuncts) {
        bool key = false;
        for (size_t side = 0; side < 2 && conjunct->op == Operator::equal && !key; ++side) {
            const auto& column = *conjunct->operands[side];
            const auto& value = *conjunct->operands[1 - side];
            const bool direct = column.type == ExpressionType::name ||
                                (column.type == ExpressionType::member &&
                                 column.operands[0]->type == ExpressionType::name);
            if (!direct || compiler_.sources_used(column) != itself ||
                (compiler_.sources_used(value) & itself) != 0)
                continue;
            step.keys.push_back(column.text);
            step.values.push_back(compiler_.compile(value, phase));
            key = true;
        }
        if (!key) rest.push_back(compiler_.compile(*conjunct, phase));
    }
    if (step.keys.empty())
        compiler_.fail(bound.from->place,
                       fmt::format("the join with {} names none of its columns", bound.shown),
                       fmt::format("ON ... = {}.column", bound.name));
    step.rest = joined_by_and(std::move(rest));
    return step;
}

JoinStep Planner::join_step(size_t source) {
    const auto& bound = compiler_.sources()[source];
    JoinStep step;
    step.source = source;
    step.type = bound.join;
    const Phase phase = row_phase("ON");
    const uint64_t itself = uint64_t{1} << std::min<size_t>(source, 63);
    const uint64_t before = itself - 1;
    std::vector<const Expression*> conjuncts;
    if (bound.from->on) split_and(*bound.from->on, conjuncts);
    std::vector<EvaluatorPtr> rest;
    for (const Expression* conjunct : conjuncts) {
        bool key = false;
        if (conjunct->op == Operator::equal) {
            for (size_t side = 0; side < 2 && !key; ++side) {
                const auto& right = *conjunct->operands[side];
                const auto& left = *conjunct->operands[1 - side];
                const uint64_t of_left = compiler_.sources_used(left);
                if (compiler_.sources_used(right) != itself || of_left == 0 ||
                    (of_left & ~before) != 0)
                    continue;
                step.left_keys.push_back(
                    make_join_key(compiler_.compile(left, phase), compiler_.dialect()));
                step.right_keys.push_back(
                    make_join_key(compiler_.compile(right, phase), compiler_.dialect()));
                key = true;
            }
        }
        // Equal keys are not always equal values.
        if (!key || compiler_.dialect() == Dialect::emqx)
            rest.push_back(compiler_.compile(*conjunct, phase));
    }
    step.rest = joined_by_and(std::move(rest));
    return step;
}

void Planner::window_expressions(WindowPlan& plan, const Phase& row) {
    const auto& window = select_.window;
    const auto compiled = [&](const ExpressionPtr& part) {
        return part ? compiler_.compile(*part, row) : nullptr;
    };
    plan.begin = compiled(window.begin);
    plan.end = compiled(window.end);
    plan.filter = compiled(window.filter);
    if (!window.over) return;
    plan.trigger = compiled(window.over->when);
    for (const auto& key : window.over->partition_by)
        plan.partition_by.push_back(compiler_.compile(*key, row));
    if (plan.trigger && window.type != WindowType::sliding)
        compiler_.fail(window.place, "OVER (WHEN ...) is of sliding windows",
                       "FILTER (WHERE ...) for the rows of other windows");
    if (!plan.partition_by.empty() && window.type != WindowType::state)
        compiler_.fail(window.place, "OVER (PARTITION BY ...) is of state windows",
                       "GROUP BY the same expressions");
}

void Planner::plan_window() {
    const auto& window = select_.window;
    parts_.window = std::make_unique<WindowPlan>();
    WindowPlan& plan = *parts_.window;
    plan.type = window.type;
    plan.length = window.length;
    plan.hop = window.hop;
    plan.delay = window.delay;
    plan.count = window.count;
    plan.every = window.every;
    plan.where = std::move(window_where_);
    plan.zone_offset = offset_of_zone(parts_.services->time_zone);
    plan.allowed_lateness = options_.allowed_lateness;
    plan.limits = StateLimits::of(options_);
    plan.zone_offset = offset_of(parts_.services->time_zone);
    for (const auto& source : compiler_.sources()) {
        plan.shapes.push_back(source.shape);
        if (source.lookup) plan.kept_slots.push_back(source.slot);
    }
    const Phase row = row_phase("the window");
    window_expressions(plan, row);
    for (size_t i = 0; i < compiler_.sources().size(); ++i) {
        const auto& source = compiler_.sources()[i];
        if (source.join != JoinType::none && source.shape) plan.joins.push_back(join_step(i));
    }
    plan_groups(plan, row_phase("GROUP BY"));
    plan_results(plan);
    if (compiler_.flaw()) return;
    if (const auto refusal = plan.refusal()) compiler_.fail(window.place, *refusal);
}

void Planner::plan_groups(WindowPlan& plan, const Phase& row) {
    for (const auto& key : select_.group_by) {
        plan.group_by.push_back(compiler_.compile(*key, row));
        plan.group_slots.push_back(compiler_.new_slot());
        compiler_.set_group_key(*key, plan.group_slots.back());
        compiler_.name_slot(format(*key), plan.group_slots.back());
    }
}

// What is asked of each row or group that leaves the window.
void Planner::plan_results(WindowPlan& plan) {
    Phase phase;
    phase.aggregates = Phase::Aggregates::grouped;
    compiler_.reset_row_use();
    if (select_.having) {
        phase.clause = "HAVING";
        phase.program = &parts_.having_program;
        parts_.having = compiler_.compile(*select_.having, phase);
    }
    phase.clause = "SELECT";
    phase.program = &parts_.select_program;
    parts_.projection = std::make_unique<Projection>(compiler_);
    parts_.projection->add_all(compiler_, select_.fields, phase, 0);
    plan_output();
    plan.aggregates = compiler_.take_aggregates();
    plan.grouped = !plan.aggregates.empty() || !plan.group_by.empty();
    plan.needs_first = compiler_.uses_row();
    if (!plan.grouped) plan.group_slots.clear();
}

void Planner::finish() {
    parts_.analytics = compiler_.take_analytics();
    parts_.asks_passed = compiler_.asks_passed();
    parts_.result_analytics = compiler_.take_result_analytics();
    parts_.row_number_slot = compiler_.row_number_slot();
    // An index would keep events from analytic calls, which are to see all.
    if (parts_.analytics.empty() && !stream_joins_)
        for (size_t i = 0; i < parts_.conjuncts_before_lookup && i < conjuncts_.size(); ++i)
            if (auto indexed = index_conjunct(compiler_, conjuncts_[i], i))
                parts_.indexed.push_back(std::move(*indexed));
    if (parts_.window)
        for (const auto& call : parts_.analytics)
            parts_.window->kept_slots.push_back(call.slot);
    for (const auto& source : compiler_.sources()) {
        parts_.source_names.push_back(source.name.empty() ? source.shown : source.name);
        if (source.lookup) compiler_.name_slot(parts_.source_names.back(), source.slot);
    }
    parts_.slot_names = compiler_.take_slot_names();
    parts_.slots = compiler_.slots();
    if (parts_.window) parts_.window->slots = parts_.slots;
    describe();
}

void Planner::describe() {
    auto& stages = parts_.stages;
    const std::string pretty = format(select_, true);
    const bool ordered = options_.event_time && (parts_.window || !parts_.analytics.empty());
    if (ordered)
        stages.order = add_node("order", fmt::format("event time, {} late at most",
                                                     format_duration(options_.late_tolerance)));
    if (!parts_.analytics.empty())
        stages.analytic = add_node("analytic", fmt::format("{} calls", parts_.analytics.size()));
    if (!parts_.conjuncts.empty())
        stages.filter = add_node("filter", "WHERE " + format(*select_.where));
    if (!parts_.lookups.empty()) {
        std::string detail;
        for (const auto& lookup : parts_.lookups)
            detail += (detail.empty() ? "" : ", ") + lookup.shown;
        stages.lookup = add_node("lookup", detail);
    }
    if (parts_.window) describe_window(clause(pretty, "GROUP BY"));
    if (parts_.having) stages.having = add_node("having", "HAVING " + format(*select_.having));
    if (parts_.foreach) stages.foreach = add_node("foreach", format(*select_.foreach->array));
    std::string detail = clause(pretty, parts_.foreach ? "DO" : "SELECT");
    for (const std::string_view word : {"ORDER BY", "LIMIT"})
        if (const std::string text = clause(pretty, word); !text.empty())
            detail += fmt::format("; {} {}", word, text);
    stages.project = add_node("project", detail);
}

// As many nodes as WindowOperator has figures.
void Planner::describe_window(const std::string& group_by) {
    const auto& plan = *parts_.window;
    parts_.stages.window = add_node("window", group_by);
    std::string joins;
    for (const auto& source : compiler_.sources())
        if (source.join != JoinType::none && source.shape)
            joins += fmt::format("{}{} JOIN {}", joins.empty() ? "" : ", ", name_of(source.join),
                                 source.shown);
    if (!plan.joins.empty()) add_node("join", joins);
    if (!plan.grouped) return;
    std::string keys;
    for (const auto& key : select_.group_by)
        keys += (keys.empty() ? "BY " : ", ") + format(*key);
    add_node("aggregate", keys.empty() ? "all rows" : keys);
}

}  // namespace hw::sql

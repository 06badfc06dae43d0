#include "sql/query/planner.h"

#include <fmt/format.h>

#include <algorithm>
#include <functional>
#include <utility>

#include "sql/query/nodes.h"
#include "sql/query/sources.h"

namespace hw::sql {

namespace {

constexpr size_t sources_limit = 1'000;

// Whether a[0] stands anywhere: then an EMQX statement counts from 0.
bool counts_from_zero(const Expression& expression) {
    if (expression.type == ExpressionType::index) {
        const auto& index = *expression.operands[1];
        if (index.type == ExpressionType::literal && index.value.kind() == Kind::int64 &&
            index.value.as_integer() == 0)
            return true;
    }
    const auto within = [](const ExpressionPtr& part) { return part && counts_from_zero(*part); };
    if (std::ranges::any_of(expression.operands, within) || within(expression.filter)) return true;
    return expression.over && (within(expression.over->when) ||
                               std::ranges::any_of(expression.over->partition_by, within));
}

bool counts_from_zero(const std::vector<Field>& fields) {
    return std::ranges::any_of(fields, [](const Field& field) {
        return (field.expression && counts_from_zero(*field.expression)) ||
               counts_from_zero(field.replace);
    });
}

bool counts_from_zero(const Select& select) {
    const auto within = [](const ExpressionPtr& part) { return part && counts_from_zero(*part); };
    if (counts_from_zero(select.fields) || within(select.where) || within(select.having))
        return true;
    if (std::ranges::any_of(select.group_by, within)) return true;
    if (std::ranges::any_of(select.order_by, within, &OrderItem::expression)) return true;
    return select.foreach && (within(select.foreach->array) || within(select.foreach->incase) ||
                              counts_from_zero(select.foreach->do_fields));
}

void collect_aliases(const std::vector<Field>& fields, size_t first, std::vector<Alias>& into) {
    for (size_t i = 0; i < fields.size(); ++i)
        if (!fields[i].alias.empty() && fields[i].expression)
            into.push_back({fields[i].alias, fields[i].expression.get(), first + i, false, {}});
}

}  // namespace

Planner::Planner(const Select& select, const Environment& environment, const QueryOptions& options,
                 std::vector<BoundSource> sources, Dialect dialect)
    : select_(select),
      options_(options),
      compiler_(environment, dialect, std::move(sources), counts_from_zero(select)) {
    parts_.dialect = compiler_.dialect();
    parts_.options = options;
    parts_.services = &environment.services;
    parts_.rule_id = environment.rule_id;
    parts_.rule_start = environment.rule_start;
    parts_.canonical = fmt::format("{};{};{}", format(select), static_cast<int>(parts_.dialect),
                                   options.event_time ? options.timestamp_field : "arrival");
    for (const auto& source : compiler_.sources())
        parts_.sources.push_back({source.type, source.names, source.shape});
}

Parsed<QueryParts> Planner::plan() {
    if (check()) {
        prepare_aliases();
        plan_sources();
        plan_where();
        plan_lookups();
        if (windowed())
            plan_window();
        else
            plan_rows();
        plan_output();
    }
    if (compiler_.flaw()) return std::unexpected(*compiler_.flaw());
    finish();
    if (compiler_.flaw()) return std::unexpected(*compiler_.flaw());
    return std::move(parts_);
}

bool Planner::check() {
    const auto& sources = compiler_.sources();
    if (sources.size() > sources_limit)
        compiler_.fail(select_.sources.back().place,
                       fmt::format("FROM has more than {} sources", sources_limit));
    bool joins = false, commas = false;
    for (size_t i = 0; i < sources.size(); ++i) {
        const auto& source = sources[i];
        if (source.join == JoinType::none) {
            commas = commas || source.from != sources[0].from;
            if (source.lookup)
                compiler_.fail(source.from->place,
                               fmt::format("the table {} cannot be read by itself", source.shown),
                               fmt::format("FROM a stream JOIN {} ON ...", source.shown));
            continue;
        }
        joins = true;
        if (source.lookup) continue;
        stream_joins_ = true;
        if (!windowed())
            compiler_.fail(source.from->place, "a join of streams would wait for partners for ever",
                           "GROUP BY with a window, such as TUMBLINGWINDOW(ss, 10)");
    }
    if (joins && commas)
        compiler_.fail(select_.sources[0].place, "FROM has both commas and joins",
                       "one stream before JOIN");
    check_clauses();
    return !compiler_.flaw().has_value();
}

void Planner::check_clauses() {
    const auto need_window = [&](const Expression& at, std::string_view what) {
        compiler_.fail(at.place, fmt::format("{} needs a window", what),
                       "GROUP BY with a window, such as TUMBLINGWINDOW(ss, 10)");
    };
    if (!windowed()) {
        if (!select_.group_by.empty()) need_window(*select_.group_by[0], "GROUP BY");
        if (select_.having) need_window(*select_.having, "HAVING");
        if (!select_.order_by.empty()) need_window(*select_.order_by[0].expression, "ORDER BY");
        return;
    }
    if (select_.foreach)
        compiler_.fail(select_.window.place, "FOREACH takes no window", "SELECT unnest(...)");
}

void Planner::prepare_aliases() {
    std::vector<Alias> aliases;
    collect_aliases(select_.fields, 0, aliases);
    do_fields_ = select_.fields.size() + 1;
    if (select_.foreach) collect_aliases(select_.foreach->do_fields, do_fields_, aliases);
    compiler_.set_aliases(std::move(aliases));
    const auto mark = [&](const ExpressionPtr& part, std::optional<size_t> field = {}) {
        if (part) compiler_.mark_references(*part, field);
    };
    for (size_t i = 0; i < select_.fields.size(); ++i)
        mark(select_.fields[i].expression, i);
    mark(select_.where);
    mark(select_.having);
    for (const auto& item : select_.order_by)
        mark(item.expression);
    if (!select_.foreach) return;
    mark(select_.foreach->array);
    mark(select_.foreach->incase);
    for (size_t i = 0; i < select_.foreach->do_fields.size(); ++i)
        mark(select_.foreach->do_fields[i].expression, do_fields_ + i);
}

size_t Planner::add_node(std::string name, std::string detail) {
    const size_t node = parts_.plan.size();
    std::vector<size_t> inputs;
    if (!last_.empty()) inputs = std::exchange(last_, {});
    parts_.plan.push_back({std::move(name), std::move(detail), std::move(inputs)});
    last_ = {node};
    return node;
}

void Planner::plan_sources() {
    std::vector<size_t> nodes;
    for (const auto& source : compiler_.sources()) {
        last_.clear();
        nodes.push_back(add_node(source.shape ? "source" : "table", source.shown));
        EvaluatorPtr time;
        if (options_.event_time && source.shape) time = event_time_of(source, nodes.size() - 1);
        parts_.event_times.push_back(std::move(time));
    }
    last_ = std::move(nodes);
}

// Where a source's events have their time; null: when they arrived.
EvaluatorPtr Planner::event_time_of(const BoundSource& source, size_t index) {
    const auto column = [&](int at) { return make_path({{index, false, at, {}}}, false); };
    if (options_.timestamp_field.empty()) {
        const int time = source.shape->find("time");
        if (!source.named && time >= 0 && time != source.shape->body) return column(time);
        return nullptr;
    }
    auto field = parse_expression(options_.timestamp_field);
    if (!field) {
        compiler_.fail(
            {}, fmt::format("the timestamp field '{}' is no name", options_.timestamp_field));
        return nullptr;
    }
    Phase phase;
    phase.clause = "the timestamp field";
    phase.aggregates = Phase::Aggregates::refused;
    phase.analytics = false;
    fields_of_options_.push_back(std::move(*field));
    return compiler_.compile(*fields_of_options_.back(), phase);
}

void Planner::plan_where() {
    if (!select_.where) return;
    Phase phase;
    phase.clause = "WHERE";
    phase.aggregates = Phase::Aggregates::refused;
    const bool lookups = has_lookups();
    if (select_.foreach) phase.visible_fields = select_.fields.size();
    compiler_.enter(phase);
    if (where_is_the_windows()) {
        window_where_ = compiler_.compile(*select_.where, phase);
        return;
    }
    std::vector<std::pair<Conjunct, bool>> all;
    for (const auto& conjunct : conjuncts_of(compiler_, *select_.where)) {
        const bool after = lookups && needs_lookup(*conjunct.expression);
        all.emplace_back(conjunct, after);
    }
    std::ranges::stable_partition(all, [](const auto& one) { return !one.second; });
    for (const auto& [conjunct, after] : all) {
        auto& condition = parts_.conjuncts.emplace_back();
        if (!windowed() && !lookups) phase.program = &condition.program;
        condition.holds = compile_conjunct(compiler_, conjunct, phase);
        conjuncts_.push_back(conjunct);
        if (!after) ++parts_.conjuncts_before_lookup;
    }
}

bool Planner::has_lookups() const {
    return std::ranges::any_of(compiler_.sources(),
                               [](const BoundSource& source) { return source.lookup != nullptr; });
}

bool Planner::needs_lookup(const Expression& expression) {
    const uint64_t used = compiler_.sources_used(expression);
    for (size_t i = 0; i < compiler_.sources().size(); ++i)
        if (compiler_.sources()[i].lookup && (used >> std::min<size_t>(i, 63) & 1) != 0)
            return true;
    return false;
}

// Sliding and count windows see the rows that fail WHERE; joins are asked of pairs.
bool Planner::where_is_the_windows() const {
    return stream_joins_ || select_.window.type == WindowType::sliding ||
           select_.window.type == WindowType::count;
}

void Planner::plan_rows() {
    Phase phase;
    phase.aggregates = Phase::Aggregates::lone;
    phase.program = &parts_.select_program;
    if (!select_.foreach) {
        parts_.projection = std::make_unique<Projection>(compiler_);
        parts_.projection->add_all(compiler_, select_.fields, phase, 0);
        return;
    }
    plan_foreach(phase);
}

void Planner::plan_foreach(Phase phase) {
    const auto& foreach = *select_.foreach;
    auto& part = parts_.foreach.emplace();
    phase.clause = "FOREACH";
    phase.visible_fields = select_.fields.size();
    part.array = compiler_.compile(*foreach.array, phase);
    part.item_slot = compiler_.new_slot();
    const std::string item = foreach.alias.empty() ? "item" : foreach.alias;
    parts_.projection = std::make_unique<Projection>(compiler_);
    if (foreach.do_fields.empty()) {
        // All columns, with what FOREACH names put over them, and the item.
        Field star;
        star.star = true;
        parts_.projection->add(compiler_, star, phase, 0);
        parts_.projection->add_all(compiler_, select_.fields, phase, 0);
        if (foreach.alias.empty()) {
            Field array;
            array.expression = clone(*foreach.array);
            parts_.projection->add(compiler_, array, phase, select_.fields.size());
        }
    }
    compiler_.push_local(item, part.item_slot);
    compiler_.name_slot(item, part.item_slot);
    phase.clause = "DO";
    phase.analytics = false;  // they run before there are items
    phase.program = &part.program;
    phase.visible_fields = SIZE_MAX;
    if (foreach.incase) {
        Phase incase = phase;
        incase.visible_fields = select_.fields.size();
        incase.clause = "INCASE";
        part.incase = compiler_.compile(*foreach.incase, incase);
    }
    parts_.projection->add_all(compiler_, foreach.do_fields, phase, do_fields_);
    if (foreach.do_fields.empty())
        parts_.projection->add_value(item, make_slot_path(part.item_slot, {}, false));
    compiler_.pop_local();
}

void Planner::plan_output() {
    parts_.limit = select_.limit;
    Phase phase;
    phase.clause = "ORDER BY";
    phase.aggregates = Phase::Aggregates::grouped;
    phase.program = &parts_.select_program;
    for (const auto& item : select_.order_by)
        parts_.order.push_back({compiler_.compile(*item.expression, phase), item.descending});
}

Parsed<QueryParts> plan_query(const Select& select, const Environment& environment,
                              const QueryOptions& options) {
    auto sources = bind_sources(select, environment);
    if (!sources) return std::unexpected(std::move(sources.error()));
    const Dialect dialect = options.dialect.value_or(dialect_of(*sources));
    return Planner(select, environment, options, std::move(*sources), dialect).plan();
}

}  // namespace hw::sql

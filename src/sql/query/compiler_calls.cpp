#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "sql/query/compiler.h"
#include "sql/query/nodes.h"

namespace hw::sql {

namespace {

std::string lower(std::string_view text) {
    std::string out(text);
    for (char& c : out)
        if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
    return out;
}

std::string counted(size_t n) {
    return fmt::format("{} argument{}", n, n == 1 ? "" : "s");
}

bool is_meta(std::string_view name) {
    return name == "meta" || name == "mqtt";
}

// The functions whose arguments from `index` on are columns that keep their names: they get them
// as one object.
std::optional<size_t> first_named_argument(std::string_view function) {
    if (function == "changed_cols") return 2;
    return {};
}

}  // namespace

const Function* Compiler::find_function(std::string_view name) const {
    return environment_.functions.find(name, dialect_);
}

EvaluatorPtr Compiler::call(const Expression& expression) {
    const std::string name = lower(expression.text);
    if (is_meta(name)) return meta(expression);
    const Function* function = find_function(name);
    if (!function) {
        fail(expression.place, fmt::format("there is no function '{}'", expression.text), "",
             nearest_name(name, environment_.functions.names()));
        return nothing();
    }
    if (expression.over && function->type != FunctionClass::analytic) {
        fail(expression.place,
             fmt::format("{}() takes no OVER: it is no analytic function", function->name));
        return nothing();
    }
    if (function->type != FunctionClass::aggregate && (expression.filter || expression.distinct)) {
        fail(expression.place,
             fmt::format("{}() takes no FILTER and no DISTINCT: it is no aggregate",
                         function->name));
        return nothing();
    }
    if (!counts_fit(*function, expression)) return nothing();
    switch (function->type) {
        case FunctionClass::scalar:
            return scalar_call(*function, expression);
        case FunctionClass::aggregate:
            return aggregate_call(*function, expression);
        case FunctionClass::analytic:
            return analytic_call(*function, expression);
        case FunctionClass::window:
            return window_call(*function, expression);
        case FunctionClass::set_returning:
            break;
    }
    fail(expression.place, fmt::format("{}() must be a field of SELECT by itself", function->name));
    return nothing();
}

bool Compiler::counts_fit(const Function& function, const Expression& expression) {
    const size_t n = expression.operands.size();
    const size_t least = function.least_arguments, most = function.most_arguments;
    if (n >= least && (most == 255 || n <= most)) return true;
    std::string expected = least == most ? counted(least)
                           : most == 255 ? "at least " + counted(least)
                                         : fmt::format("{} to {}", least, counted(most));
    fail(expression.place, fmt::format("{}() has {}", function.name, counted(n)),
         fmt::format("{}: {}", expected, function.signature));
    return false;
}

EvaluatorPtr Compiler::argument(const Expression& expression) {
    return is_star(expression) ? compile_star({}, expression.place) : compile(expression);
}

std::vector<EvaluatorPtr> Compiler::arguments_of(const Expression& expression) {
    std::vector<EvaluatorPtr> arguments;
    for (const auto& operand : expression.operands)
        arguments.push_back(argument(*operand));
    return arguments;
}

// The arguments from `from` on as one object by their names; `*` gives all columns.
EvaluatorPtr Compiler::named_values(const Expression& call, size_t from) {
    std::vector<std::string> names;
    Evaluators values;
    for (size_t i = from; i < call.operands.size(); ++i) {
        const auto& operand = *call.operands[i];
        values.push_back(argument(operand));
        names.push_back(is_star(operand) ? "" : last_name(operand));
        if (names.back().empty() && !is_star(operand)) names.back() = format(operand);
    }
    return make_object(std::move(names), std::move(values));
}

// Those of deduplicate() follow the row itself, which it gives back.
std::vector<EvaluatorPtr> Compiler::aggregate_arguments(const Function& function,
                                                        const Expression& expression) {
    Evaluators arguments = arguments_of(expression);
    if (function.name == "deduplicate")
        arguments.insert(arguments.begin(), compile_star({}, expression.place));
    return arguments;
}

EvaluatorPtr Compiler::scalar_call(const Function& function, const Expression& expression) {
    Evaluators arguments = arguments_of(expression);
    if (function.name.starts_with("last_hit_") || function.name.starts_with("last_agg_hit_"))
        asks_passed_ = true;
    const bool constant =
        function.pure && std::ranges::all_of(arguments, [](const EvaluatorPtr& one) {
            return one->constant() != nullptr;
        });
    EvaluatorPtr node = make_call(function, std::move(arguments));
    return constant && !flaw_ ? folded(std::move(node)) : std::move(node);
}

EvaluatorPtr Compiler::aggregate_call(const Function& function, const Expression& expression) {
    if (phase_.aggregates == Phase::Aggregates::refused) {
        fail(
            expression.place,
            fmt::format("{}() is an aggregate and not allowed in {}", function.name, phase_.clause),
            phase_.clause == "WHERE" ? "it in HAVING" : "");
        return nothing();
    }
    const bool star = expression.operands.size() == 1 && is_star(*expression.operands[0]) &&
                      function.name == "count";
    if (phase_.aggregates == Phase::Aggregates::lone) {
        if (expression.filter || expression.distinct) {
            fail(expression.place,
                 fmt::format("{}() with FILTER or DISTINCT needs a window", function.name),
                 "GROUP BY with a window, such as TUMBLINGWINDOW(ss, 10)");
            return nothing();
        }
        return make_lone_aggregate(
            function, star ? Evaluators{} : aggregate_arguments(function, expression), star);
    }
    for (const auto& [known, slot] : aggregate_slots_)
        if (same(*known, expression)) return make_slot_path(slot, {}, false);

    const bool used = uses_row_;
    const Phase before = std::exchange(
        phase_, {.clause = "an aggregate's argument", .aggregates = Phase::Aggregates::refused});
    AggregateCall made;
    made.function = &function;
    if (!star) made.arguments = aggregate_arguments(function, expression);
    if (expression.filter) made.filter = compile(*expression.filter);
    made.distinct = expression.distinct;
    made.star = star;
    made.slot = new_slot();
    phase_ = before;
    uses_row_ = used;
    const size_t slot = made.slot;
    aggregates_.push_back(std::move(made));
    aggregate_slots_.emplace_back(&expression, slot);
    name_slot(format(expression), slot);
    return make_slot_path(slot, {}, false);
}

EvaluatorPtr Compiler::analytic_call(const Function& function, const Expression& expression) {
    const auto known = analytic_slots_.find(&expression);
    if (known != analytic_slots_.end()) return make_slot_path(known->second, {}, false);
    if (!phase_.analytics) {
        fail(expression.place,
             fmt::format("{}() is not allowed in {}", function.name, phase_.clause));
        return nothing();
    }
    // On the window's results where it asks for an aggregate, else on each event.
    const bool of_result =
        phase_.aggregates == Phase::Aggregates::grouped && has_aggregate(expression);
    const bool used = uses_row_;
    const Phase before = phase_;
    phase_.clause = "an analytic function";
    phase_.program = nullptr;
    if (!of_result && phase_.aggregates == Phase::Aggregates::grouped)
        phase_.aggregates = Phase::Aggregates::refused;
    AnalyticCall made;
    made.function = &function;
    if (const auto named = first_named_argument(function.name)) {
        for (size_t i = 0; i < *named; ++i)
            made.arguments.push_back(compile(*expression.operands[i]));
        made.arguments.push_back(named_values(expression, *named));
    } else {
        made.arguments = arguments_of(expression);
    }
    if (expression.over) {
        for (const auto& key : expression.over->partition_by)
            made.partition_by.push_back(compile(*key));
        if (expression.over->when) made.when = compile(*expression.over->when);
    }
    made.slot = new_slot();
    phase_ = before;
    if (!of_result) uses_row_ = used || phase_.aggregates == Phase::Aggregates::grouped;
    const size_t slot = made.slot;
    (of_result ? result_analytics_ : analytics_).push_back(std::move(made));
    analytic_slots_.emplace(&expression, slot);
    name_slot(format(expression), slot);
    return make_slot_path(slot, {}, false);
}

EvaluatorPtr Compiler::window_call(const Function& function, const Expression& expression) {
    if (function.name == "window_start") return make_window_bound(false);
    if (function.name == "window_end") return make_window_bound(true);
    if (function.name == "row_number") {
        if (phase_.clause != "SELECT")
            fail(expression.place, fmt::format("row_number() is not allowed in {}", phase_.clause));
        if (!row_number_slot_) row_number_slot_ = new_slot();
        return make_slot_path(*row_number_slot_, {}, false);
    }
    fail(expression.place, fmt::format("{}() is not served by queries", function.name));
    return nothing();
}

}  // namespace hw::sql

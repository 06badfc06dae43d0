#include "twin/derive/expression_cutter.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <utility>

#include "sql/lexer.h"

namespace hw::twin {

namespace {

using sql::Expression;
using sql::ExpressionType;

constexpr std::string_view incoming_word = "incoming";
constexpr std::string_view allowed_aggregates =
    "sum, avg, min, max, count, any or all over a relationship, such as sum(intakes.flow)";

struct NamedFunction {
    std::string_view name;
    RollUpFunction function;
};
constexpr std::array<NamedFunction, 7> roll_up_functions = {{
    {"COUNT", RollUpFunction::count},
    {"SUM", RollUpFunction::sum},
    {"AVG", RollUpFunction::avg},
    {"MIN", RollUpFunction::min},
    {"MAX", RollUpFunction::max},
    {"ANY", RollUpFunction::any},
    {"ALL", RollUpFunction::all},
}};

std::optional<RollUpFunction> roll_up_function(std::string_view name) {
    for (const auto& one : roll_up_functions)
        if (sql::same_word(name, one.name)) return one.function;
    return {};
}

// Functions that speak of the event, the rule or the window that a statement works on.
bool needs_event(const sql::Function& function) {
    return function.type == sql::FunctionClass::window || function.group == "window" ||
           function.group == "rule" || function.name.starts_with("last_hit_") ||
           function.name.starts_with("last_agg_hit_") ||
           (function.group == "message" && !function.name.starts_with("contains_topic"));
}

bool is_star(const Expression& node) {
    return node.type == ExpressionType::name && node.text == "*" && !node.quoted;
}

// The names of a.b.c, or nothing where it begins with no name.
bool collect_names(const Expression& node, std::vector<std::string_view>& parts) {
    if (node.type == ExpressionType::member) {
        if (!collect_names(*node.operands[0], parts)) return false;
    } else if (node.type != ExpressionType::name || is_star(node)) {
        return false;
    }
    parts.push_back(node.text);
    return true;
}

sql::Place first_place(const Expression& node) {
    return node.type == ExpressionType::member ? first_place(*node.operands[0]) : node.place;
}

bool fit_name(std::string_view name) {
    return !name.empty() && std::ranges::none_of(name, [](char c) {
        return static_cast<unsigned char>(c) < 0x20 || c == 0x7f;
    });
}

void become_name(Expression& node, std::string name) {
    node.type = ExpressionType::name;
    node.text = std::move(name);
    node.quoted = false;
    node.distinct = false;
    node.filter.reset();
    node.operands.clear();
}

std::optional<size_t> index_in(std::vector<std::string>& list, std::string name) {
    const auto found = std::ranges::find(list, name);
    if (found != list.end()) return static_cast<size_t>(found - list.begin());
    if (list.size() >= ExpressionCutter::paths_limit) return {};
    list.push_back(std::move(name));
    return list.size() - 1;
}

bool same_or_none(const sql::ExpressionPtr& a, const sql::ExpressionPtr& b) {
    return a && b ? sql::same(*a, *b) : a == b;
}

}  // namespace

// No name of a property has a control character.
std::string ExpressionCutter::roll_up_name(size_t i) {
    return fmt::format("\x01{}", i);
}

void ExpressionCutter::fail(sql::Place place, std::string text, std::string expected,
                            std::string nearest) {
    if (!flaw_) flaw_ = sql::Flaw{place, std::move(text), std::move(expected), std::move(nearest)};
}

// By recursion: the parser bounds the height of trees.
void ExpressionCutter::cut(Expression& node) {
    if (flaw_) return;
    switch (node.type) {
        case ExpressionType::name:
        case ExpressionType::member: {
            Names names;
            if (collect_names(node, names.parts)) {
                names.place = first_place(node);
                return cut_path(node, names);
            }
            if (is_star(node)) return fail(node.place, "'*' is not expected here", "a value");
            return cut(*node.operands[0]);
        }
        case ExpressionType::index:
        case ExpressionType::slice:
            check_subscript(node);
            return cut_operands(node);
        case ExpressionType::arrow:  // its right side is a member's key
            return cut(*node.operands[0]);
        case ExpressionType::call:
            return cut_call(node);
        default:
            return cut_operands(node);
    }
}

// Where the dialects count differently only one way is taken: from 1, ends included.
void ExpressionCutter::check_subscript(const Expression& node) {
    const auto* first = node.operands[1].get();
    const bool zero = first && first->type == ExpressionType::literal &&
                      first->value.kind() == sql::Kind::int64 && first->value.as_integer() == 0;
    if (node.type == ExpressionType::slice && !node.inclusive)
        fail(node.place, "a slice of this form is not taken here", "[1..3], its end included");
    else if (zero)
        fail(node.place, "there is no item 0", "[1] for the first, [-1] for the last");
}

void ExpressionCutter::cut_operands(Expression& node) {
    for (auto& operand : node.operands)
        if (operand) cut(*operand);
}

void ExpressionCutter::cut_call(Expression& node) {
    if (const auto function = roll_up_function(node.text)) return cut_aggregate(node, *function);
    check_function(node);
    cut_operands(node);
}

// Unknown functions and counts of arguments are told by the compiler.
void ExpressionCutter::check_function(const Expression& node) {
    const sql::Function* function = functions_.find(node.text, sql::Dialect::emqx);
    if (sql::same_word(node.text, "META") || sql::same_word(node.text, "MQTT"))
        return fail(node.place, fmt::format("{}() speaks of an event, and here is none", node.text),
                    "names of properties");
    if (!function) return;
    switch (function->type) {
        case sql::FunctionClass::aggregate:
            return fail(
                node.place,
                fmt::format("{}() cannot be kept current as one twin changes", function->name),
                std::string(allowed_aggregates));
        case sql::FunctionClass::analytic:
            return fail(node.place,
                        fmt::format("{}() looks back at rows before, and a derived value has none",
                                    function->name),
                        "a rule that writes a point, or SQL over history");
        case sql::FunctionClass::set_returning:
            return fail(node.place,
                        fmt::format("{}() makes rows, and here is one value", function->name));
        default:
            break;
    }
    if (needs_event(*function))
        fail(node.place, fmt::format("{}() speaks of an event, and here is none", function->name),
             "names of properties");
}

bool ExpressionCutter::check_aggregate(const Expression& node, std::string_view name) {
    if (within_) {
        fail(node.place, fmt::format("{}() stands within another aggregate", name),
             "a derived property of the related twins, and its aggregate here");
    } else if (node.over) {
        fail(node.place, fmt::format("{}() takes no OVER", name), "FILTER (WHERE ...)");
    } else if (node.distinct) {
        fail(node.place, fmt::format("{}() takes no DISTINCT", name));
    } else if (node.operands.size() != 1 || is_star(*node.operands[0])) {
        fail(node.place, fmt::format("{}() takes one argument that names a relationship", name),
             node.operands.size() > 1 && (name == "min" || name == "max")
                 ? fmt::format("{}(intakes.flow); of values of this twin: CASE WHEN a < b THEN a "
                               "ELSE b END",
                               name)
                 : std::string(allowed_aggregates));
    } else {
        return true;
    }
    return false;
}

void ExpressionCutter::cut_aggregate(Expression& node, RollUpFunction function) {
    std::string name(node.text);
    for (char& c : name)
        if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
    if (!check_aggregate(node, name)) return;
    CutRollUp made;
    made.roll_up.function = function;
    within_ = &made;
    Names names;
    names.place = first_place(*node.operands[0]);
    const bool path = collect_names(*node.operands[0], names.parts);
    const size_t bare = path && names.parts[0] == incoming_word ? 2 : 1;
    if (path && names.parts.size() <= bare && function == RollUpFunction::count) {
        if (check_names(names)) join_relationship(names, true);
    } else {
        made.argument = std::move(node.operands[0]);
        cut(*made.argument);
    }
    if (node.filter) {
        made.filter = std::move(node.filter);
        cut(*made.filter);
    }
    within_ = nullptr;
    if (!flaw_ && made.roll_up.relationship.empty())
        return fail(node.place, fmt::format("{}() names no relationship", name),
                    fmt::format("{}(intakes.flow) or {}(incoming.partOf.flow)", name, name));
    if (!flaw_) add_roll_up(node, std::move(made));
}

void ExpressionCutter::add_roll_up(Expression& node, CutRollUp made) {
    const auto same = [&](const CutRollUp& other) {
        return other.roll_up.function == made.roll_up.function &&
               other.roll_up.relationship == made.roll_up.relationship &&
               other.roll_up.incoming == made.roll_up.incoming &&
               same_or_none(other.argument, made.argument) &&
               same_or_none(other.filter, made.filter);
    };
    const auto found = std::ranges::find_if(roll_ups_, same);
    const auto index = static_cast<size_t>(found - roll_ups_.begin());
    if (found == roll_ups_.end()) {
        if (roll_ups_.size() >= roll_ups_limit)
            return fail(node.place,
                        fmt::format("the expression has more than {} aggregates", roll_ups_limit),
                        "several derived properties");
        roll_ups_.push_back(std::move(made));
    }
    become_name(node, roll_up_name(index));
}

bool ExpressionCutter::check_names(const Names& names) {
    if (std::ranges::all_of(names.parts, fit_name)) return true;
    fail(names.place, "an empty name, or one with a control character, is no name",
         "the name of a property");
    return false;
}

// The relationship that names begin with; all of one aggregate have the same. `alone`: nothing
// follows it.
bool ExpressionCutter::join_relationship(const Names& names, bool alone) {
    const bool incoming = names.parts[0] == incoming_word;
    const size_t first = incoming ? 1 : 0;
    if (names.parts.size() <= first + (alone ? 0 : 1)) {
        const std::string shown = fmt::format("{}", fmt::join(names.parts, "."));
        fail(names.place,
             fmt::format("'{}' within an aggregate names no property of related twins", shown),
             incoming ? "incoming.relationship.property"
                      : fmt::format("{}.property where '{}' is the relationship; this twin's own "
                                    "properties stand outside",
                                    shown, shown));
        return false;
    }
    RollUp& roll_up = within_->roll_up;
    if (roll_up.relationship.empty()) {
        roll_up.relationship = names.parts[first];
        roll_up.incoming = incoming;
        return true;
    }
    if (roll_up.relationship == names.parts[first] && roll_up.incoming == incoming) return true;
    const std::string known =
        fmt::format("{}{}", roll_up.incoming ? "incoming." : "", roll_up.relationship);
    fail(names.place,
         fmt::format("'{}' is not of the relationship '{}' that this aggregate is over",
                     fmt::join(names.parts, "."), known),
         fmt::format("{}.{}", known, names.parts.back()));
    return false;
}

void ExpressionCutter::cut_path(Expression& node, const Names& names) {
    if (!check_names(names)) return;
    size_t first = 0;
    if (within_) {
        if (!join_relationship(names, false)) return;
        first = within_->roll_up.incoming ? 2 : 1;
    }
    std::string path;
    for (size_t i = first; i < names.parts.size(); ++i) {
        if (i > first) path += '/';
        path += names.parts[i];
    }
    if (!index_in(within_ ? within_->roll_up.paths : own_, path))
        return fail(names.place,
                    fmt::format("the expression names more than {} properties", paths_limit),
                    "several derived properties");
    become_name(node, std::move(path));
}

}  // namespace hw::twin

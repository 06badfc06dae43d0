#include "sql/query/compiler.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "base/config_text.h"
#include "sql/query/nodes.h"

namespace hw::sql {

namespace {

constexpr size_t nodes_limit = 50'000;

bool is_comparison(Operator op) {
    return op >= Operator::equal && op <= Operator::greater_equal;
}

// a AND b AND c as one list.
void flatten(const Expression& expression, Operator op, std::vector<const Expression*>& into) {
    if (expression.type == ExpressionType::binary && expression.op == op) {
        for (const auto& operand : expression.operands)
            flatten(*operand, op, into);
        return;
    }
    into.push_back(&expression);
}

}  // namespace

std::string nearest_name(std::string_view text, const std::vector<std::string>& candidates) {
    const std::string hint = did_you_mean(text, candidates);  // "; did you mean 'x'?"
    const size_t begin = hint.find('\''), end = hint.rfind('\'');
    return begin < end && end != std::string::npos ? hint.substr(begin + 1, end - begin - 1) : "";
}

Compiler::Compiler(const Environment& environment, Dialect dialect,
                   std::vector<BoundSource> sources, bool from_zero)
    : environment_(environment),
      dialect_(dialect),
      sources_(std::move(sources)),
      index_base_(dialect == Dialect::emqx && !from_zero ? 1 : 0),
      slots_(static_cast<size_t>(
          std::ranges::count_if(sources_, [](const auto& source) { return source.lookup; }))) {
    constants_.dialect = dialect;
    constants_.rule_id = environment.rule_id;
    constants_.services = &environment.services;
}

void Compiler::fail(Place place, std::string text, std::string expected, std::string nearest) {
    if (!flaw_) flaw_ = Flaw{place, std::move(text), std::move(expected), std::move(nearest)};
}

EvaluatorPtr Compiler::nothing() {
    return make_constant({});
}

EvaluatorPtr Compiler::compile(const Expression& expression, const Phase& phase) {
    const Phase before = std::exchange(phase_, phase);
    EvaluatorPtr node = compile(expression);
    phase_ = before;
    return node;
}

EvaluatorPtr Compiler::compile(const Expression& expression) {
    if (++nodes_ > nodes_limit)
        fail(expression.place, fmt::format("the statement is larger than {} parts once its aliases "
                                           "are put in; use fewer aliases of aliases",
                                           nodes_limit));
    if (flaw_) return nothing();
    if (phase_.aggregates == Phase::Aggregates::grouped)
        for (const auto& [key, slot] : group_keys_)
            if (same(*key, expression)) return make_slot_path(slot, {}, false);
    return node_of(expression);
}

// An alias in GROUP BY means its expression.
void Compiler::set_group_key(const Expression& expression, size_t slot) {
    group_keys_.emplace_back(&expression, slot);
    if (expression.type != ExpressionType::name) return;
    for (const auto& alias : aliases_)
        if (alias.parts.size() == 1 && alias.parts[0] == expression.text)
            group_keys_.emplace_back(alias.expression, slot);
}

EvaluatorPtr Compiler::node_of(const Expression& expression) {
    const auto& operands = expression.operands;
    switch (expression.type) {
        case ExpressionType::literal:
            return make_constant(expression.value);
        case ExpressionType::name:
        case ExpressionType::member:
        case ExpressionType::arrow:
            return path_of(expression);
        case ExpressionType::index:
            return index_of(expression);
        case ExpressionType::slice:
            return slice_of(expression);
        case ExpressionType::array: {
            Evaluators items;
            for (const auto& item : operands)
                items.push_back(compile(*item));
            return make_array(std::move(items));
        }
        case ExpressionType::range:
            return make_range(compile(*operands[0]), compile(*operands[1]));
        case ExpressionType::unary:
            return unary(expression);
        case ExpressionType::binary:
            return binary(expression);
        case ExpressionType::between:
            return make_between(compile(*operands[0]), compile(*operands[1]), compile(*operands[2]),
                                expression.negated, dialect_);
        case ExpressionType::in:
            return in(expression);
        case ExpressionType::like:
            return make_like(compile(*operands[0]), compile(*operands[1]), expression.negated);
        case ExpressionType::is_null:
            return make_is_null(compile(*operands[0]), expression.negated);
        case ExpressionType::case_:
            return case_of(expression);
        case ExpressionType::call:
            return call(expression);
    }
    return nothing();
}

// Of a node whose operands are constants: its value, where nothing goes wrong.
EvaluatorPtr Compiler::folded(EvaluatorPtr node) {
    constants_.clear_error();
    RowScope scope{nullptr, nullptr, &constants_};
    Datum value = node->evaluate(scope);
    return constants_.failed() ? std::move(node) : make_constant(std::move(value));
}

EvaluatorPtr Compiler::unary(const Expression& expression) {
    EvaluatorPtr operand = compile(*expression.operands[0]);
    const bool constant = operand->constant() != nullptr;
    EvaluatorPtr node;
    if (expression.op == Operator::not_)
        node = make_not(std::move(operand));
    else if (expression.op == Operator::minus)
        node = make_negation(std::move(operand));
    else
        return operand;
    return constant ? folded(std::move(node)) : std::move(node);
}

EvaluatorPtr Compiler::binary(const Expression& expression) {
    if (expression.op == Operator::and_ || expression.op == Operator::or_) {
        std::vector<const Expression*> parts;
        flatten(expression, expression.op, parts);
        Evaluators operands;
        for (const Expression* part : parts)
            operands.push_back(compile(*part));
        return expression.op == Operator::and_ ? make_and(std::move(operands))
                                               : make_or(std::move(operands));
    }
    EvaluatorPtr left = compile(*expression.operands[0]);
    EvaluatorPtr right = compile(*expression.operands[1]);
    const bool constant = left->constant() && right->constant();
    EvaluatorPtr node;
    if (is_comparison(expression.op))
        node = make_comparison(expression.op, std::move(left), std::move(right), dialect_);
    else if (expression.op == Operator::topic_match)
        node = make_topic_match(std::move(left), std::move(right));
    else
        node = make_calculation(expression.op, std::move(left), std::move(right));
    return constant ? folded(std::move(node)) : std::move(node);
}

EvaluatorPtr Compiler::in(const Expression& expression) {
    EvaluatorPtr value = compile(*expression.operands[0]);
    Evaluators items;
    for (size_t i = 1; i < expression.operands.size(); ++i)
        items.push_back(compile(*expression.operands[i]));
    if (items.size() != 1)
        return make_in(std::move(value), std::move(items), expression.negated, dialect_);
    // One operand: an array, or a list of one.
    if (const Datum* only = items[0]->constant(); only && only->is_array()) {
        Evaluators constants;
        for (const auto& item : only->items())
            constants.push_back(make_constant(item));
        return make_in(std::move(value), std::move(constants), expression.negated, dialect_);
    }
    if (items[0]->constant())
        return make_in(std::move(value), std::move(items), expression.negated, dialect_);
    return make_in_array(std::move(value), std::move(items[0]), expression.negated, dialect_);
}

EvaluatorPtr Compiler::case_of(const Expression& expression) {
    const auto& operands = expression.operands;
    size_t at = 0;
    EvaluatorPtr subject;
    if (expression.has_subject) subject = compile(*operands[at++]);
    Evaluators whens, thens;
    for (; at + 2 < operands.size(); at += 2) {
        whens.push_back(compile(*operands[at]));
        thens.push_back(compile(*operands[at + 1]));
    }
    EvaluatorPtr otherwise;
    if (at < operands.size() && operands[at]) otherwise = compile(*operands[at]);
    return make_case(std::move(subject), std::move(whens), std::move(thens), std::move(otherwise),
                     dialect_);
}

EvaluatorPtr Compiler::index_of(const Expression& expression) {
    Chain chain;
    if (chain_of(expression, chain)) return path_of(expression);
    return make_index(compile(*expression.operands[0]), compile(*expression.operands[1]),
                      index_base_);
}

EvaluatorPtr Compiler::slice_of(const Expression& expression) {
    const auto& operands = expression.operands;
    EvaluatorPtr value = compile(*operands[0]);
    EvaluatorPtr first = operands[1] ? compile(*operands[1]) : nullptr;
    EvaluatorPtr last = operands[2] ? compile(*operands[2]) : nullptr;
    // EMQX's [1..3] has its end within it, eKuiper's [0:3] has not.
    const int64_t base = expression.inclusive ? index_base_ : 0;
    return make_slice(std::move(value), std::move(first), std::move(last),
                      {base, expression.inclusive});
}

}  // namespace hw::sql

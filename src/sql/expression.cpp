#include <algorithm>

#include "sql/lexer.h"
#include "sql/parser.h"

namespace hw::sql {

namespace {

bool same(const ExpressionPtr& a, const ExpressionPtr& b) {
    if (a == nullptr || b == nullptr) return a == b;
    return hw::sql::same(*a, *b);
}

bool same(const std::vector<ExpressionPtr>& a, const std::vector<ExpressionPtr>& b) {
    return std::ranges::equal(
        a, b, [](const ExpressionPtr& x, const ExpressionPtr& y) { return same(x, y); });
}

bool same(const std::unique_ptr<Over>& a, const std::unique_ptr<Over>& b) {
    if (a == nullptr || b == nullptr) return a == b;
    return same(a->partition_by, b->partition_by) && same(a->when, b->when);
}

// Functions are found in any case.
bool same_text(const Expression& a, const Expression& b) {
    if (a.type != ExpressionType::call) return a.text == b.text;
    return in_capitals(a.text) == in_capitals(b.text);
}

std::vector<ExpressionPtr> clone(const std::vector<ExpressionPtr>& list) {
    std::vector<ExpressionPtr> out;
    out.reserve(list.size());
    for (const auto& entry : list)
        out.push_back(entry ? hw::sql::clone(*entry) : nullptr);
    return out;
}

}  // namespace

std::string_view to_string(Operator op) {
    constexpr std::string_view texts[] = {"",   "+",   "-",  "*",  "/", "DIV", "%",
                                          "=",  "!=",  "<",  "<=", ">", ">=",  "AND",
                                          "OR", "NOT", "=~", "&",  "|", "^",   "||"};
    return texts[static_cast<size_t>(op)];
}

// By recursion: the parser bounds the height of trees.
bool same(const Expression& a, const Expression& b) {
    // 1 and 1.0 are equal, and yet different texts: 1/2 is not 1.0/2.
    return a.type == b.type && a.op == b.op && a.negated == b.negated &&
           a.has_subject == b.has_subject && a.quoted == b.quoted && a.inclusive == b.inclusive &&
           a.in_array == b.in_array && a.distinct == b.distinct &&
           a.value.kind() == b.value.kind() && a.value == b.value && same_text(a, b) &&
           same(a.operands, b.operands) && same(a.filter, b.filter) && same(a.over, b.over);
}

ExpressionPtr clone(const Expression& expression) {
    auto out = std::make_unique<Expression>();
    out->type = expression.type;
    out->op = expression.op;
    out->negated = expression.negated;
    out->has_subject = expression.has_subject;
    out->quoted = expression.quoted;
    out->inclusive = expression.inclusive;
    out->in_array = expression.in_array;
    out->distinct = expression.distinct;
    out->place = expression.place;
    out->value = expression.value;
    out->text = expression.text;
    out->operands = clone(expression.operands);
    if (expression.filter) out->filter = clone(*expression.filter);
    if (expression.over) {
        out->over = std::make_unique<Over>();
        out->over->partition_by = clone(expression.over->partition_by);
        if (expression.over->when) out->over->when = clone(*expression.over->when);
    }
    return out;
}

}  // namespace hw::sql

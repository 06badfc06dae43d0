#include "sql/query/conjuncts.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <utility>

#include "base/time.h"
#include "model/point_path.h"
#include "sql/query/compare.h"
#include "sql/query/nodes.h"

namespace hw::sql {

namespace {

constexpr size_t in_limit = 10'000;  // constants of an IN that an index takes

void split(Compiler& compiler, const Expression& expression, std::vector<Conjunct>& into) {
    if (expression.type == ExpressionType::binary && expression.op == Operator::and_) {
        for (const auto& operand : expression.operands)
            split(compiler, *operand, into);
    } else if (expression.type == ExpressionType::between && !expression.negated &&
               compiler.origins_of(*expression.operands[0])) {
        into.push_back({&expression, Conjunct::Part::at_least});
        into.push_back({&expression, Conjunct::Part::at_most});
    } else {
        into.push_back({&expression, Conjunct::Part::whole});
    }
}

// Only what is certainly a constant is asked, so that nothing is compiled twice.
bool may_be_constant(const Expression& expression) {
    if (expression.type == ExpressionType::unary) return may_be_constant(*expression.operands[0]);
    return expression.type == ExpressionType::literal ||
           (expression.type == ExpressionType::name && expression.quoted);
}

std::optional<Datum> constant_of(Compiler& compiler, const Expression& expression) {
    if (!may_be_constant(expression)) return {};
    const EvaluatorPtr node = compiler.compile(expression);
    const Datum* value = node->constant();
    return value ? std::optional(*value) : std::nullopt;
}

// The form in which an index decides equality with this constant; nothing: it cannot.
std::optional<IndexForm> form_of(const Datum& constant, Dialect dialect) {
    switch (constant.kind()) {
        case Kind::int64:
            return IndexForm::number;
        case Kind::float64:
            return std::isfinite(constant.as_real()) ? std::optional(IndexForm::number)
                                                     : std::nullopt;
        case Kind::boolean:
            return IndexForm::boolean;
        case Kind::text: {
            // These equal values that are no texts.
            const std::string_view text = constant.as_text();
            if (parse_rfc3339(text)) return {};
            if (dialect == Dialect::emqx &&
                (number_of_text(text) || text == "true" || text == "false"))
                return {};
            return IndexForm::text;
        }
        default:
            return {};
    }
}

std::string_view form_name(IndexForm form) {
    constexpr std::string_view names[] = {"number", "text", "boolean", "topic"};
    return names[static_cast<size_t>(form)];
}

std::optional<Indexable::Type> type_of(Operator op, bool mirrored) {
    using enum Indexable::Type;
    switch (op) {
        case Operator::equal:
            return equal;
        case Operator::less:
            return mirrored ? greater : less;
        case Operator::less_equal:
            return mirrored ? greater_equal : less_equal;
        case Operator::greater:
            return mirrored ? less : greater;
        case Operator::greater_equal:
            return mirrored ? less_equal : greater_equal;
        default:
            return {};
    }
}

std::optional<IndexedConjunct> indexed(Compiler& compiler, const Expression& left,
                                       Indexable::Type type, std::vector<Datum> values,
                                       size_t number) {
    const auto& sources = compiler.sources();
    const Shape* shape = sources[0].shape;
    if (!std::ranges::all_of(sources, [&](const auto& one) { return one.shape == shape; }))
        return {};
    const auto origins = compiler.origins_of(left);
    if (!origins || values.empty() || values.size() > in_limit) return {};
    const Dialect dialect = compiler.dialect();
    auto form = form_of(values[0], dialect);
    const bool ordered = type != Indexable::Type::equal && type != Indexable::Type::in;
    if (type == Indexable::Type::topic)
        form = IndexForm::topic;
    else if (!form || (ordered && *form != IndexForm::number))
        return {};
    if (!std::ranges::all_of(values, [&](const Datum& value) {
            return *form == IndexForm::topic || form_of(value, dialect) == form;
        }))
        return {};
    const Origin& origin = origins->front();
    const int column = origin.column == body_column ? shape->body : origin.column;
    const auto& name = shape->columns[static_cast<size_t>(column)].name;
    IndexedConjunct made;
    made.indexable.type = type;
    // What a body's text, taken as a whole, is called must differ from its members' names.
    made.indexable.key =
        fmt::format("{}{} as {}{}", name, to_string(origin.path),
                    dialect == Dialect::ekuiper ? "strict " : "", form_name(*form));
    made.indexable.values = std::move(values);
    made.indexable.conjunct = number;
    made.path = compiler.compile(left);
    made.form = *form;
    return made;
}

}  // namespace

std::vector<Conjunct> conjuncts_of(Compiler& compiler, const Expression& where) {
    std::vector<Conjunct> all;
    split(compiler, where, all);
    return all;
}

EvaluatorPtr compile_conjunct(Compiler& compiler, const Conjunct& conjunct, const Phase& phase) {
    const auto& expression = *conjunct.expression;
    if (conjunct.part == Conjunct::Part::whole) return compiler.compile(expression, phase);
    const bool least = conjunct.part == Conjunct::Part::at_least;
    return make_comparison(least ? Operator::greater_equal : Operator::less_equal,
                           compiler.compile(*expression.operands[0], phase),
                           compiler.compile(*expression.operands[least ? 1 : 2], phase),
                           compiler.dialect());
}

Datum index_form_of(const Datum& value, IndexForm form, Dialect dialect) {
    const bool textual = value.kind() == Kind::text || value.kind() == Kind::bytes;
    switch (form) {
        case IndexForm::number:
            if (value.is_number()) return value;
            if (value.kind() == Kind::time) return milliseconds_of(value.as_time());
            if (textual && dialect == Dialect::emqx)
                return number_of_text(value.as_text()).value_or(Datum());
            return {};
        case IndexForm::text:
            if (value.kind() == Kind::bytes) return Datum::text(value.as_text());
            return textual ? value : Datum();
        case IndexForm::boolean:
            if (value.kind() == Kind::boolean) return value;
            if (textual && dialect == Dialect::emqx) {
                if (value.as_text() == "true") return Datum::boolean(true);
                if (value.as_text() == "false") return Datum::boolean(false);
            }
            return {};
        case IndexForm::topic:
            return value.is_text() ? value : Datum();
    }
    return {};
}

std::optional<IndexedConjunct> index_conjunct(Compiler& compiler, const Conjunct& conjunct,
                                              size_t number) {
    const auto& expression = *conjunct.expression;
    const auto& operands = expression.operands;
    if (expression.type == ExpressionType::between && conjunct.part != Conjunct::Part::whole) {
        const bool least = conjunct.part == Conjunct::Part::at_least;
        const auto bound = constant_of(compiler, *operands[least ? 1 : 2]);
        if (!bound) return {};
        return indexed(compiler, *operands[0],
                       least ? Indexable::Type::greater_equal : Indexable::Type::less_equal,
                       {*bound}, number);
    }
    if (expression.type == ExpressionType::in && !expression.negated) {
        std::vector<Datum> values;
        for (size_t i = 1; i < operands.size(); ++i) {
            auto value = constant_of(compiler, *operands[i]);
            if (!value) return {};
            values.push_back(std::move(*value));
        }
        return indexed(compiler, *operands[0], Indexable::Type::in, std::move(values), number);
    }
    if (expression.type != ExpressionType::binary) return {};
    if (expression.op == Operator::topic_match) {
        const auto filter = constant_of(compiler, *operands[1]);
        if (!filter || !filter->is_text() || !model::check_filter(filter->as_text())) return {};
        return indexed(compiler, *operands[0], Indexable::Type::topic, {*filter}, number);
    }
    for (const bool mirrored : {false, true}) {
        const auto type = type_of(expression.op, mirrored);
        if (!type) return {};
        auto value = constant_of(compiler, *operands[mirrored ? 0 : 1]);
        if (value) return indexed(compiler, *operands[mirrored ? 1 : 0], *type, {*value}, number);
    }
    return {};
}

}  // namespace hw::sql

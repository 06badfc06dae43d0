#include <algorithm>
#include <array>
#include <cmath>

#include "base/json_writer.h"
#include "sql/json.h"
#include "sql/parser.h"
#include "sql/statement_parser.h"

namespace hw::sql {

namespace {

// How tightly an expression holds together; what stands in a tighter place gets parentheses.
enum Tightness { or_, and_, not_, comparison, sum, product, sign, path, whole };

Tightness tightness(Operator op) {
    switch (op) {
        case Operator::or_:
            return or_;
        case Operator::and_:
            return and_;
        case Operator::not_:
            return not_;
        case Operator::plus:
        case Operator::minus:
        case Operator::bit_or:
        case Operator::bit_xor:
        case Operator::concat:
            return sum;
        case Operator::times:
        case Operator::divide:
        case Operator::div:
        case Operator::mod:
        case Operator::bit_and:
            return product;
        default:
            return comparison;
    }
}

bool is_number(const Expression& e) {
    return e.type == ExpressionType::literal && e.value.is_number();
}

Tightness tightness(const Expression& e) {
    switch (e.type) {
        case ExpressionType::binary:
            return tightness(e.op);
        case ExpressionType::unary:
            return e.op == Operator::not_ ? not_ : sign;
        case ExpressionType::between:
        case ExpressionType::in:
        case ExpressionType::like:
        case ExpressionType::is_null:
            return comparison;
        case ExpressionType::literal:
            // Neither 5.a nor -(5), which is no -5.
            return e.value.is_number() ? sign : whole;
        default:
            return whole;
    }
}

std::string quoted(std::string_view text, char quote, bool escapes) {
    std::string out(1, quote);
    for (const char c : text) {
        if (c == quote || (escapes && c == '\\')) out.push_back(c);
        out.push_back(c);
    }
    out.push_back(quote);
    return out;
}

std::string name_text(std::string_view name) {
    if (is_plain_name(name) && !is_known(name)) return std::string(name);
    return quoted(name, '`', false);
}

class Printer {
  public:
    explicit Printer(bool escapes, bool pretty = false) : escapes_(escapes), pretty_(pretty) {}

    std::string take() { return std::move(out_); }

    void expression(const Expression& e, Tightness least = or_);
    void select(const Select& select);
    void stream(const StreamDefinition& stream);

  private:
    void put(std::string_view text) { out_ += text; }
    void operand(const Expression& e, size_t i, Tightness least) {
        expression(*e.operands[i], least);
    }
    template <class List, class Each>
    void list(const List& items, Each each) {
        bool first = true;
        for (const auto& item : items) {
            if (!first) put(", ");
            first = false;
            each(item);
        }
    }
    void clause(std::string_view keyword) {
        put(pretty_ ? "\n" : " ");
        put(keyword);
        put(" ");
    }

    void bare(const Expression& e);
    void literal(const Datum& value);
    void member(const Expression& e);
    void arrow(const Expression& e);
    void slice(const Expression& e);
    void unary(const Expression& e);
    void binary(const Expression& e);
    void tested(const Expression& e);
    void case_(const Expression& e);
    void call(const Expression& e);
    void filter(const ExpressionPtr& condition);
    void over(const std::unique_ptr<Over>& over);

    void field(const Field& field);
    void fields(const std::vector<Field>& fields);
    void alias(const std::vector<std::string>& parts);
    void foreach (const Select& select);
    void source(const Source& source);
    void sources(const std::vector<Source>& sources);
    void grouping(const Select& select);
    void window(const Window& window);
    void column_type(const ColumnDefinition& column);
    void column(const ColumnDefinition& column);

    std::string out_;
    const bool escapes_;
    const bool pretty_;
};

void Printer::expression(const Expression& e, Tightness least) {
    const bool parentheses = tightness(e) < least;
    if (parentheses) put("(");
    bare(e);
    if (parentheses) put(")");
}

void Printer::bare(const Expression& e) {
    const auto each = [this](const ExpressionPtr& item) { expression(*item); };
    switch (e.type) {
        case ExpressionType::literal:
            return literal(e.value);
        case ExpressionType::name:
            if (e.quoted) return put(quoted(e.text, '"', true));
            return put(e.text == "*" ? e.text : name_text(e.text));
        case ExpressionType::member:
            return member(e);
        case ExpressionType::arrow:
            return arrow(e);
        case ExpressionType::index:
            operand(e, 0, path);
            put("[");
            operand(e, 1, or_);
            return put("]");
        case ExpressionType::slice:
            return slice(e);
        case ExpressionType::array:
            put("[");
            list(e.operands, each);
            return put("]");
        case ExpressionType::range:
            put("[");
            operand(e, 0, or_);
            put("..");
            operand(e, 1, or_);
            return put("]");
        case ExpressionType::unary:
            return unary(e);
        case ExpressionType::binary:
            return binary(e);
        case ExpressionType::case_:
            return case_(e);
        case ExpressionType::call:
            return call(e);
        default:
            return tested(e);
    }
}

void Printer::literal(const Datum& value) {
    switch (value.kind()) {
        case Kind::null:
            return put("NULL");
        case Kind::boolean:
            return put(value.as_boolean() ? "TRUE" : "FALSE");
        case Kind::float64:
            return append_json_double(out_, value.as_real());
        case Kind::text:
            return put(quoted(value.as_text(), '\'', escapes_));
        default:
            return append_json(out_, value);
    }
}

void Printer::member(const Expression& e) {
    operand(e, 0, path);
    put(".");
    const bool digits = std::ranges::all_of(e.text, [](char c) { return c >= '0' && c <= '9'; });
    if ((digits && !e.text.empty()) || is_plain_name(e.text))
        put(e.text);
    else
        put(quoted(e.text, '`', false));
}

void Printer::arrow(const Expression& e) {
    operand(e, 0, path);
    put("->");
    const auto& right = *e.operands[1];
    if (right.type == ExpressionType::name && is_plain_name(right.text))
        put(right.text);
    else
        bare(right);
}

void Printer::slice(const Expression& e) {
    operand(e, 0, path);
    put("[");
    if (e.operands[1]) operand(e, 1, or_);
    put(e.inclusive ? ".." : ":");
    if (e.operands[2]) operand(e, 2, or_);
    put("]");
}

void Printer::unary(const Expression& e) {
    if (e.op == Operator::not_) {
        put("NOT ");
        return operand(e, 0, not_);
    }
    put(to_string(e.op));
    // Two signs on end would be a comment, and a sign before a number part of it.
    const auto& inner = *e.operands[0];
    operand(e, 0, inner.type == ExpressionType::unary || is_number(inner) ? whole : sign);
}

void Printer::binary(const Expression& e) {
    const auto tight = tightness(e.op);
    // Chains of AND and OR are balanced again when they are read.
    const bool associative = tight == or_ || tight == and_;
    operand(e, 0, tight);
    put(" ");
    put(to_string(e.op));
    put(" ");
    operand(e, 1, associative ? tight : static_cast<Tightness>(tight + 1));
}

void Printer::tested(const Expression& e) {
    operand(e, 0, comparison);
    if (e.type == ExpressionType::is_null) return put(e.negated ? " IS NOT NULL" : " IS NULL");
    if (e.negated) put(" NOT");
    if (e.type == ExpressionType::like) {
        put(" LIKE ");
        return operand(e, 1, sum);
    }
    if (e.type == ExpressionType::between) {
        put(" BETWEEN ");
        operand(e, 1, sum);
        put(" AND ");
        return operand(e, 2, sum);
    }
    put(" IN ");
    if (e.in_array) return operand(e, 1, sum);
    put("(");
    for (size_t i = 1; i < e.operands.size(); ++i) {
        if (i > 1) put(", ");
        operand(e, i, or_);
    }
    put(")");
}

void Printer::case_(const Expression& e) {
    put("CASE");
    size_t i = 0;
    if (e.has_subject) {
        put(" ");
        operand(e, i++, or_);
    }
    for (; i + 1 < e.operands.size(); i += 2) {
        put(" WHEN ");
        operand(e, i, or_);
        put(" THEN ");
        operand(e, i + 1, or_);
    }
    if (e.operands[i]) {
        put(" ELSE ");
        operand(e, i, or_);
    }
    put(" END");
}

void Printer::call(const Expression& e) {
    put(e.text);
    put(e.distinct ? "(DISTINCT " : "(");
    list(e.operands, [this](const ExpressionPtr& argument) { expression(*argument); });
    put(")");
    filter(e.filter);
    over(e.over);
}

void Printer::filter(const ExpressionPtr& condition) {
    if (!condition) return;
    put(" FILTER (WHERE ");
    expression(*condition);
    put(")");
}

void Printer::over(const std::unique_ptr<Over>& over) {
    if (!over) return;
    put(" OVER (");
    if (!over->partition_by.empty()) {
        put("PARTITION BY ");
        list(over->partition_by, [this](const ExpressionPtr& key) { expression(*key); });
        if (over->when) put(" ");
    }
    if (over->when) {
        put("WHEN ");
        expression(*over->when);
    }
    put(")");
}

void Printer::alias(const std::vector<std::string>& parts) {
    for (size_t i = 0; i < parts.size(); ++i) {
        if (i > 0 && parts[i][0] == '[') {
            put(parts[i]);
            continue;
        }
        if (i > 0) put(".");
        put(name_text(parts[i]));
    }
}

void Printer::field(const Field& field) {
    if (field.star) {
        if (!field.star_source.empty()) put(name_text(field.star_source) + ".");
        put("*");
        if (!field.except.empty()) {
            put(" EXCEPT (");
            list(field.except, [this](const std::string& name) { put(name_text(name)); });
            put(")");
        }
        if (!field.replace.empty()) {
            put(" REPLACE (");
            fields(field.replace);
            put(")");
        }
        return;
    }
    expression(*field.expression);
    if (!field.alias.empty()) {
        put(" AS ");
        alias(field.alias);
    }
    if (field.invisible) put(" INVISIBLE");
}

void Printer::fields(const std::vector<Field>& fields) {
    list(fields, [this](const Field& one) { field(one); });
}

void Printer::foreach (const Select& select) {
    put("FOREACH ");
    fields(select.fields);
    if (!select.fields.empty()) put(", ");
    expression(*select.foreach->array);
    if (!select.foreach->alias.empty()) put(" AS " + name_text(select.foreach->alias));
    if (!select.foreach->do_fields.empty()) {
        clause("DO");
        fields(select.foreach->do_fields);
    }
    if (select.foreach->incase) {
        clause("INCASE");
        expression(*select.foreach->incase);
    }
}

void Printer::source(const Source& source) {
    switch (source.type) {
        case SourceType::filter:
            put(quoted(source.names[0], '"', true));
            break;
        case SourceType::event:
            put(quoted("$events/" + source.names[0], '"', true));
            break;
        case SourceType::ingress:
            put(quoted("$sources/" + source.names[0], '"', true));
            break;
        case SourceType::points:
            put("points(");
            list(source.names,
                 [this](const std::string& name) { put(quoted(name, '\'', escapes_)); });
            put(")");
            break;
        case SourceType::named:
            put(name_text(source.names[0]));
            break;
    }
    if (!source.alias.empty()) put(" AS " + name_text(source.alias));
}

void Printer::sources(const std::vector<Source>& sources) {
    constexpr std::array<std::string_view, 6> joins = {"",           "INNER JOIN", "LEFT JOIN",
                                                       "RIGHT JOIN", "FULL JOIN",  "CROSS JOIN"};
    for (size_t i = 0; i < sources.size(); ++i) {
        if (sources[i].join != JoinType::none)
            clause(joins[static_cast<size_t>(sources[i].join)]);
        else if (i > 0)
            put(", ");
        source(sources[i]);
        if (!sources[i].on) continue;
        put(" ON ");
        expression(*sources[i].on);
    }
}

struct Unit {
    std::string_view name;
    int64_t ns;
};
// The largest that comes out even for all of the durations.
Unit unit_of(std::initializer_list<Duration> durations) {
    constexpr std::array<Unit, 5> units = {{{"dd", 86'400'000'000'000},
                                            {"hh", 3'600'000'000'000},
                                            {"mi", 60'000'000'000},
                                            {"ss", 1'000'000'000},
                                            {"ms", 1'000'000}}};
    for (const auto& unit : units)
        if (std::ranges::all_of(durations,
                                [&](Duration duration) { return duration.ns % unit.ns == 0; }))
            return unit;
    return units.back();
}

void Printer::window(const Window& window) {
    const auto unit = unit_of({window.length, window.hop, window.delay});
    const auto number = [&](Duration duration) {
        return ", " + std::to_string(duration.ns / unit.ns);
    };
    const std::string length = std::string(unit.name) + number(window.length);
    switch (window.type) {
        case WindowType::tumbling:
            put("TUMBLINGWINDOW(" + length);
            break;
        case WindowType::hopping:
            put("HOPPINGWINDOW(" + length + number(window.hop));
            break;
        case WindowType::session:
            put("SESSIONWINDOW(" + length + number(window.hop));
            break;
        case WindowType::sliding:
            put("SLIDINGWINDOW(" + length);
            if (window.delay.ns != 0) put(number(window.delay));
            break;
        case WindowType::count:
            put("COUNTWINDOW(" + std::to_string(window.count));
            if (window.every != 0) put(", " + std::to_string(window.every));
            break;
        default:
            put("STATEWINDOW(");
            expression(*window.begin);
            if (window.end) {
                put(", ");
                expression(*window.end);
            }
    }
    put(")");
    filter(window.filter);
    over(window.over);
}

void Printer::grouping(const Select& select) {
    if (select.group_by.empty() && select.window.type == WindowType::none) return;
    clause("GROUP BY");
    list(select.group_by, [this](const ExpressionPtr& key) { expression(*key); });
    if (select.window.type == WindowType::none) return;
    if (!select.group_by.empty()) put(", ");
    window(select.window);
}

void Printer::select(const Select& select) {
    if (select.foreach) {
        foreach (select)
            ;
    } else {
        put("SELECT ");
        fields(select.fields);
    }
    clause("FROM");
    sources(select.sources);
    if (select.where) {
        clause("WHERE");
        expression(*select.where);
    }
    grouping(select);
    if (select.having) {
        clause("HAVING");
        expression(*select.having);
    }
    if (!select.order_by.empty()) {
        clause("ORDER BY");
        list(select.order_by, [this](const OrderItem& item) {
            expression(*item.expression);
            if (item.descending) put(" DESC");
        });
    }
    if (select.limit) {
        clause("LIMIT");
        put(std::to_string(*select.limit));
    }
}

void Printer::column_type(const ColumnDefinition& column) {
    put(in_capitals(column.type));
    if (column.type == "array") {
        put("(");
        column_type(column.members[0]);
        put(")");
    } else if (column.type == "struct") {
        put("(");
        list(column.members, [this](const ColumnDefinition& one) { this->column(one); });
        put(")");
    }
}

void Printer::column(const ColumnDefinition& column) {
    put(name_text(column.name) + " ");
    column_type(column);
    if (!column.default_value) return;
    put(" DEFAULT ");
    literal(*column.default_value);
}

void Printer::stream(const StreamDefinition& stream) {
    put(stream.table ? "CREATE TABLE " : "CREATE STREAM ");
    put(name_text(stream.name) + " (");
    list(stream.columns, [this](const ColumnDefinition& one) { column(one); });
    put(") WITH (");
    list(stream.options, [this](const auto& option) {
        put(option.first + "=" + quoted(option.second, '"', true));
    });
    put(")");
}

}  // namespace

std::string format(const Select& select, bool pretty) {
    const bool escapes = !select.sources.empty() && select.sources[0].type == SourceType::named;
    Printer printer(escapes, pretty);
    printer.select(select);
    return printer.take();
}

std::string format(const Expression& expression) {
    Printer printer(false);
    printer.expression(expression);
    return printer.take();
}

std::string format(const StreamDefinition& stream) {
    Printer printer(false);
    printer.stream(stream);
    return printer.take();
}

}  // namespace hw::sql

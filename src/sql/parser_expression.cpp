#include <algorithm>
#include <array>
#include <charconv>
#include <iterator>

#include "base/decimal.h"
#include "sql/statement_parser.h"

namespace hw::sql {

namespace {

// From loosest to tightest, as EMQX and eKuiper agree:
//   OR; AND; NOT; = != < <= > >= =~ IN LIKE BETWEEN IS; + - | ^ ||; * / % & div mod; signs;
//   .member ->member [index]
Operator comparison_of(std::string_view symbol) {
    if (symbol == "=") return Operator::equal;
    if (symbol == "!=" || symbol == "<>") return Operator::not_equal;
    if (symbol == "<") return Operator::less;
    if (symbol == "<=") return Operator::less_equal;
    if (symbol == ">") return Operator::greater;
    if (symbol == ">=") return Operator::greater_equal;
    if (symbol == "=~") return Operator::topic_match;
    return Operator::none;
}

}  // namespace

StatementParser::Part StatementParser::make(ExpressionType type, Place place) {
    if (++expressions_ > limits_.expressions) {
        fail_at(place,
                "the statement has more than " + std::to_string(limits_.expressions) + " terms",
                "several rules, or a lookup table in place of a long list");
    }
    Part part{std::make_unique<Expression>(), 1};
    part.tree->type = type;
    part.tree->place = place;
    return part;
}

StatementParser::Part StatementParser::make_name(ExpressionType type, Place place,
                                                 std::string text) {
    Part part = make(type, place);
    part.tree->text = std::move(text);
    return part;
}

StatementParser::Part StatementParser::make_literal(Place place, Datum value) {
    Part part = make(ExpressionType::literal, place);
    part.tree->value = std::move(value);
    return part;
}

// Trees are walked and freed by recursion: their height stays bounded.
bool StatementParser::add(Part& parent, Part child) {
    if (failed() || !child) return false;
    parent.height = std::max(parent.height, child.height + 1);
    const auto place = child.tree->place;
    parent.tree->operands.push_back(std::move(child.tree));
    return parent.height <= limits_.height || fail_too_high(place);
}

bool StatementParser::fail_too_high(Place place) {
    return fail_at(
        place,
        "the expression is a chain of more than " + std::to_string(limits_.height) + " operators",
        "several fields with aliases");
}

bool StatementParser::add_null(Part& parent) {
    parent.tree->operands.push_back(nullptr);
    return !failed();
}

StatementParser::Part StatementParser::make_binary(Operator op, Place place, Part left,
                                                   Part right) {
    Part part = make(ExpressionType::binary, place);
    part.tree->op = op;
    if (!add(part, std::move(left)) || !add(part, std::move(right))) return {};
    return part;
}

// AND and OR are associative, so ten thousand of them become a tree of height 14.
StatementParser::Part StatementParser::chain(Operator op, std::vector<Part> terms) {
    if (failed()) return {};
    if (terms.size() == 1) return std::move(terms.front());
    std::vector<Part> flat;
    for (auto& term : terms)
        flatten(op, std::move(term), flat);
    return balanced(op, flat);
}

void StatementParser::flatten(Operator op, Part term, std::vector<Part>& out) {
    if (term.tree->type != ExpressionType::binary || term.tree->op != op) {
        out.push_back(std::move(term));
        return;
    }
    // The heights below are not kept; that of the whole is an upper bound.
    for (auto& operand : term.tree->operands)
        flatten(op, Part{std::move(operand), term.height - 1}, out);
}

StatementParser::Part StatementParser::balanced(Operator op, std::span<Part> terms) {
    if (terms.size() == 1) return std::move(terms.front());
    const size_t half = (terms.size() + 1) / 2;
    Part left = balanced(op, terms.first(half));
    Part right = balanced(op, terms.subspan(half));
    if (!left || !right) return {};
    const auto place = left.tree->place;
    return make_binary(op, place, std::move(left), std::move(right));
}

StatementParser::Part StatementParser::expression() {
    const Level level(*this);
    std::vector<Part> terms;
    do {
        if (failed()) return {};
        terms.push_back(conjunction());
        if (!terms.back()) return {};
    } while (accept_word("OR"));
    return chain(Operator::or_, std::move(terms));
}

StatementParser::Part StatementParser::conjunction() {
    std::vector<Part> terms;
    do {
        if (failed()) return {};
        terms.push_back(negation());
        if (!terms.back()) return {};
    } while (accept_word("AND"));
    return chain(Operator::and_, std::move(terms));
}

StatementParser::Part StatementParser::negation() {
    const auto place = token().place;
    if (failed() || !at_word("NOT")) return comparison();
    const Level level(*this);
    next();
    Part part = make(ExpressionType::unary, place);
    part.tree->op = Operator::not_;
    if (!add(part, negation())) return {};
    return part;
}

StatementParser::Part StatementParser::comparison() {
    Part left = sum();
    for (bool done = false; !done && left && !failed();)
        left = comparison_rest(std::move(left), done);
    if (failed()) return {};
    return left;
}

StatementParser::Part StatementParser::comparison_rest(Part left, bool& done) {
    const auto place = token().place;
    if (token().type == TokenType::symbol) {
        const auto op = comparison_of(raw());
        if (op != Operator::none) {
            next();
            return make_binary(op, place, std::move(left), sum());
        }
    }
    if (accept_word("IS")) {
        Part part = make(ExpressionType::is_null, place);
        part.tree->negated = accept_word("NOT");
        if (!at_word("NULL")) {
            unexpected("NULL: IS NULL and IS NOT NULL; for others '='");
            return {};
        }
        next();
        if (!add(part, std::move(left))) return {};
        return part;
    }
    const bool negated = at_word("NOT");
    const size_t ahead = negated ? 1 : 0;
    if (!at_word("IN", ahead) && !at_word("LIKE", ahead) && !at_word("BETWEEN", ahead)) {
        done = true;
        if (negated) {
            next();
            constexpr std::array<std::string_view, 3> words = {"IN", "LIKE", "BETWEEN"};
            unexpected("IN, LIKE or BETWEEN", words);
        }
        return left;
    }
    if (negated) next();
    if (at_word("IN")) return membership(std::move(left), negated, place);
    if (at_word("BETWEEN")) return range_test(std::move(left), negated, place);
    next();
    Part part = make(ExpressionType::like, place);
    part.tree->negated = negated;
    if (!add(part, std::move(left)) || !add(part, sum())) return {};
    return part;
}

StatementParser::Part StatementParser::membership(Part left, bool negated, Place place) {
    next();
    Part part = make(ExpressionType::in, place);
    part.tree->negated = negated;
    if (!add(part, std::move(left))) return {};
    if (!accept("(")) {
        part.tree->in_array = true;
        if (!add(part, sum())) return {};
        return part;
    }
    do {
        if (!add(part, expression())) return {};
    } while (accept(","));
    if (!expect(")")) return {};
    return part;
}

StatementParser::Part StatementParser::range_test(Part left, bool negated, Place place) {
    next();
    Part part = make(ExpressionType::between, place);
    part.tree->negated = negated;
    if (!add(part, std::move(left)) || !add(part, sum())) return {};
    if (!expect_word("AND") || !add(part, sum())) return {};
    return part;
}

Operator StatementParser::sum_operator() const {
    if (at("+")) return Operator::plus;
    if (at("-")) return Operator::minus;
    if (at("|")) return Operator::bit_or;
    if (at("^")) return Operator::bit_xor;
    if (at("||")) return Operator::concat;
    return Operator::none;
}

StatementParser::Part StatementParser::sum() {
    Part left = product();
    while (left && !failed()) {
        const auto op = sum_operator();
        if (op == Operator::none) return left;
        const auto place = token().place;
        next();
        left = make_binary(op, place, std::move(left), product());
    }
    return {};
}

Operator StatementParser::product_operator() const {
    if (at("*")) return Operator::times;
    if (at("/")) return Operator::divide;
    if (at("%") || at_word("MOD")) return Operator::mod;
    if (at("&")) return Operator::bit_and;
    if (at_word("DIV")) return Operator::div;
    return Operator::none;
}

StatementParser::Part StatementParser::product() {
    Part left = unary();
    while (left && !failed()) {
        const auto op = product_operator();
        if (op == Operator::none) return left;
        const auto place = token().place;
        next();
        left = make_binary(op, place, std::move(left), unary());
    }
    return {};
}

StatementParser::Part StatementParser::unary() {
    if (failed()) return {};
    if (!at("-") && !at("+")) return postfix();
    const Level level(*this);
    const auto place = token().place;
    const bool minus = at("-");
    next();
    if (failed()) return {};
    if (token().type == TokenType::number) {
        Part part = number(minus);
        if (part) part.tree->place = place;
        return part;
    }
    Part part = make(ExpressionType::unary, place);
    part.tree->op = minus ? Operator::minus : Operator::plus;
    if (!add(part, unary())) return {};
    return part;
}

StatementParser::Part StatementParser::postfix() {
    const bool number = token().type == TokenType::number;
    Part part = operand();
    if (number) return part;
    while (part && !failed()) {
        if (at("."))
            part = member(std::move(part));
        else if (at("->"))
            part = arrow(std::move(part));
        else if (at("["))
            part = subscript(std::move(part));
        else
            return part;
    }
    return {};
}

StatementParser::Part StatementParser::member(Part left) {
    const auto place = token().place;
    next();
    const auto type = token().type;
    if (failed()) return {};
    if (type == TokenType::end || type == TokenType::symbol) {
        unexpected(at("[") ? "a name: an index follows its array without a dot, a[1]" : "a name");
        return {};
    }
    Part part = make_name(ExpressionType::member, place, text_of(token()));
    next();
    if (at("(")) {
        unexpected("a plain name for a function");
        return {};
    }
    if (!add(part, std::move(left))) return {};
    return part;
}

StatementParser::Part StatementParser::arrow(Part left) {
    Part part = make(ExpressionType::arrow, token().place);
    next();
    if (failed()) return {};
    const auto place = token().place;
    Part right;
    switch (token().type) {
        case TokenType::word:
        case TokenType::back_quoted:
            right = make_name(ExpressionType::name, place, text_of(token()));
            next();
            break;
        case TokenType::text:
        case TokenType::double_quoted:
            right = make_literal(place, Datum::text(text_of(token())));
            next();
            break;
        case TokenType::number:
            right = number(false);
            break;
        default:
            unexpected("a name or a text");
            return {};
    }
    if (!add(part, std::move(left)) || !add(part, std::move(right))) return {};
    return part;
}

// [i], [i:j], [i:], [:j], [:], [] and EMQX's [i..j].
StatementParser::Part StatementParser::subscript(Part left) {
    const auto place = token().place;
    next();
    Part part = make(ExpressionType::slice, place);
    if (!add(part, std::move(left))) return {};
    const bool open = at(":") || at("]");
    if (open ? !add_null(part) : !add(part, expression())) return {};
    if (!open && accept("]")) {
        part.tree->type = ExpressionType::index;
        return part;
    }
    if (accept("..")) {
        part.tree->inclusive = true;
        if (!add(part, expression())) return {};
    } else {
        if (!at("]") && !accept(":")) {
            unexpected("']', ':' or '..'");
            return {};
        }
        if (at("]") ? !add_null(part) : !add(part, expression())) return {};
    }
    if (!expect("]")) return {};
    return part;
}

StatementParser::Part StatementParser::operand() {
    if (failed()) return {};
    const auto place = token().place;
    switch (token().type) {
        case TokenType::number:
            return number(false);
        case TokenType::text: {
            Part part = make_literal(place, Datum::text(text_of(token())));
            next();
            return part;
        }
        case TokenType::double_quoted:
        case TokenType::back_quoted: {
            Part part = make_name(ExpressionType::name, place, text_of(token()));
            part.tree->quoted = token().type == TokenType::double_quoted;
            if (part.tree->text == "*" && !part.tree->quoted) {
                unexpected("a name");
                return {};
            }
            next();
            return part;
        }
        case TokenType::word:
            return named_operand();
        default:
            break;
    }
    if (at("[")) return bracket();
    if (!at("(")) {
        if (foreign_operand()) unexpected("a value");
        return {};
    }
    next();
    if (at_word("SELECT") && !foreign_operand()) return {};
    Part part = expression();
    if (!expect(")")) return {};
    return part;
}

StatementParser::Part StatementParser::number(bool negative) {
    const auto place = token().place;
    const auto text = raw();
    Datum value;
    if (text.size() > 2 && (text[1] | 0x20) == 'x') {
        uint64_t bits = 0;
        const auto [end, error] =
            std::from_chars(text.data() + 2, text.data() + text.size(), bits, 16);
        const uint64_t most = uint64_t{1} << 63;
        if (error != std::errc() || bits > most || (bits == most && !negative)) {
            fail_at(place, "'" + std::string(text) + "' does not fit in 64 bits",
                    "at most 0x7fffffffffffffff");
            return {};
        }
        value = Datum::integer(static_cast<int64_t>(negative ? 0 - bits : bits));
    } else {
        const std::string signed_text = (negative ? "-" : "") + std::string(text);
        const auto decimal = scan_decimal(signed_text);
        if (decimal.kind == Decimal::Kind::out_of_range) {
            fail_at(place, "'" + std::string(text.substr(0, 40)) + "' is beyond any number",
                    "at most 1.7976931348623157e308");
            return {};
        }
        value = decimal.kind == Decimal::Kind::integer ? Datum::integer(decimal.integer)
                                                       : Datum::real(decimal.real);
    }
    next();
    return make_literal(place, std::move(value));
}

StatementParser::Part StatementParser::named_operand() {
    const auto place = token().place;
    if (at_word("CASE")) return case_expression();
    for (const auto& [word, value] : {std::pair<std::string_view, Datum>{"NULL", Datum::null()},
                                      {"TRUE", Datum::boolean(true)},
                                      {"FALSE", Datum::boolean(false)}})
        if (at_word(word)) {
            next();
            return make_literal(place, value);
        }
    if (!foreign_operand()) return {};
    const bool clause = (at_word("GROUP") || at_word("ORDER")) && at_word("BY", 1);
    if (clause || is_reserved(raw())) {
        unexpected(clause || at_word("FROM") || at_word("WHERE") ? "a value before it"
                                                                 : "a value; a name that is a "
                                                                   "keyword stands in back ticks");
        return {};
    }
    if (at("(", 1)) return call();
    Part part = make_name(ExpressionType::name, place, text_of(token()));
    next();
    return part;
}

// [], [a, b] and EMQX's [1..5].
StatementParser::Part StatementParser::bracket() {
    Part part = make(ExpressionType::array, token().place);
    next();
    if (accept("]")) return part;
    if (!add(part, expression())) return {};
    if (accept("..")) {
        part.tree->type = ExpressionType::range;
        if (!add(part, expression())) return {};
    } else {
        while (accept(","))
            if (!add(part, expression())) return {};
    }
    if (!at("]")) {
        unexpected(part.tree->type == ExpressionType::range ? "']'" : "',' or ']'");
        return {};
    }
    next();
    return part;
}

StatementParser::Part StatementParser::case_expression() {
    Part part = make(ExpressionType::case_, token().place);
    next();
    part.tree->has_subject = !at_word("WHEN");
    if (part.tree->has_subject && !add(part, expression())) return {};
    do {
        if (!expect_word("WHEN") || !add(part, expression())) return {};
        if (!expect_word("THEN") || !add(part, expression())) return {};
    } while (at_word("WHEN"));
    if (accept_word("ELSE") ? !add(part, expression()) : !add_null(part)) return {};
    if (!at_word("END")) {
        constexpr std::array<std::string_view, 3> words = {"WHEN", "ELSE", "END"};
        unexpected("WHEN, ELSE or END", words);
        return {};
    }
    next();
    return part;
}

StatementParser::Part StatementParser::call() {
    Part part = make_name(ExpressionType::call, token().place, text_of(token()));
    if (at_window()) {
        fail_at(token().place, "the window " + part.tree->text + "(...) is not expected here",
                "windows in GROUP BY");
        return {};
    }
    next();
    next();
    if (!arguments(part) || !call_tail(part)) return {};
    return part;
}

bool StatementParser::arguments(Part& call) {
    if (accept(")")) return true;
    if (at_word("DISTINCT") && !at(",", 1) && !at(")", 1)) {
        call.tree->distinct = true;
        next();
    }
    do {
        if (failed()) return false;
        if (at("*") && (at(")", 1) || at(",", 1))) {
            if (!add(call, make_name(ExpressionType::name, token().place, "*"))) return false;
            next();
        } else if (!add(call, expression())) {
            return false;
        }
    } while (accept(","));
    if (failed()) return false;
    if (at(")")) {
        next();
        return !failed();
    }
    return foreign_argument(call.tree->text) && foreign_operator() && unexpected("',' or ')'");
}

bool StatementParser::call_tail(Part& call) {
    const auto place = call.tree->place;
    if (!filter(call.tree->filter, call.height) || !over(call.tree->over, call.height))
        return false;
    return call.height <= limits_.height || fail_too_high(place);
}

bool StatementParser::take(ExpressionPtr& into, size_t& height) {
    Part part = expression();
    height = std::max(height, part.height + 1);
    into = std::move(part.tree);
    return !failed();
}

bool StatementParser::filter(ExpressionPtr& into, size_t& height) {
    if (!at_call("FILTER")) return !failed();
    next();
    next();
    return expect_word("WHERE") && take(into, height) && expect(")");
}

// OVER (PARTITION BY a, b WHEN condition), in either order.
bool StatementParser::over(std::unique_ptr<Over>& into, size_t& height) {
    if (!at_call("OVER")) return !failed();
    next();
    next();
    into = std::make_unique<Over>();
    while (!failed() && !at(")")) {
        if (into->when == nullptr && accept_word("WHEN")) {
            take(into->when, height);
        } else if (into->partition_by.empty() && at_word("PARTITION")) {
            next();
            if (!expect_word("BY")) return false;
            do {
                take(into->partition_by.emplace_back(), height);
            } while (accept(","));
        } else {
            constexpr std::array<std::string_view, 2> words = {"PARTITION", "WHEN"};
            return foreign_clause() && unexpected("PARTITION BY, WHEN or ')'", words);
        }
    }
    if (into->when == nullptr && into->partition_by.empty())
        return unexpected("PARTITION BY or WHEN");
    return expect(")");
}

ExpressionPtr StatementParser::lone_expression() {
    Part part = expression();
    if (failed()) return {};
    if (!at_end()) foreign_operator() && unexpected("an operator or the end");
    return std::move(part.tree);
}

}  // namespace hw::sql

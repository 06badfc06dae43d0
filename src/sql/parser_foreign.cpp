#include <algorithm>
#include <array>

#include "sql/statement_parser.h"

namespace hw::sql {

namespace {

// A word that other systems know here, and what does its work in this language.
struct Foreign {
    std::string_view word, instead;
};

constexpr std::array<Foreign, 14> statements = {{
    {"INSERT", "SELECT, and an action of the rule that keeps the rows"},
    {"UPDATE", "SELECT, and an action of the rule that writes"},
    {"DELETE", "SELECT, and an action of the rule that writes"},
    {"UPSERT", "SELECT, and an action of the rule that writes"},
    {"MERGE", "SELECT, and an action of the rule that writes"},
    {"WITH", "one rule for each part: the first republishes what the next reads"},
    {"EXPLAIN", "the statement alone: a test of the rule returns its plan"},
    {"CREATE", "SELECT or FOREACH; streams and tables are made apart from rules"},
    {"DROP", "SELECT or FOREACH; streams and tables are removed by their names"},
    {"ALTER", "SELECT or FOREACH; a stream is changed by creating it anew"},
    {"SHOW", "SELECT or FOREACH; lists of streams and rules are not asked in SQL"},
    {"DESCRIBE", "SELECT or FOREACH; streams are not described in SQL"},
    {"VALUES", "SELECT with the values as fields"},
    {"CALL", "SELECT with the function as a field"},
}};

constexpr std::array<Foreign, 16> clauses = {{
    {"UNION", "several sources in one FROM, separated by commas, or several rules"},
    {"INTERSECT", "an INNER JOIN within a window"},
    {"MINUS", "a LEFT JOIN within a window, WHERE the other side IS NULL"},
    {"EXCEPT", "a LEFT JOIN within a window, WHERE the other side IS NULL"},
    {"USING", "ON a.column = b.column"},
    {"NATURAL", "INNER JOIN ... ON a.column = b.column"},
    {"LATERAL", "unnest(array) as a field"},
    {"WINDOW", "the window in GROUP BY, such as TUMBLINGWINDOW(ss, 10)"},
    {"EMIT", "a window in GROUP BY, which says when rows come out"},
    {"OFFSET", "LIMIT alone"},
    {"FETCH", "LIMIT with a number of rows"},
    {"NULLS", "ORDER BY alone: null comes first"},
    {"QUALIFY", "HAVING, or a second rule"},
    {"ROWS", "a window in GROUP BY, such as COUNTWINDOW(10, 1)"},
    {"RANGE", "a window in GROUP BY, such as SLIDINGWINDOW(mi, 5)"},
    {"ORDER", "PARTITION BY and WHEN: rows are taken in the order they come"},
}};

constexpr std::array<Foreign, 12> windows = {{
    {"TUMBLE", "TUMBLINGWINDOW(ss, 10)"},
    {"TUMBLING", "TUMBLINGWINDOW(ss, 10)"},
    {"TUMBLINGWINDOWS", "TUMBLINGWINDOW(ss, 10)"},
    {"HOP", "HOPPINGWINDOW(ss, 10, 5)"},
    {"HOPPING", "HOPPINGWINDOW(ss, 10, 5)"},
    {"SLIDE", "SLIDINGWINDOW(ss, 10)"},
    {"SLIDING", "SLIDINGWINDOW(ss, 10)"},
    {"SESSION", "SESSIONWINDOW(mi, 10, 5)"},
    {"TIME_BUCKET", "TUMBLINGWINDOW(ss, 10)"},
    {"DATE_TRUNC", "TUMBLINGWINDOW(mi, 1)"},
    {"ROLLUP", "the columns, one rule for each level"},
    {"CUBE", "the columns, one rule for each level"},
}};

constexpr std::array<Foreign, 4> symbols = {{
    {"==", "'=' for equality"},
    {"&&", "AND"},
    {"~=", "'=~' to match a topic"},
    {"::", "cast(value, \"bigint\") or int(value)"},
}};

constexpr std::array<Foreign, 8> operators = {{
    {"ILIKE", "lower(a) LIKE 'text%'"},
    {"RLIKE", "regexp_matches(a, 'pattern')"},
    {"REGEXP", "regexp_matches(a, 'pattern')"},
    {"GLOB", "LIKE with % and _"},
    {"SIMILAR", "regexp_matches(a, 'pattern')"},
    {"COLLATE", "lower(a) or upper(a)"},
    {"XOR", "(a OR b) AND NOT (a AND b)"},
    {"ISNULL", "IS NULL"},
}};

template <size_t count>
const Foreign* find(const std::array<Foreign, count>& list, std::string_view word) {
    const auto found = std::ranges::find_if(
        list, [&](const Foreign& entry) { return same_word(word, entry.word); });
    return found == list.end() ? nullptr : &*found;
}

}  // namespace

// Each returns whether the place is free of such words, so that the parser goes on, and makes the
// flaw itself where it is not.
bool StatementParser::foreign_statement() {
    if (failed()) return false;
    if (token().type != TokenType::word) return true;
    const auto* entry = find(statements, raw());
    return entry == nullptr || fail_at(token().place, "'" + std::string(raw()) + "' makes no rule",
                                       std::string(entry->instead));
}

// After SELECT.
bool StatementParser::foreign_head() {
    if (failed()) return false;
    if (at_word("DISTINCT") && token(1).type != TokenType::symbol && !at_word("FROM", 1) &&
        !at_word("AS", 1))
        return fail_at(token().place, "SELECT DISTINCT is not part of this language",
                       "GROUP BY the fields within a window, or OVER (WHEN had_changed(true, a))");
    if (at_word("TOP") && token(1).type == TokenType::number)
        return fail_at(token().place, found(), "LIMIT at the end of the statement");
    return true;
}

// Where a clause may begin.
bool StatementParser::foreign_clause() {
    if (failed()) return false;
    if (token().type != TokenType::word) return true;
    const auto* entry = find(clauses, raw());
    // Most of these words may also be names of columns.
    const bool name = at_word("FROM", 1) || (token(1).type == TokenType::symbol && !at("(", 1));
    if (entry == nullptr || name) return true;
    return fail_at(token().place, "'" + std::string(raw()) + "' is not part of this language",
                   std::string(entry->instead));
}

bool StatementParser::foreign_operator() {
    if (failed()) return false;
    const Foreign* entry = nullptr;
    if (token().type == TokenType::symbol) entry = find(symbols, raw());
    if (token().type == TokenType::word) {
        entry = find(operators, raw());
        // `SELECT a xor FROM` is an alias.
        if (entry != nullptr && (at(",", 1) || at_word("FROM", 1))) entry = nullptr;
    }
    if (at_word("WITHIN") && at_word("GROUP", 1))
        return fail_at(token().place, found(), "both in parentheses: percentile_cont(a, 0.5)");
    if (entry == nullptr) return true;
    return fail_at(token().place, found(), std::string(entry->instead));
}

bool StatementParser::foreign_operand() {
    if (failed()) return false;
    if (at_word("SELECT"))
        return fail_at(token().place, "a statement within a statement is not part of this language",
                       "a rule of its own that republishes, and its topic or stream in FROM");
    if (at_call("EXISTS")) return fail_at(token().place, found(), "a JOIN with a lookup table");
    if (at_word("INTERVAL") &&
        (token(1).type == TokenType::text || token(1).type == TokenType::number))
        return fail_at(token().place, found(), "a unit and a number, as in TUMBLINGWINDOW(ss, 10)");
    if (at_word("NOT")) return fail_at(token().place, found(), "parentheses: a = (NOT b)");
    if (at("&") || at("&&") || at("!")) return foreign_operator();
    return true;
}

bool StatementParser::foreign_window(std::string_view name) {
    if (!at("(", 1)) return true;
    if (in_capitals(name).ends_with("WINDOW")) {
        constexpr std::array<std::string_view, 6> ours = {"TUMBLINGWINDOW", "HOPPINGWINDOW",
                                                          "SLIDINGWINDOW",  "SESSIONWINDOW",
                                                          "COUNTWINDOW",    "STATEWINDOW"};
        return unexpected("a column or a window", ours);
    }
    const auto* entry = find(windows, name);
    if (entry == nullptr) return true;
    return fail_at(token().place, "'" + std::string(name) + "' is not a window of this language",
                   std::string(entry->instead));
}

// Within a call's parentheses, after an argument.
bool StatementParser::foreign_argument(std::string_view function) {
    if (failed()) return false;
    if (at_word("AS") && same_word(function, "CAST"))
        return fail_at(token().place, found(), "the type as a text, cast(value, 'bigint')");
    if (at_word("AS")) return fail_at(token().place, found(), "no alias within a call");
    if (at_word("FROM")) return fail_at(token().place, found(), "arguments separated by commas");
    if (at_word("ORDER"))
        return fail_at(token().place, found(), "the aggregate alone; rows come in their order");
    if (at_word("SEPARATOR") || at_word("WITHIN"))
        return fail_at(token().place, found(), "arguments separated by commas");
    return true;
}

}  // namespace hw::sql

#pragma once

#include <expected>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "sql/ast.h"

namespace hw::sql {

// What is wrong with a statement and where. `text` says what was found and what was expected;
// `nearest` is the known name that was likely meant, else empty.
struct Flaw {
    Place place;
    std::string text;      // "'GROUB' is not expected here"
    std::string expected;  // "WHERE, GROUP BY, ORDER BY, LIMIT or the end"
    std::string nearest;   // "GROUP BY"

    // "line 2, column 7: 'GROUB' is not expected here; expected WHERE, ...; did you mean GROUP BY?"
    std::string full_text() const;
    // The line of the statement with a caret below, for terminals.
    std::string drawn(std::string_view sql) const;
};

template <class T>
using Parsed = std::expected<T, Flaw>;

struct ParseLimits {
    size_t bytes = 256 << 10;  // of a statement
    size_t nesting = 100;      // of parentheses, calls, CASE ...
    size_t height = 1'000;  // of an expression's tree: also a + b + c ... adds to it (not AND, OR)
    size_t expressions = 20'000;
};

// SELECT or FOREACH, up to an optional ';'. Never throws, never recurses beyond the limits. In a
// statement that reads a named stream a backslash escapes in 'single quotes' too, as in eKuiper.
Parsed<Select> parse_select(std::string_view sql, const ParseLimits& limits = {});
// CREATE STREAM or CREATE TABLE.
Parsed<StreamDefinition> parse_stream(std::string_view sql, const ParseLimits& limits = {});
// One expression alone, e.g. a template's ${...} or an alarm's condition.
Parsed<ExpressionPtr> parse_expression(std::string_view text, const ParseLimits& limits = {});

// The statement as we would write it: keywords in capitals, minimal parentheses; parsing it gives
// the same tree. With `pretty` one clause a line.
std::string format(const Select& select, bool pretty = false);
std::string format(const Expression& expression);
std::string format(const StreamDefinition& stream);
// Whether both mean the same text, whatever their places: for sharing work between rules.
bool same(const Expression& a, const Expression& b);
ExpressionPtr clone(const Expression& expression);

}  // namespace hw::sql

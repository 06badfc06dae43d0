#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "sql/ast.h"
#include "sql/parser.h"

namespace hw::sql {

enum class TokenType : uint8_t {
    end,
    word,           // a bare name or a keyword
    back_quoted,    // `name`
    double_quoted,  // "name", "filter" or, in eKuiper, a text
    text,           // 'text'
    number,         // 12, 1.5, 2e3, 0xff
    symbol,         // one of the table in lexer.cpp, the longest that fits
};

struct Token {
    TokenType type = TokenType::end;
    uint32_t begin = 0;  // bytes of the statement
    uint32_t end = 0;
    Place place;
};

// Cuts a statement into tokens, once and as a whole: at most one token of 24 bytes for each byte.
// Ends with a token `end`, or stops at what is no token; then `flaw` says why.
struct Tokens {
    std::vector<Token> list;
    std::optional<Flaw> flaw;
};
// `escapes`: in 'single quotes' a backslash escapes too, as in eKuiper; else only '' does. In
// "double quotes" it always does.
Tokens cut(std::string_view sql, bool escapes);

// What stands in quotes, without them and with the escapes resolved: JSON's, and that of the single
// quote. Before anything else the backslash stays as it is.
std::string unquote(std::string_view quoted, bool escapes);

// Letters, digits, '_', '$' and '@' and anything beyond ASCII; not a digit first.
bool is_plain_name(std::string_view text);
// In any case; `upper` is in capitals.
bool same_word(std::string_view word, std::string_view upper);
std::string in_capitals(std::string_view text);

}  // namespace hw::sql

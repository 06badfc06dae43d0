#include "sql/parser.h"

#include <algorithm>
#include <array>

#include "base/config.h"
#include "model/point_path.h"
#include "sql/statement_parser.h"

namespace hw::sql {

namespace {

constexpr std::array<std::string_view, 17> reserved = {
    "AND",  "AS", "CASE",   "ELSE", "FROM", "IN",   "NOT",     "OR",    "SELECT",
    "WHEN", "DO", "INCASE", "THEN", "END",  "TRUE", "FOREACH", "FALSE",
};
constexpr std::array<std::string_view, 32> others = {
    "WHERE", "NULL",   "GROUP", "BY",     "HAVING",  "ORDER",  "LIMIT",  "ASC",
    "DESC",  "FILTER", "OVER",  "EXCEPT", "REPLACE", "INNER",  "LEFT",   "RIGHT",
    "FULL",  "OUTER",  "CROSS", "JOIN",   "ON",      "IS",     "LIKE",   "BETWEEN",
    "DIV",   "MOD",    "UNION", "USING",  "NATURAL", "WINDOW", "OFFSET", "INVISIBLE",
};

bool contains(std::span<const std::string_view> words, std::string_view word) {
    return std::ranges::any_of(words,
                               [&](std::string_view upper) { return same_word(word, upper); });
}

// What stands in messages may be long: its beginning does.
std::string shortened(std::string_view text) {
    constexpr size_t most = 40;
    if (text.size() <= most) return std::string(text);
    size_t end = most;
    while ((static_cast<unsigned char>(text[end]) & 0xc0) == 0x80)
        --end;
    return std::string(text.substr(0, end)) + "...";
}

// A keyword of two words is only ever meant as a whole.
std::string whole_keyword(const std::string& word) {
    if (word == "GROUP" || word == "ORDER" || word == "PARTITION") return word + " BY";
    return word;
}

std::string nearest_word(std::string_view word, std::span<const std::string_view> words) {
    // A keyword that is written right is no slip, only in the wrong place.
    if (word.size() < 3 || contains(words, word)) return {};
    const std::vector<std::string> candidates(words.begin(), words.end());
    const auto found = nearest(in_capitals(word), candidates);
    return found ? whole_keyword(*found) : std::string();
}

template <class T>
Parsed<T> outcome(const StatementParser& parser, T&& value) {
    if (parser.flaw()) return std::unexpected(*parser.flaw());
    return std::forward<T>(value);
}

}  // namespace

bool is_reserved(std::string_view word) {
    return contains(reserved, word) || same_word(word, "WHERE") || same_word(word, "NULL");
}

bool is_known(std::string_view word) {
    return contains(reserved, word) || contains(others, word);
}

std::string Flaw::full_text() const {
    std::string out = "line " + std::to_string(place.line) + ", column " +
                      std::to_string(place.column) + ": " + text;
    if (!expected.empty()) out += "; expected " + expected;
    if (!nearest.empty()) out += "; did you mean " + nearest + "?";
    return out;
}

std::string Flaw::drawn(std::string_view sql) const {
    for (uint32_t line = 1; line < place.line; ++line) {
        const size_t end = sql.find('\n');
        sql.remove_prefix(end == sql.npos ? sql.size() : end + 1);
    }
    sql = sql.substr(0, sql.find('\n'));
    if (sql.ends_with('\r')) sql.remove_suffix(1);
    std::string out(sql);
    out.push_back('\n');
    uint32_t column = 1;
    for (size_t i = 0; i < sql.size() && column < place.column; ++i) {
        if ((static_cast<unsigned char>(sql[i]) & 0xc0) == 0x80) continue;
        out.push_back(sql[i] == '\t' ? '\t' : ' ');
        ++column;
    }
    out.push_back('^');
    return out;
}

StatementParser::Level::Level(StatementParser& parser) : parser_(parser) {
    if (++parser_.nesting_ > parser_.limits_.nesting)
        parser_.fail_at(parser_.token().place,
                        "the statement is nested deeper than " +
                            std::to_string(parser_.limits_.nesting) + " levels",
                        "several simpler fields or rules");
}

StatementParser::StatementParser(std::string_view sql, const ParseLimits& limits)
    : sql_(sql), limits_(limits) {
    cut_text(limits);
    if (tokens_.empty() || tokens_.back().type != TokenType::end) {
        const auto end = static_cast<uint32_t>(sql_.size());
        tokens_.push_back({TokenType::end, end, end, broken_ ? broken_->place : Place{}});
    }
    if (failed() || at_end()) {
        if (broken_) flaw_ = broken_;
    }
}

void StatementParser::cut_text(const ParseLimits& limits) {
    if (sql_.size() > limits.bytes) {
        fail_at({},
                "the statement has " + std::to_string(sql_.size()) + " bytes, at most " +
                    std::to_string(limits.bytes) + " are read",
                "a shorter one");
        return;
    }
    if (!model::is_utf8(sql_)) {
        fail_at({}, "the statement is not UTF-8", "UTF-8");
        return;
    }
    auto tokens = cut(sql_, false);
    if (sql_.find('\\') != sql_.npos) {
        // 'it\'s' may hide the FROM that says how to read it.
        auto escaped = cut(sql_, true);
        escapes_ = reads_stream(tokens).value_or(reads_stream(escaped).value_or(false));
        if (escapes_) tokens = std::move(escaped);
    }
    tokens_ = std::move(tokens.list);
    broken_ = std::move(tokens.flaw);
}

// Whether the first thing after FROM is a bare name; nothing where there is no FROM.
std::optional<bool> StatementParser::reads_stream(const Tokens& tokens) const {
    size_t depth = 0;
    for (size_t i = 0; i + 1 < tokens.list.size(); ++i) {
        const auto text = raw(tokens.list[i]);
        if (text == "(") ++depth;
        if (text == ")" && depth > 0) --depth;
        if (depth > 0 || tokens.list[i].type != TokenType::word || !same_word(text, "FROM"))
            continue;
        const auto& after = tokens.list[i + 1];
        if (after.type == TokenType::back_quoted) return true;
        return after.type == TokenType::word &&
               (!same_word(raw(after), "POINTS") || i + 2 >= tokens.list.size() ||
                raw(tokens.list[i + 2]) != "(");
    }
    return {};
}

const Token& StatementParser::token(size_t ahead) const {
    return tokens_[std::min(position_ + ahead, tokens_.size() - 1)];
}

std::string_view StatementParser::raw(const Token& token) const {
    return sql_.substr(token.begin, token.end - token.begin);
}

std::string StatementParser::text_of(const Token& token) const {
    switch (token.type) {
        case TokenType::text:
            return unquote(raw(token), escapes_);
        case TokenType::double_quoted:
            return unquote(raw(token), true);
        case TokenType::back_quoted:
            return unquote(raw(token), false);
        default:
            return std::string(raw(token));
    }
}

void StatementParser::next() {
    if (position_ + 1 < tokens_.size()) ++position_;
    if (at_end() && broken_ && !failed()) flaw_ = broken_;
}

bool StatementParser::at(std::string_view symbol, size_t ahead) const {
    return token(ahead).type == TokenType::symbol && raw(token(ahead)) == symbol;
}

bool StatementParser::at_word(std::string_view upper, size_t ahead) const {
    return token(ahead).type == TokenType::word && same_word(raw(token(ahead)), upper);
}

bool StatementParser::at_any_word(std::span<const std::string_view> upper) const {
    return token().type == TokenType::word && contains(upper, raw());
}

bool StatementParser::accept(std::string_view symbol) {
    if (failed() || !at(symbol)) return false;
    next();
    return true;
}

bool StatementParser::accept_word(std::string_view upper) {
    if (failed() || !at_word(upper)) return false;
    next();
    return true;
}

bool StatementParser::expect(std::string_view symbol) {
    if (failed()) return false;
    if (!at(symbol)) return foreign_operator() && unexpected("'" + std::string(symbol) + "'");
    next();
    return !failed();
}

bool StatementParser::expect_word(std::string_view upper) {
    if (failed()) return false;
    if (!at_word(upper)) {
        const std::array words = {upper};
        return foreign_operator() && unexpected(std::string(upper), words);
    }
    next();
    return !failed();
}

bool StatementParser::fail_at(Place place, std::string text, std::string expected,
                              std::string nearest) {
    if (!failed()) flaw_ = Flaw{place, std::move(text), std::move(expected), std::move(nearest)};
    return false;
}

std::string StatementParser::found() const {
    if (at_end()) return "the statement ends too early";
    if (token().type == TokenType::text)
        return "the text " + shortened(raw()) + " is not expected here";
    return "'" + shortened(raw()) + "' is not expected here";
}

bool StatementParser::unexpected(std::string expected, std::span<const std::string_view> words) {
    if (failed()) return false;
    if (suspect_ && *suspect_ + 1 == position_) {
        // The word before was read as an alias; more likely it is a keyword with a slip in it.
        const auto& before = tokens_[*suspect_];
        std::vector<std::string_view> candidates(words.begin(), words.end());
        for (const auto word : {"FROM", "WHERE", "GROUP", "HAVING", "ORDER", "LIMIT", "INNER",
                                "JOIN", "AS", "DO", "INCASE", "LEFT", "RIGHT", "LIKE", "BETWEEN"})
            candidates.emplace_back(word);
        if (auto meant = nearest_word(raw(before), candidates); !meant.empty()) {
            position_ = *suspect_;
            return fail_at(before.place, found(), std::move(expected), std::move(meant));
        }
    }
    std::string meant;
    if (token().type == TokenType::word) meant = nearest_word(raw(), words);
    return fail_at(token().place, found(), std::move(expected), std::move(meant));
}

void StatementParser::suspect(const Token& token) {
    suspect_ = static_cast<size_t>(&token - tokens_.data());
}

Parsed<Select> parse_select(std::string_view sql, const ParseLimits& limits) {
    StatementParser parser(sql, limits);
    return outcome(parser, parser.select_statement());
}

Parsed<StreamDefinition> parse_stream(std::string_view sql, const ParseLimits& limits) {
    StatementParser parser(sql, limits);
    return outcome(parser, parser.stream_statement());
}

Parsed<ExpressionPtr> parse_expression(std::string_view text, const ParseLimits& limits) {
    StatementParser parser(text, limits);
    return outcome(parser, parser.lone_expression());
}

}  // namespace hw::sql

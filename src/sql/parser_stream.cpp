#include <algorithm>
#include <array>

#include "base/config.h"
#include "sql/statement_parser.h"

namespace hw::sql {

namespace {

constexpr std::array<std::string_view, 6> simple_types = {"BIGINT",   "FLOAT",   "STRING",
                                                          "DATETIME", "BOOLEAN", "BYTEA"};
constexpr std::array<std::string_view, 8> types = {"BIGINT",  "FLOAT", "STRING", "DATETIME",
                                                   "BOOLEAN", "BYTEA", "ARRAY",  "STRUCT"};

struct OtherType {
    std::string_view word, instead;
};
constexpr std::array<OtherType, 16> other_types = {{{"INT", "BIGINT"},
                                                    {"INTEGER", "BIGINT"},
                                                    {"SMALLINT", "BIGINT"},
                                                    {"LONG", "BIGINT"},
                                                    {"DOUBLE", "FLOAT"},
                                                    {"REAL", "FLOAT"},
                                                    {"DECIMAL", "FLOAT"},
                                                    {"NUMERIC", "FLOAT"},
                                                    {"VARCHAR", "STRING"},
                                                    {"TEXT", "STRING"},
                                                    {"CHAR", "STRING"},
                                                    {"BOOL", "BOOLEAN"},
                                                    {"DATE", "DATETIME"},
                                                    {"TIMESTAMP", "DATETIME"},
                                                    {"BLOB", "BYTEA"},
                                                    {"BYTES", "BYTEA"}}};

constexpr std::array<std::string_view, 16> option_keys = {
    "DATASOURCE", "FORMAT",           "SCHEMAID",    "KEY",       "TYPE", "CONF_KEY",
    "SHARED",     "TIMESTAMP",        "KIND",        "DELIMITER", "TEMP", "STRICT_VALIDATION",
    "VERSION",    "TIMESTAMP_FORMAT", "RETAIN_SIZE", "EXTRA"};

std::string lower(std::string_view text) {
    std::string out(text);
    for (char& c : out)
        if (c >= 'A' && c <= 'Z') c = static_cast<char>(c + 0x20);
    return out;
}

}  // namespace

StreamDefinition StatementParser::stream_statement() {
    StreamDefinition stream;
    if (failed()) return stream;
    if (!at_word("CREATE")) {
        if (foreign_statement()) unexpected("CREATE STREAM or CREATE TABLE");
        return stream;
    }
    next();
    if (!at_word("STREAM") && !at_word("TABLE")) {
        constexpr std::array<std::string_view, 2> words = {"STREAM", "TABLE"};
        unexpected("STREAM or TABLE", words);
        return stream;
    }
    stream.table = at_word("TABLE");
    next();
    if (!name(stream.name, stream.table ? "the table's name" : "the stream's name")) return stream;
    if (at("(") && !columns(stream.columns)) return stream;
    if (!expect_word("WITH") || !stream_options(stream)) return stream;
    accept(";");
    if (!failed() && !at_end()) unexpected("the end");
    return stream;
}

// ( [column [, column ...] [,]] )
bool StatementParser::columns(std::vector<ColumnDefinition>& columns) {
    const Level level(*this);
    next();
    while (!failed() && !at(")")) {
        if (columns.size() >= limits_.expressions)
            return fail_at(token().place, "too many columns", "fewer");
        if (!column(columns.emplace_back())) return false;
        for (size_t i = 0; i + 1 < columns.size(); ++i)
            if (columns.size() <= 1'000 && columns[i].name == columns.back().name)
                return fail_at(columns.back().place,
                               "the column '" + columns.back().name + "' is there twice",
                               "one of each name");
        if (!accept(",") && !at(")")) return unexpected("DEFAULT, ',' or ')'");
    }
    return expect(")");
}

bool StatementParser::column(ColumnDefinition& column) {
    column.place = token().place;
    if (!name(column.name, "a column's name") || !column_type(column)) return false;
    return !accept_word("DEFAULT") || column_default(column);
}

bool StatementParser::column_type(ColumnDefinition& column) {
    const Level level(*this);
    if (failed()) return false;
    constexpr std::string_view expected =
        "a type: BIGINT, FLOAT, STRING, DATETIME, BOOLEAN, BYTEA, ARRAY(type) or STRUCT(columns)";
    if (!at_any_word(types)) {
        for (const auto& other : other_types)
            if (at_word(other.word))
                return fail_at(token().place, found(), std::string(expected),
                               std::string(other.instead));
        return unexpected(std::string(expected), types);
    }
    column.type = lower(raw());
    const bool simple = at_any_word(simple_types);
    const bool array = at_word("ARRAY");
    next();
    if (simple) return !failed();
    if (!at("(")) return unexpected(array ? "'(' and the type of the items" : "'(' and columns");
    if (!array) return columns(column.members);
    next();
    auto& item = column.members.emplace_back();
    item.place = token().place;
    return column_type(item) && expect(")");
}

bool StatementParser::column_default(ColumnDefinition& column) {
    if (failed()) return false;
    const bool negative = at("-");
    if (negative) next();
    if (token().type == TokenType::number) {
        const Part part = number(negative);
        if (!part) return false;
        column.default_value = part.tree->value;
        return !failed();
    }
    if (negative) return unexpected("a number");
    if (token().type == TokenType::text || token().type == TokenType::double_quoted)
        column.default_value = Datum::text(text_of(token()));
    else if (at_word("TRUE") || at_word("FALSE"))
        column.default_value = Datum::boolean(at_word("TRUE"));
    else
        return unexpected("a number, a text, TRUE or FALSE");
    next();
    return !failed();
}

// (KEY="value" [,] ...). With the TYPE of a connector its own settings are options too; whether it
// has them is known to whoever knows the connectors.
bool StatementParser::stream_options(StreamDefinition& stream) {
    if (!expect("(")) return false;
    std::optional<size_t> foreign;  // the first key that is not of the language
    while (!failed() && !at(")")) {
        if (!foreign && token().type == TokenType::word && !at_any_word(option_keys))
            foreign = position_;
        if (!stream_option(stream)) return false;
        accept(",");
    }
    if (!expect(")")) return false;
    if (!foreign || std::ranges::any_of(stream.options, [](const auto& option) {
            return option.first == "TYPE" && lower(option.second) != "memory";
        }))
        return true;
    position_ = *foreign;
    return unexpected("an option such as DATASOURCE", option_keys);
}

bool StatementParser::stream_option(StreamDefinition& stream) {
    if (failed()) return false;
    if (token().type != TokenType::word)
        return unexpected("an option such as DATASOURCE", option_keys);
    auto key = in_capitals(raw());
    if (std::ranges::any_of(stream.options, [&](const auto& known) { return known.first == key; }))
        return fail_at(token().place, "the option " + key + " is there twice", "one of each");
    next();
    if (!expect("=")) return false;
    const auto type = token().type;
    if (type == TokenType::text || type == TokenType::double_quoted)
        stream.options.emplace_back(std::move(key), text_of(token()));
    else if (type == TokenType::number || at_word("TRUE") || at_word("FALSE"))
        stream.options.emplace_back(std::move(key), lower(raw()));
    else
        return unexpected("the value in quotes");
    next();
    return !failed();
}

}  // namespace hw::sql

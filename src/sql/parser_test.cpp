#include "sql/parser.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <sstream>

namespace hw::sql {

namespace {

struct Case {
    std::string file;
    size_t line = 0;
    std::string statement;
    std::string expected;  // the statement as it is printed, or its flaw
};

// A case: the statement in one or more lines, then a line that begins with "=>" and holds what is
// expected ("=> same": the statement itself). Blank lines and lines that begin with "# " before a
// statement are skipped.
std::vector<Case> cases_of(const std::filesystem::path& path) {
    std::ifstream in(path);
    std::vector<Case> cases;
    Case next;
    size_t number = 0;
    for (std::string line; std::getline(in, line);) {
        ++number;
        if (next.statement.empty() && (line.empty() || line.starts_with("# "))) continue;
        if (!line.starts_with("=>")) {
            if (next.statement.empty())
                next.line = number;
            else
                next.statement += '\n';
            next.statement += line;
            continue;
        }
        next.file = path.filename();
        next.expected =
            line == "=> same" ? next.statement : line.substr(std::min<size_t>(3, line.size()));
        cases.push_back(std::exchange(next, {}));
    }
    EXPECT_TRUE(next.statement.empty()) << path << ": the last statement expects nothing";
    return cases;
}

std::vector<Case> all_cases() {
    std::vector<Case> cases;
    for (const auto& entry : std::filesystem::directory_iterator(HEADWORKS_PARSER_CASES))
        for (auto& one : cases_of(entry.path()))
            cases.push_back(std::move(one));
    return cases;
}

template <class T>
std::string printed(const Parsed<T>& parsed) {
    if (!parsed) return parsed.error().full_text();
    if constexpr (std::is_same_v<T, ExpressionPtr>)
        return format(**parsed);
    else
        return format(*parsed);
}

// By the file's name: stream_*.txt and expression_*.txt, else statements of rules.
std::string outcome(const Case& one, std::string_view text) {
    if (one.file.starts_with("stream")) return printed(parse_stream(text));
    if (one.file.starts_with("expression")) return printed(parse_expression(text));
    return printed(parse_select(text));
}

ExpressionPtr read(std::string_view text) {
    auto parsed = parse_expression(text);
    EXPECT_TRUE(parsed) << text << ": " << parsed.error().full_text();
    return std::move(*parsed);
}

Flaw flaw_of(std::string_view sql, const ParseLimits& limits = {}) {
    const auto parsed = parse_select(sql, limits);
    EXPECT_FALSE(parsed);
    return parsed ? Flaw() : parsed.error();
}

std::string repeated(std::string_view text, size_t times) {
    std::string out;
    for (size_t i = 0; i < times; ++i)
        out += text;
    return out;
}

size_t height(const Expression& e) {
    size_t most = 0;
    for (const auto& operand : e.operands)
        if (operand) most = std::max(most, height(*operand));
    return most + 1;
}

}  // namespace

TEST(Parser, CasesOfTheTextFiles) {
    const auto cases = all_cases();
    EXPECT_GT(cases.size(), 300u);
    for (const auto& one : cases)
        EXPECT_EQ(outcome(one, one.statement), one.expected)
            << one.file << ":" << one.line << ": " << one.statement;
}

TEST(Parser, WhatIsPrintedReadsBackTheSame) {
    for (const auto& one : all_cases()) {
        if (one.expected.starts_with("line ")) continue;
        EXPECT_EQ(outcome(one, one.expected), one.expected) << one.file << ":" << one.line;
    }
}

TEST(Parser, ThePrettyFormReadsBackTheSame) {
    size_t count = 0;
    for (const auto& one : all_cases()) {
        const auto parsed = parse_select(one.statement);
        if (!parsed) continue;
        const auto again = parse_select(format(*parsed, true));
        ASSERT_TRUE(again) << format(*parsed, true) << again.error().full_text();
        EXPECT_EQ(format(*again), format(*parsed));
        ++count;
    }
    EXPECT_GT(count, 100u);
}

TEST(Parser, ClonesAndReprintsAreTheSame) {
    for (const auto& one : all_cases()) {
        if (!one.file.starts_with("expression") || one.expected.starts_with("line ")) continue;
        const auto tree = read(one.statement);
        EXPECT_TRUE(same(*tree, *clone(*tree))) << one.statement;
        EXPECT_TRUE(same(*tree, *read(format(*tree)))) << one.statement;
    }
}

TEST(Parser, SameLooksAtTheMeaningOfATextAndNotAtItsPlace) {
    EXPECT_TRUE(same(*read("a.b>5 and Lower(x)='y'"), *read("(a.b > 5)\nAND LOWER(x) = 'y'")));
    for (const auto& [a, b] : std::vector<std::pair<std::string, std::string>>{
             {"a", "b"},
             {"a + b", "a - b"},
             {"a", "\"a\""},
             {"1", "1.0"},
             {"a IN (1)", "a NOT IN (1)"},
             {"a[1..3]", "a[1:3]"},
             {"a[1:]", "a[1:2]"},
             {"count(a)", "count(DISTINCT a)"},
             {"sum(a)", "sum(a) FILTER (WHERE b)"},
             {"lag(a)", "lag(a) OVER (PARTITION BY b)"},
             {"lag(a) OVER (WHEN b)", "lag(a) OVER (PARTITION BY b)"},
             {"CASE a WHEN b THEN c END", "CASE WHEN b THEN c END"},
             {"f(a)", "f(A)"}})
        EXPECT_FALSE(same(*read(a), *read(b))) << a << " and " << b;
}

TEST(Parser, PlacesCountCharactersAndLines) {
    const auto flaw = flaw_of("SELECT '流量', a\r\nFROM \"厂/+\"\n\tWHERE 'ü' a");
    EXPECT_EQ(flaw.place.line, 3u);
    EXPECT_EQ(flaw.place.column, 12u);
    const auto tree = read("a +\n  流量.x * f(1)");
    EXPECT_EQ(tree->place.line, 1u);
    EXPECT_EQ(tree->place.column, 3u);
    const auto& call = *tree->operands[1]->operands[1];
    EXPECT_EQ(call.place.line, 2u);
    EXPECT_EQ(call.place.column, 10u);
}

TEST(Parser, AFlawIsDrawnBelowItsLine) {
    const std::string sql = "SELECT a\nFROM \"t\"\n\tWEHRE x = 1";
    EXPECT_EQ(flaw_of(sql).drawn(sql), "\tWEHRE x = 1\n\t^");
    const std::string chinese = "SELECT '流量' 5 FROM \"t\"";
    EXPECT_EQ(flaw_of(chinese).drawn(chinese), "SELECT '流量' 5 FROM \"t\"\n            ^");
}

TEST(Parser, ThousandsOfConditionsStayFlat) {
    const auto parsed = parse_expression(repeated("a = 1 AND b < 2 OR ", 1'500) + "c");
    ASSERT_TRUE(parsed);
    EXPECT_LT(height(**parsed), 20u);
    const auto again = read(format(**parsed));
    EXPECT_TRUE(same(**parsed, *again));
}

TEST(Parser, GroupingOfAndAndOrDoesNotMatter) {
    EXPECT_TRUE(same(*read("a AND (b AND (c AND d))"), *read("((a AND b) AND c) AND d")));
    EXPECT_FALSE(same(*read("a AND (b OR c)"), *read("a AND b OR c")));
}

TEST(Parser, LimitsHoldWithoutDeepRecursion) {
    const auto deep = repeated("(", 200) + "1" + repeated(")", 200);
    EXPECT_NE(flaw_of("SELECT " + deep + " FROM a").text.find("nested deeper than 100"),
              std::string::npos);
    EXPECT_NE(flaw_of("SELECT " + repeated("- ", 100'000)).text.find("nested"), std::string::npos);
    EXPECT_NE(flaw_of("SELECT " + repeated("not ", 60'000)).text.find("nested"), std::string::npos);
    EXPECT_NE(flaw_of("SELECT a" + repeated("+a", 5'000)).text.find("a chain of more than 1000"),
              std::string::npos);
    EXPECT_NE(flaw_of("SELECT a" + repeated(".a", 5'000)).text.find("a chain"), std::string::npos);
    EXPECT_NE(flaw_of("SELECT a" + repeated("[1]", 5'000)).text.find("a chain"), std::string::npos);
    EXPECT_NE(flaw_of("SELECT a" + repeated(",a", 30'000)).text.find("more than 20000 terms"),
              std::string::npos);
    EXPECT_NE(flaw_of(std::string(300'000, ' ')).text.find("300000 bytes, at most 262144"),
              std::string::npos);
    EXPECT_NE(flaw_of("SELECT a FROM t", {.bytes = 10}).text.find("at most 10"), std::string::npos);
}

// Each FILTER may hold a chain of full height: their heights add up.
TEST(Parser, TheHeightOfFiltersCounts) {
    const auto chain = repeated("+a", 90);
    std::string text = "a";
    for (int i = 0; i < 30; ++i)
        text = "sum(b) FILTER (WHERE " + text + chain + ")";
    const auto parsed = parse_expression(text);
    ASSERT_FALSE(parsed);
    EXPECT_NE(parsed.error().text.find("a chain"), std::string::npos);
}

TEST(Parser, TextThatIsNotUtf8IsRefused) {
    EXPECT_EQ(flaw_of("SELECT '\xff' FROM t").text, "the statement is not UTF-8");
    EXPECT_EQ(flaw_of("SELECT '\xc0\xaf' FROM t").text, "the statement is not UTF-8");
    EXPECT_EQ(flaw_of("SELECT '\xed\xa0\x80' FROM t").text, "the statement is not UTF-8");
}

TEST(Parser, ATreeHoldsWhatWasWritten) {
    const auto parsed = parse_select(
        "SELECT payload.a[-1] AS x.y[1], \"q\" INVISIBLE, t.* EXCEPT (b) FROM \"$bridges/mqtt:m\" "
        "AS "
        "t, points('p/#', \"q\") GROUP BY k, HOPPINGWINDOW(mi, 10, 5) FILTER (WHERE a) LIMIT 7");
    ASSERT_TRUE(parsed) << parsed.error().full_text();
    const auto& index = *parsed->fields[0].expression;
    EXPECT_EQ(index.type, ExpressionType::index);
    EXPECT_EQ(index.operands[1]->value, Datum::integer(-1));
    EXPECT_EQ(index.operands[0]->type, ExpressionType::member);
    EXPECT_EQ(index.operands[0]->text, "a");
    EXPECT_EQ(parsed->fields[0].alias, (std::vector<std::string>{"x", "y", "[1]"}));
    EXPECT_TRUE(parsed->fields[1].expression->quoted && parsed->fields[1].invisible);
    EXPECT_EQ(parsed->fields[2].star_source, "t");
    EXPECT_EQ(parsed->fields[2].except, std::vector<std::string>{"b"});
    EXPECT_EQ(parsed->sources[0].type, SourceType::ingress);
    EXPECT_EQ(parsed->sources[0].names, std::vector<std::string>{"mqtt:m"});
    EXPECT_EQ(parsed->sources[1].type, SourceType::points);
    EXPECT_EQ(parsed->sources[1].names, (std::vector<std::string>{"p/#", "q"}));
    EXPECT_EQ(parsed->window.type, WindowType::hopping);
    EXPECT_EQ(parsed->window.length, seconds(600));
    EXPECT_EQ(parsed->window.hop, seconds(300));
    EXPECT_TRUE(parsed->window.filter);
    EXPECT_EQ(parsed->group_by.size(), 1u);
    EXPECT_EQ(parsed->limit, 7u);
}

// The same text means other characters in statements of EMQX and of eKuiper.
TEST(Parser, BackslashesEscapeInSingleQuotesOnStreamsOnly) {
    const auto text = [](std::string_view sql) {
        const auto parsed = parse_select(sql);
        EXPECT_TRUE(parsed) << parsed.error().full_text();
        return std::string(parsed->fields[0].expression->value.as_text());
    };
    EXPECT_EQ(text(R"(SELECT 'a\nb' FROM "t")"), R"(a\nb)");
    EXPECT_EQ(text(R"(SELECT 'a\nb' FROM demo)"), "a\nb");
    EXPECT_EQ(text(R"(SELECT '\\d+\d' FROM "t")"), R"(\\d+\d)");
    EXPECT_EQ(text(R"(SELECT '\\d+\d' FROM demo)"), R"(\d+\d)");
    EXPECT_EQ(text(R"(SELECT 'it\'s' FROM demo)"), "it's");
    EXPECT_EQ(text(R"(SELECT '\' FROM "t")"), "\\");
    EXPECT_EQ(text(R"(SELECT '\u6d41\ud83d\ude00\ud83d' FROM demo)"), "流😀\\ud83d");
    EXPECT_EQ(text(R"(SELECT '\n' FROM points('a'))"), R"(\n)");
}

}  // namespace hw::sql

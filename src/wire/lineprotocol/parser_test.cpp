#include "wire/lineprotocol/parser.h"

#include <gtest/gtest.h>

#include <limits>

namespace hw::lineprotocol {
namespace {

struct Outcome {
    std::vector<Line> lines;
    std::vector<LineError> errors;
};

Outcome parse(std::string_view body, Precision precision = Precision::ns,
              const Limits& limits = {}) {
    Outcome outcome;
    Parser parser(body, precision, limits);
    Line line;
    std::string_view likely;
    for (;;) {
        const auto step = parser.next(line, likely);
        if (step == Parser::Step::end) return outcome;
        if (step == Parser::Step::line) {
            outcome.lines.push_back(line);
            likely = line.series;
        } else {
            outcome.errors.push_back(parser.error());
        }
    }
}

Line parse_one(std::string_view body, Precision precision = Precision::ns) {
    const auto outcome = parse(body, precision);
    EXPECT_EQ(outcome.lines.size(), 1U) << body;
    for (const auto& error : outcome.errors)
        ADD_FAILURE() << error.message();
    return outcome.lines.empty() ? Line{} : outcome.lines[0];
}

std::string reason_of(std::string_view body) {
    const auto outcome = parse(body);
    EXPECT_EQ(outcome.errors.size(), 1U) << body;
    EXPECT_TRUE(outcome.lines.empty()) << body;
    return outcome.errors.empty() ? "" : std::string(outcome.errors[0].reason);
}

std::string unescaped(std::string_view raw) {
    std::string out;
    unescape(raw, out);
    return out;
}

TEST(LineParser, ReadsAllFieldTypes) {
    const auto line = parse_one(R"(m,tag=a f=2.5,i=-1i,u=18446744073709551615u,s="x",b=t 17)");
    EXPECT_EQ(line.series, "m,tag=a");
    ASSERT_EQ(line.fields.size(), 5U);
    EXPECT_EQ(line.fields[0].key, "f");
    EXPECT_EQ(line.fields[0].type, FieldType::real);
    EXPECT_EQ(line.fields[0].real, 2.5);
    EXPECT_EQ(line.fields[1].type, FieldType::integer);
    EXPECT_EQ(line.fields[1].integer, -1);
    EXPECT_EQ(line.fields[2].type, FieldType::unsigned_integer);
    EXPECT_EQ(line.fields[2].unsigned_integer, std::numeric_limits<uint64_t>::max());
    EXPECT_EQ(line.fields[3].type, FieldType::text);
    EXPECT_EQ(line.fields[3].text, "x");
    EXPECT_EQ(line.fields[4].type, FieldType::boolean);
    EXPECT_TRUE(line.fields[4].boolean);
    EXPECT_EQ(line.time_ns, 17);
}

TEST(LineParser, ReadsNumbers) {
    const auto line = parse_one("m a=1,b=-1.5e3,c=+2,d=.5,e=1e-400,f=3.,g=9223372036854775807i");
    ASSERT_EQ(line.fields.size(), 7U);
    const std::array<double, 6> reals = {1, -1500, 2, 0.5, 0, 3};
    for (size_t i = 0; i < reals.size(); ++i) {
        EXPECT_EQ(line.fields[i].type, FieldType::real);
        EXPECT_EQ(line.fields[i].real, reals[i]);
    }
    EXPECT_EQ(line.fields[6].integer, std::numeric_limits<int64_t>::max());
    EXPECT_FALSE(line.time_ns.has_value());
}

TEST(LineParser, ReadsEverySpellingOfBooleans) {
    for (const auto* text : {"t", "T", "true", "True", "TRUE"})
        EXPECT_TRUE(parse_one(std::string("m v=") + text).fields.at(0).boolean) << text;
    for (const auto* text : {"f", "F", "false", "False", "FALSE"}) {
        const auto line = parse_one(std::string("m v=") + text);
        EXPECT_EQ(line.fields.at(0).type, FieldType::boolean);
        EXPECT_FALSE(line.fields.at(0).boolean) << text;
    }
    EXPECT_EQ(reason_of("m v=tRUE"), "invalid boolean");
    EXPECT_EQ(reason_of("m v=truex"), "invalid boolean");
    EXPECT_EQ(reason_of("m v=yes"), "invalid field format");
}

TEST(LineParser, KeepsEscapesAndUndoesThem) {
    const auto line =
        parse_one(R"(my\ m\,x,k\=1=a\ b\,c\=d,p=C:\dir\\ x f\ \=\,1="q\"\\\n,= x" 5)");
    Series series;
    ASSERT_TRUE(parse_series(line.series, {}, series));
    EXPECT_EQ(unescaped(series.measurement), "my m,x");
    ASSERT_EQ(series.tags.size(), 2U);
    EXPECT_EQ(unescaped(series.tags[0].key), "k=1");
    EXPECT_EQ(unescaped(series.tags[0].value), "a b,c=d");
    // A backslash before a space takes its meaning away, whatever stands before.
    EXPECT_EQ(unescaped(series.tags[1].value), R"(C:\dir\ x)");
    ASSERT_EQ(line.fields.size(), 1U);
    EXPECT_EQ(unescaped(line.fields[0].key), "f =,1");
    std::string text;
    unescape_text(line.fields[0].text, text);
    EXPECT_EQ(text, R"(q"\\n,= x)");
}

TEST(LineParser, BackslashElsewhereIsItself) {
    const auto line = parse_one(R"(a\b,t=c\d e\f=1,g="h\i\\j\"")");
    EXPECT_EQ(unescaped(line.series), R"(a\b,t=c\d)");
    EXPECT_EQ(unescaped(line.fields.at(0).key), R"(e\f)");
    std::string text;
    unescape_text(line.fields.at(1).text, text);
    EXPECT_EQ(text, R"(h\i\j")");
}

TEST(LineParser, TextsMayHoldAnything) {
    const auto outcome = parse("m s=\"a, b=c\nd #\" 1\nm s=\"\" 2\n bad\n");
    ASSERT_EQ(outcome.lines.size(), 2U);
    EXPECT_EQ(outcome.lines[0].fields.at(0).text, "a, b=c\nd #");
    EXPECT_EQ(outcome.lines[1].fields.at(0).text, "");
    ASSERT_EQ(outcome.errors.size(), 1U);
    EXPECT_EQ(outcome.errors[0].line, 4U);
}

TEST(LineParser, SkipsBlankLinesAndComments) {
    const auto outcome = parse(
        "# head\r\n\r\n  \n\nm v=1 1\r\n\t# more\nm v=2 2\r\nm v=3\r\nm v=4 \r\n  m v=5  7  ");
    ASSERT_EQ(outcome.lines.size(), 5U);
    EXPECT_TRUE(outcome.errors.empty());
    EXPECT_EQ(outcome.lines[1].time_ns, 2);
    EXPECT_EQ(outcome.lines[4].series, "m");
    EXPECT_EQ(outcome.lines[4].time_ns, 7);
    EXPECT_TRUE(parse("").lines.empty());
    EXPECT_TRUE(parse("\n#").lines.empty());
}

TEST(LineParser, AppliesThePrecision) {
    EXPECT_EQ(parse_one("m v=1 -2", Precision::ns).time_ns, -2);
    EXPECT_EQ(parse_one("m v=1 2", Precision::us).time_ns, 2'000);
    EXPECT_EQ(parse_one("m v=1 2", Precision::ms).time_ns, 2'000'000);
    EXPECT_EQ(parse_one("m v=1 2", Precision::s).time_ns, 2'000'000'000);
    EXPECT_EQ(parse_one("m v=1 2", Precision::m).time_ns, 120'000'000'000);
    EXPECT_EQ(parse_one("m v=1 2", Precision::h).time_ns, 7'200'000'000'000);
    const auto outcome = parse("m v=1 9223372037", Precision::s);
    ASSERT_EQ(outcome.errors.size(), 1U);
    EXPECT_TRUE(outcome.errors[0].reason.starts_with("time outside range"));
}

TEST(LineParser, ReadsNamesOfPrecisions) {
    EXPECT_EQ(parse_precision_v1(""), Precision::ns);
    EXPECT_EQ(parse_precision_v1("n"), Precision::ns);
    EXPECT_EQ(parse_precision_v1("u"), Precision::us);
    EXPECT_EQ(parse_precision_v1("us"), Precision::us);
    EXPECT_EQ(parse_precision_v1("m"), Precision::m);
    EXPECT_EQ(parse_precision_v1("h"), Precision::h);
    EXPECT_EQ(parse_precision_v1("x"), std::nullopt);
    EXPECT_EQ(parse_precision_v2("ms"), Precision::ms);
    EXPECT_EQ(parse_precision_v2("s"), Precision::s);
    EXPECT_EQ(parse_precision_v2("m"), std::nullopt);
    EXPECT_EQ(parse_precision_v2("u"), std::nullopt);
}

TEST(LineParser, TellsWhatIsWrong) {
    EXPECT_EQ(reason_of("m"), "missing fields");
    EXPECT_EQ(reason_of("m,a=b"), "missing fields");
    EXPECT_EQ(reason_of("m,a=b "), "missing fields");
    EXPECT_EQ(reason_of(",a=b v=1"), "missing measurement");
    EXPECT_EQ(reason_of("m v="), "missing field value");
    EXPECT_EQ(reason_of("m v"), "missing field value");
    EXPECT_EQ(reason_of("m v 12"), "missing field value");
    EXPECT_EQ(reason_of("m =1"), "missing field key");
    EXPECT_EQ(reason_of("m v=1,"), "missing field key");
    EXPECT_EQ(reason_of("m v=1,,w=2"), "missing field key");
    EXPECT_EQ(reason_of("m v=abc"), "invalid field format");
    EXPECT_EQ(reason_of("m v=NaN"), "invalid field format");
    EXPECT_EQ(reason_of("m v=-"), "invalid number");
    EXPECT_EQ(reason_of("m v=1.2.3"), "invalid number");
    EXPECT_EQ(reason_of("m v=1.5i"), "invalid number");
    EXPECT_EQ(reason_of("m v=1ix"), "invalid number");
    EXPECT_EQ(reason_of("m v=1e400"), "unable to parse float: value out of range");
    EXPECT_EQ(reason_of("m v=9223372036854775808i"), "unable to parse integer: value out of range");
    EXPECT_EQ(reason_of("m v=18446744073709551616u"),
              "unable to parse unsigned: value out of range");
    EXPECT_EQ(reason_of("m v=-1u"), "unable to parse unsigned: value out of range");
    EXPECT_EQ(reason_of("m v=\"abc"), "unbalanced quotes");
    EXPECT_EQ(reason_of("m v=\"abc\"d"), "invalid field format");
    EXPECT_EQ(reason_of("m v=1 x"), "bad timestamp");
    EXPECT_EQ(reason_of("m v=1 1.5"), "bad timestamp");
    EXPECT_EQ(reason_of("m v=1 1 2"), "bad timestamp");
    EXPECT_TRUE(reason_of("m v=1 9223372036854775808").starts_with("time outside range"));
}

TEST(LineParser, KeepsGoodLinesBesideBadOnes) {
    const auto outcome = parse("m v=1 1\ncpu,host=a value=\r\nm v=2 2\nm v=\"x\nm v=3 3");
    ASSERT_EQ(outcome.lines.size(), 3U);
    ASSERT_EQ(outcome.errors.size(), 2U);
    EXPECT_EQ(outcome.errors[0].line, 2U);
    EXPECT_EQ(outcome.errors[0].column, 18U);
    EXPECT_EQ(outcome.errors[0].message(),
              "unable to parse 'cpu,host=a value=': missing field value");
    EXPECT_EQ(outcome.errors[1].line, 4U);
    EXPECT_EQ(outcome.errors[1].text, "m v=\"x");
}

TEST(LineParser, ShowsTheBeginOfLongLines) {
    const auto outcome = parse("m," + std::string(5'000, 'x') + "\n");
    ASSERT_EQ(outcome.errors.size(), 1U);
    EXPECT_LT(outcome.errors[0].message().size(), 320U);
}

TEST(LineParser, HoldsItsLimits) {
    const Limits limits{.line_bytes = 32, .tags = 2, .fields = 2};
    const auto outcome = parse(
        "m v=1 1\nm,a=bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb v=1\n"
        "m s=\"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\"\nm a=1,b=2,c=3\nm v=2 2",
        Precision::ns, limits);
    EXPECT_EQ(outcome.lines.size(), 2U);
    ASSERT_EQ(outcome.errors.size(), 3U);
    EXPECT_EQ(outcome.errors[0].reason, "line too long");
    EXPECT_EQ(outcome.errors[1].reason, "line too long");
    EXPECT_EQ(outcome.errors[2].reason, "too many fields");
    Series series;
    EXPECT_FALSE(parse_series("m,a=1,b=2,c=3", limits, series));
    EXPECT_EQ(series.reason, "too many tags");
}

TEST(LineSeries, TellsWhatIsWrongWithTags) {
    const auto reason = [](std::string_view text) {
        Series series;
        EXPECT_FALSE(parse_series(text, {}, series)) << text;
        return series.reason;
    };
    EXPECT_EQ(reason("m,"), "missing tag key");
    EXPECT_EQ(reason("m,=b"), "missing tag key");
    EXPECT_EQ(reason("m,a"), "missing tag value");
    EXPECT_EQ(reason("m,a="), "missing tag value");
    EXPECT_EQ(reason("m,a=,b=1"), "missing tag value");
    EXPECT_EQ(reason("m,a,b=1"), "missing tag value");
    EXPECT_EQ(reason("m,a=b=c"), "invalid tag format");
}

TEST(LineParser, ALikelySeriesIsTakenOnlyWhereItStands) {
    Parser parser("m,a=1 v=1\nm,a=10 v=2\nm,a=1\\ b v=3\n", Precision::ns, {});
    Line line;
    ASSERT_EQ(parser.next(line, "m,a=1"), Parser::Step::line);
    EXPECT_EQ(line.series, "m,a=1");
    ASSERT_EQ(parser.next(line, "m,a=1"), Parser::Step::line);
    EXPECT_EQ(line.series, "m,a=10");
    ASSERT_EQ(parser.next(line, "m,a=1"), Parser::Step::line);
    EXPECT_EQ(line.series, "m,a=1\\ b");
    EXPECT_EQ(parser.next(line, "m,a=1"), Parser::Step::end);
    EXPECT_EQ(parser.lines(), 3U);
}

}  // namespace
}  // namespace hw::lineprotocol

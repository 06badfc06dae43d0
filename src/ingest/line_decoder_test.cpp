#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "ingest/test_support.h"

namespace hw::ingest {
namespace {

using lineprotocol::Precision;
using testing::Bench;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using testing::Row;

constexpr Time now{9'000};

std::vector<std::string> paths_of(std::string_view body, const Settings& settings = {}) {
    Bench bench(settings);
    const auto lines = bench.ingest.write_lines(body, Precision::ns, now);
    EXPECT_EQ(lines.report.bad, 0U)
        << body << ": " << (lines.report.errors.empty() ? "" : lines.report.errors[0].text);
    std::vector<std::string> paths;
    for (const auto& row : testing::rows_of(lines.batch, bench.points))
        paths.push_back(row.path);
    return paths;
}

TEST(LinePaths, MeasurementTagValuesInKeyOrderAndField) {
    EXPECT_THAT(paths_of("m v=1"), ElementsAre("m/v"));
    EXPECT_THAT(paths_of("m value=1"), ElementsAre("m"));
    EXPECT_THAT(paths_of("m,b=2,a=1 v=1,w=2,value=3"), ElementsAre("m/1/2/v", "m/1/2/w", "m/1/2"));
    EXPECT_THAT(paths_of(R"(my\ m,t\,1=a\ b\=c f\ 1=1)"), ElementsAre("my m/a b=c/f 1"));
    EXPECT_THAT(paths_of("m+,t=C# a+b=1"), ElementsAre("m%2B/C%23/a%2Bb"));
}

TEST(LinePaths, WhatIsAPathAlreadyStaysOne) {
    EXPECT_THAT(paths_of("plant1/filter3/turbidity,host=a value=1"),
                ElementsAre("plant1/filter3/turbidity"));
    EXPECT_THAT(paths_of("plant1/filter3,host=a level=1"), ElementsAre("plant1/filter3/level"));
    EXPECT_THAT(paths_of("mqtt_consumer,host=a,topic=plant1/p value=1"), ElementsAre("plant1/p"));
    EXPECT_THAT(paths_of("m,point=a/b,topic=c/d value=1,x=2"), ElementsAre("a/b", "a/b/x"));
}

TEST(LinePaths, ATemplateDecides) {
    Settings settings;
    settings.http_path = *PathTemplate::parse("site/{tag:region}/{measurement}/{tags}/{field}");
    EXPECT_THAT(paths_of("a/b,region=x,host=y v=1,value=2", settings),
                ElementsAre("site/x/a/b/y/x/v", "site/x/a/b/y/x"));
    EXPECT_THAT(paths_of("m v=1", settings), ElementsAre("site/m/v"));
}

TEST(LinePaths, TemplatesAreChecked) {
    for (const auto* text : {"{", "{x}", "a}", "+/{field}", "{tag:}", "#"})
        EXPECT_FALSE(PathTemplate::parse(text).has_value()) << text;
    EXPECT_TRUE(PathTemplate::parse("")->empty());
}

TEST(WriteLines, TakesEveryType) {
    Bench bench;
    const auto lines = bench.ingest.write_lines(
        "m f=1,i=-2i,u=3u,big=18446744073709551615u,s=\"a\\\"b\",t=T 5\nm f=2", Precision::us, now);
    EXPECT_THAT(testing::rows_of(lines.batch, bench.points),
                ElementsAre(Row{"m/f", 1.0, 5'000}, Row{"m/i", int64_t{-2}, 5'000},
                            Row{"m/u", int64_t{3}, 5'000}, Row{"m/big", 0x1p64, 5'000},
                            Row{"m/s", std::string("a\"b"), 5'000}, Row{"m/t", true, 5'000},
                            Row{"m/f", 2.0, now.ns}));
    EXPECT_EQ(lines.report.lines, 2U);
    EXPECT_EQ(lines.report.samples, 7U);
}

TEST(WriteLines, ABadLineIsLeftOutWhole) {
    Settings settings;
    settings.text_bytes_limit = 4;
    Bench bench(settings);
    const auto lines = bench.ingest.write_lines(
        "# c\nm v=1 1\nm,a v=1\nm v=2,s=\"12345\" 2\nm,a=1,a=2 v=1\nm v=3,s=\"\xff\" 3\nm v= 4\n"
        "m v=5 5\n",
        Precision::ns, now);
    EXPECT_THAT(testing::rows_of(lines.batch, bench.points),
                ElementsAre(Row{"m/v", 1.0, 1}, Row{"m/v", 5.0, 5}));
    EXPECT_EQ(lines.report.lines, 7U);
    EXPECT_EQ(lines.report.bad, 5U);
    ASSERT_EQ(lines.report.errors.size(), 5U);
    EXPECT_EQ(lines.report.errors[0].line, 3U);
    EXPECT_EQ(lines.report.errors[0].text, "unable to parse 'm,a': missing tag value");
    EXPECT_EQ(lines.report.errors[2].text, "unable to parse 'm,a=1,a=2': duplicate tags");
    EXPECT_EQ(lines.report.errors[4].text, "unable to parse 'm v= 4': missing field value");
}

TEST(WriteLines, TellsTheFirstErrorsAndCountsAll) {
    Settings settings;
    settings.line_errors_limit = 2;
    Bench bench(settings);
    const auto lines = bench.ingest.write_lines("x\ny\nz\n", Precision::ns, now);
    EXPECT_EQ(lines.report.bad, 3U);
    EXPECT_EQ(lines.report.errors.size(), 2U);
    EXPECT_TRUE(lines.batch.empty());
}

TEST(WriteLines, KnownSeriesInAnyOrderAreTheSamePoints) {
    Bench bench;
    for (const auto* body : {"a,t=1 v=1,w=2 1\nb,t=2 v=3 1\na,t=1 w=5 2\n",
                             "b,t=2 w=1,v=3 1\na,t=1 w=2,v=1 1\nb,t=2 v=9 2\n"}) {
        const auto lines = bench.ingest.write_lines(body, Precision::ns, now);
        EXPECT_EQ(lines.report.bad, 0U);
    }
    EXPECT_EQ(bench.points.size(), 4U);
    EXPECT_TRUE(bench.points.find("a/1/v") && bench.points.find("b/2/w"));
}

TEST(WriteLines, PointsBeyondTheLimitAreBadLines) {
    Bench bench({}, 1);
    const auto lines = bench.ingest.write_lines("m v=1,w=2 1\nm v=3 3\n", Precision::ns, now);
    EXPECT_THAT(testing::rows_of(lines.batch, bench.points), ElementsAre(Row{"m/v", 3.0, 3}));
    ASSERT_EQ(lines.report.errors.size(), 1U);
    EXPECT_THAT(lines.report.errors[0].text, ::testing::HasSubstr("history.points_limit = 1"));
}

}  // namespace
}  // namespace hw::ingest

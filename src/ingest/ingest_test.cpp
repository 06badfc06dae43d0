#include "ingest/ingest.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "ingest/test_support.h"

namespace hw::ingest {
namespace {

using model::Quality;
using testing::Bench;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using testing::Row;

constexpr int64_t now = Bench::received.ns;

Settings with_rule(Rule rule) {
    Settings settings;
    settings.rules.insert(settings.rules.begin(), std::move(rule));
    return settings;
}

TEST(Ingest, ATopicIsAPoint) {
    Bench bench;
    EXPECT_THAT(bench.rows("a/b/c", "32"), ElementsAre(Row{"a/b/c", int64_t{32}, now}));
    EXPECT_THAT(bench.rows("a/b/c", "32.0"), ElementsAre(Row{"a/b/c", 32.0, now}));
    EXPECT_THAT(bench.rows("a/b/c", "true"), ElementsAre(Row{"a/b/c", true, now}));
    EXPECT_THAT(bench.rows("a/b/c", "open"), ElementsAre(Row{"a/b/c", std::string("open"), now}));
    EXPECT_EQ(bench.points.size(), 1U);
}

TEST(Ingest, TheSameTopicHasTheSamePlan) {
    Bench bench;
    const auto plan = bench.ingest.classify("a");
    EXPECT_NE(plan, 0U);
    EXPECT_NE(bench.ingest.classify("b"), plan);
    EXPECT_EQ(bench.ingest.classify("a"), plan);
}

TEST(Ingest, SystemTopicsAreKeptOnlyByARuleThatNamesThem) {
    Bench bench;
    EXPECT_EQ(bench.ingest.classify("$SYS/uptime"), 0U);
    Bench named(with_rule({.filter = "$SYS/#"}));
    EXPECT_NE(named.ingest.classify("$SYS/uptime"), 0U);
}

TEST(Ingest, TheFirstRuleThatMatchesDecides) {
    Settings settings = with_rule({.filter = "a/#", .keep = false});
    settings.rules.insert(settings.rules.begin(),
                          {.filter = "a/+/raw", .decoder = Decoder::scalar, .prefix = "x/"});
    settings.rules.insert(settings.rules.begin(), {.filter = "n", .decoder = Decoder::none});
    Bench bench(settings);
    EXPECT_THAT(bench.rows("a/1/raw", "{}"), ElementsAre(Row{"x/a/1/raw", std::string("{}"), now}));
    EXPECT_EQ(bench.ingest.classify("a/1"), 0U);
    EXPECT_EQ(bench.ingest.classify("n"), 0U);
    EXPECT_NE(bench.ingest.classify("b"), 0U);
}

TEST(Ingest, NumbersAsDoubles) {
    Bench bench(with_rule({.filter = "d/#", .numbers_as_doubles = true}));
    EXPECT_THAT(bench.rows("d/a", "32"), ElementsAre(Row{"d/a", 32.0, now}));
    EXPECT_THAT(bench.rows("d/b", R"({"x":1})"), ElementsAre(Row{"d/b/x", 1.0, now}));
}

TEST(Ingest, BinaryFlowsOnAndIsCounted) {
    Bench bench;
    EXPECT_THAT(bench.rows("a", "\xff\xfe"), IsEmpty());
    EXPECT_EQ(bench.reason, Reason::not_text);
    EXPECT_THAT(bench.rows("a", "{\"x\":"), IsEmpty());
    EXPECT_THAT(bench.rows("a", ""), IsEmpty());
    EXPECT_THAT(bench.rows("a", "7"), ElementsAre(Row{"a", int64_t{7}, now}));
    const auto figures = bench.figures();
    EXPECT_THAT(figures, HasSubstr("headworks_ingest_undecodable_total{reason=\"not_text\"} 1\n"));
    EXPECT_THAT(figures, HasSubstr("headworks_ingest_undecodable_total{reason=\"json\"} 1\n"));
    EXPECT_THAT(figures, HasSubstr("headworks_ingest_ignored_total{reason=\"empty\"} 1\n"));
    EXPECT_THAT(figures, HasSubstr("headworks_ingest_messages_total 4\n"));
    EXPECT_THAT(figures, HasSubstr("headworks_ingest_samples_total 1\n"));
}

TEST(Ingest, APointBeyondTheLimitIsNotKept) {
    Bench bench({}, 1);
    EXPECT_EQ(bench.send("a", "1"), Reason::none);
    EXPECT_EQ(bench.send("b", "1"), Reason::point);
    EXPECT_EQ(bench.send("b", "{\"a\":1}"), Reason::point);
    EXPECT_EQ(bench.send("a", "1"), Reason::none);
    EXPECT_THAT(bench.figures(),
                HasSubstr("headworks_ingest_undecodable_total{reason=\"point\"} 2\n"));
}

TEST(Ingest, TopicsBeyondTheLimitShareARulesPlan) {
    Settings settings;
    settings.topics_limit = 1;
    Bench bench(settings);
    EXPECT_THAT(bench.rows("a", "1"), ElementsAre(Row{"a", int64_t{1}, now}));
    EXPECT_EQ(bench.ingest.classify("b"), bench.ingest.classify("c"));
    EXPECT_THAT(bench.rows("b", "1"), ElementsAre(Row{"b", int64_t{1}, now}));
    EXPECT_THAT(bench.rows("c", "{\"x\":2}"), ElementsAre(Row{"c/x", int64_t{2}, now}));
    EXPECT_THAT(bench.rows("b", "{\"x\":2}"), ElementsAre(Row{"b/x", int64_t{2}, now}));
}

TEST(Ingest, ForgettingNamesChangesNothing) {
    Settings settings;
    settings.cache_nodes_limit = 8;
    Bench bench(settings);
    for (int i = 0; i < 50; ++i) {
        const auto topic = "t" + std::to_string(i % 5);
        EXPECT_THAT(
            bench.rows(topic, R"({"a":1,"b":2})"),
            ElementsAre(Row{topic + "/a", int64_t{1}, now}, Row{topic + "/b", int64_t{2}, now}));
        const auto lines = bench.ingest.write_lines("m,h=" + topic + " v=1 1",
                                                    lineprotocol::Precision::ns, Time{});
        EXPECT_EQ(testing::rows_of(lines.batch, bench.points),
                  std::vector<Row>({{"m/" + topic + "/v", 1.0, 1}}));
    }
    EXPECT_EQ(bench.points.size(), 15U);
}

TEST(Ingest, LineProtocolOnATopic) {
    Bench bench(with_rule({.filter = "telegraf/#",
                           .decoder = Decoder::line_protocol,
                           .precision = lineprotocol::Precision::s,
                           .prefix = "it/"}));
    EXPECT_THAT(bench.rows("telegraf/x", "cpu,host=a usage=0.5,idle=2i 3\nbad\n"),
                ElementsAre(Row{"it/cpu/a/usage", 0.5, 3'000'000'000},
                            Row{"it/cpu/a/idle", int64_t{2}, 3'000'000'000}));
    EXPECT_THAT(bench.rows("telegraf/x", "cpu value=t"), ElementsAre(Row{"it/cpu", true, now}));
    EXPECT_EQ(bench.send("telegraf/x", "bad"), Reason::line);
    EXPECT_EQ(bench.send("telegraf/x", "# only"), Reason::nothing);
    EXPECT_THAT(bench.figures(), HasSubstr("headworks_ingest_bad_lines_total 2\n"));
}

TEST(Ingest, ATemplateMayUseTheTopic) {
    Bench bench(with_rule({.filter = "t/#",
                           .decoder = Decoder::line_protocol,
                           .path = *PathTemplate::parse("{topic}/{tag:host}/{field}")}));
    EXPECT_THAT(bench.rows("t/1", "cpu,host=a usage=1,value=2 7"),
                ElementsAre(Row{"t/1/a/usage", 1.0, 7}, Row{"t/1/a", 2.0, 7}));
    EXPECT_THAT(bench.rows("t/2", "cpu usage=1 7"), ElementsAre(Row{"t/2/usage", 1.0, 7}));
}

}  // namespace
}  // namespace hw::ingest

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>

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
constexpr int64_t second = 1'000'000'000;

std::string text(const char* value) {
    return value;
}

TEST(JsonIngest, MembersArePoints) {
    Bench bench;
    EXPECT_THAT(
        bench.rows("a/b", R"( {"flow":1.5,"n":2,"on":true,"mode":"auto","x":{"y":{"z":-3}}} )"),
        ElementsAre(Row{"a/b/flow", 1.5, now}, Row{"a/b/n", int64_t{2}, now},
                    Row{"a/b/on", true, now}, Row{"a/b/mode", text("auto"), now},
                    Row{"a/b/x/y/z", int64_t{-3}, now}));
}

TEST(JsonIngest, KnownMembersInAnotherOrderAreTheSamePoints) {
    Bench bench;
    bench.rows("t", R"({"a":1,"b":2,"c":3})");
    EXPECT_THAT(bench.rows("t", R"({"c":6,"a":4,"d":7,"b":5})"),
                ElementsAre(Row{"t/c", int64_t{6}, now}, Row{"t/a", int64_t{4}, now},
                            Row{"t/d", int64_t{7}, now}, Row{"t/b", int64_t{5}, now}));
    EXPECT_EQ(bench.points.size(), 4U);
}

TEST(JsonIngest, ArraysAreIndexed) {
    Bench bench;
    EXPECT_THAT(bench.rows("t", R"({"p":[1,[2.5],{"x":true}]})"),
                ElementsAre(Row{"t/p/0", int64_t{1}, now}, Row{"t/p/1/0", 2.5, now},
                            Row{"t/p/2/x", true, now}));
    EXPECT_THAT(bench.rows("t", "[1,\"x\"]"),
                ElementsAre(Row{"t/0", int64_t{1}, now}, Row{"t/1", text("x"), now}));
}

TEST(JsonIngest, ObjectsInATopArrayAreReadAsIfAlone) {
    Bench bench;
    EXPECT_THAT(bench.rows("t", R"([{"ts":1700000000,"value":1},{"ts":1700000001,"value":2},
                                    {"ts":1700000002,"flow":3}])"),
                ElementsAre(Row{"t", int64_t{1}, 1'700'000'000 * second},
                            Row{"t", int64_t{2}, 1'700'000'001 * second},
                            Row{"t/flow", int64_t{3}, 1'700'000'002 * second}));
}

TEST(JsonIngest, AValueIsASampleOfItsObject) {
    Bench bench;
    EXPECT_THAT(bench.rows("t", R"({"value":7.5,"unit":"bar","quality":"bad","battery":80,
                                    "in":{"value":true,"quality":"good"}})"),
                ElementsAre(Row{"t", 7.5, now, Quality::bad},
                            Row{"t/battery", int64_t{80}, now, Quality::bad},
                            Row{"t/in", true, now, Quality::good}));
    ASSERT_EQ(bench.out.units.size(), 1U);
    EXPECT_EQ(bench.points.path(bench.out.units[0].point), "t");
    EXPECT_EQ(bench.out.units[0].unit, "bar");
    EXPECT_THAT(bench.rows("t", R"({"value":{"a":1},"unit":"x"})"),
                ElementsAre(Row{"t/value/a", int64_t{1}, now}, Row{"t/unit", text("x"), now}));
}

TEST(JsonIngest, TimesInEveryForm) {
    Bench bench;
    const auto time_of = [&](const std::string& time) {
        const auto rows = bench.rows("t", "{\"ts\":" + time + ",\"v\":1}");
        EXPECT_EQ(rows.size(), 1U) << time;
        return rows.empty() ? 0 : rows[0].time_ns;
    };
    constexpr int64_t noon = 1'772'366'400 * second;
    for (const auto* time :
         {"1772366400", "1772366400000", "1772366400000000", "1772366400000000000", "1772366400.0",
          "\"2026-03-01T12:00:00Z\"", "\"2026-03-01T13:00:00.000+01:00\"",
          "\"2026-03-01 12:00:00\"", "\"1772366400\"", "\"1772366400000\""})
        EXPECT_EQ(time_of(time), noon) << time;
    EXPECT_EQ(time_of("1772366400.25"), noon + second / 4);
}

TEST(JsonIngest, MagnitudeTellsTheUnitOfATime) {
    Bench bench;
    const auto time_of = [&](const std::string& time) {
        return bench.rows("t", "{\"timestamp\":" + time + ",\"v\":1}").at(0).time_ns;
    };
    EXPECT_EQ(time_of("1000"), 1000 * second);
    EXPECT_EQ(time_of("9000000000"), 9'000'000'000 * second);
    EXPECT_EQ(time_of("100000000000"), 100'000'000'000 * 1'000'000);
    EXPECT_EQ(time_of("99999999999999"), 9'223'372'036'854'775'807);
    EXPECT_EQ(time_of("100000000000000"), 100'000'000'000'000 * 1'000);
    EXPECT_EQ(time_of("100000000000000000"), 100'000'000'000'000'000);
    EXPECT_EQ(time_of("-5"), -5 * second);
}

TEST(JsonIngest, TheFirstMemberThatIsATimeIsTheTime) {
    Bench bench;
    EXPECT_THAT(bench.rows("t", R"({"time":1700000000,"timestamp":1700000001,"ts":1700000002})"),
                ElementsAre(Row{"t/time", int64_t{1'700'000'000}, 1'700'000'002 * second},
                            Row{"t/timestamp", int64_t{1'700'000'001}, 1'700'000'002 * second}));
    EXPECT_THAT(bench.rows("t", R"({"ts":"soon","time":"2026-03-01T12:00:00Z","v":1})"),
                ElementsAre(Row{"t/ts", text("soon"), 1'772'366'400 * second},
                            Row{"t/v", int64_t{1}, 1'772'366'400 * second}));
    EXPECT_THAT(bench.rows("t", R"({"time":12.5,"v":1})"),
                ElementsAre(Row{"t/time", 12.5, now}, Row{"t/v", int64_t{1}, now}));
    EXPECT_THAT(bench.rows("t", R"({"ts":true,"v":1})"),
                ElementsAre(Row{"t/ts", true, now}, Row{"t/v", int64_t{1}, now}));
    EXPECT_THAT(bench.figures(), HasSubstr("headworks_ingest_bad_times_total 1\n"));
}

TEST(JsonIngest, TimeAndQualityHoldForAllWithin) {
    Bench bench;
    EXPECT_THAT(
        bench.rows("t", R"({"a":{"x":1,"ts":2},"b":[{"y":2}],"ts":1,"quality":"uncertain"})"),
        ElementsAre(Row{"t/a/x", int64_t{1}, 2 * second, Quality::uncertain},
                    Row{"t/b/0/y", int64_t{2}, second, Quality::uncertain}));
}

TEST(JsonIngest, QualitiesInEveryForm) {
    Bench bench;
    const auto quality_of = [&](const std::string& quality) {
        const auto rows = bench.rows("t", "{\"v\":1,\"quality\":" + quality + "}");
        EXPECT_EQ(rows.size(), 1U) << quality;
        return rows.at(0).quality;
    };
    EXPECT_EQ(quality_of("\"GOOD\""), Quality::good);
    EXPECT_EQ(quality_of("192"), Quality::good);
    EXPECT_EQ(quality_of("0"), Quality::bad);
    EXPECT_EQ(quality_of("64"), Quality::uncertain);
    EXPECT_EQ(quality_of("24"), Quality::bad_communication);
    EXPECT_EQ(quality_of("2147811328"), Quality::bad_communication);
    EXPECT_EQ(quality_of("true"), Quality::good);
    EXPECT_EQ(quality_of("false"), Quality::bad);
    EXPECT_EQ(quality_of("\"bad.timeout\""), Quality::bad_timeout);
    EXPECT_THAT(bench.rows("t", R"({"quality":"fine wine"})"),
                ElementsAre(Row{"t/quality", text("fine wine"), now}));
    EXPECT_THAT(bench.rows("t", R"({"quality":-1})"),
                ElementsAre(Row{"t/quality", int64_t{-1}, now}));
}

TEST(JsonIngest, NullsAreCounted) {
    Bench bench;
    EXPECT_THAT(bench.rows("t", R"({"a":null,"b":1,"c":[null]})"),
                ElementsAre(Row{"t/b", int64_t{1}, now}));
    EXPECT_THAT(bench.rows("t", R"({"a":null})"), IsEmpty());
    EXPECT_EQ(bench.reason, Reason::nothing);
    EXPECT_EQ(bench.send("t", "{}"), Reason::nothing);
    EXPECT_EQ(bench.send("t", "[]"), Reason::nothing);
    EXPECT_THAT(bench.figures(), HasSubstr("headworks_ingest_nulls_total 3\n"));
}

TEST(JsonIngest, DuplicateMembersComeInOrderSoTheLastWins) {
    Bench bench;
    EXPECT_THAT(
        bench.rows("t", R"({"a":1,"a":2,"ts":5,"ts":6})"),
        ElementsAre(Row{"t/a", int64_t{1}, 6 * second}, Row{"t/a", int64_t{2}, 6 * second}));
}

TEST(JsonIngest, HugeNumbers) {
    Bench bench;
    EXPECT_THAT(
        bench.rows("t", R"({"a":9223372036854775807,"b":9223372036854775808,
                                    "c":18446744073709551616,"d":-9223372036854775809,
                                    "e":"123456789012345678901234567890 \" 1","f":[1e300]})"),
        ElementsAre(Row{"t/a", int64_t{9'223'372'036'854'775'807}, now}, Row{"t/b", 0x1p63, now},
                    Row{"t/c", 0x1p64, now}, Row{"t/d", -0x1p63, now},
                    Row{"t/e", text("123456789012345678901234567890 \" 1"), now},
                    Row{"t/f/0", 1e300, now}));
    EXPECT_EQ(bench.send("t", R"({"a":1e400})"), Reason::number_range);
    EXPECT_THAT(bench.rows("t", R"({"a":1e-400})"), ElementsAre(Row{"t/a", 0.0, now}));
}

TEST(JsonIngest, NamesThatNoTopicMayHaveAreEscaped) {
    Bench bench;
    EXPECT_THAT(bench.rows("t", R"({"a+b":1,"#":2,"x/y":3,"":4,"n\u0000":5,"\u00e4":6})"),
                ElementsAre(Row{"t/a%2Bb", int64_t{1}, now}, Row{"t/%23", int64_t{2}, now},
                            Row{"t/x/y", int64_t{3}, now}, Row{"t/", int64_t{4}, now},
                            Row{"t/n%00", int64_t{5}, now}, Row{"t/\xc3\xa4", int64_t{6}, now}));
}

TEST(JsonIngest, HoldsItsLimitsWholeOrNotAtAll) {
    Settings settings;
    settings.depth_limit = 3;
    settings.members_limit = 3;
    settings.text_bytes_limit = 4;
    Bench bench(settings);
    EXPECT_EQ(bench.send("t", R"({"a":{"b":{"c":1}}})"), Reason::none);
    EXPECT_EQ(bench.send("t", R"({"z":1,"a":{"b":{"c":{"d":1}}}})"), Reason::depth);
    EXPECT_EQ(bench.send("t", R"({"a":[[[1]]]})"), Reason::depth);
    EXPECT_EQ(bench.send("t", R"({"a":1,"b":2,"c":null,"d":3})"), Reason::members);
    EXPECT_EQ(bench.out.batch.size(), 1U);
    const std::string deep = std::string(5'000, '[') + std::string(5'000, ']');
    EXPECT_EQ(bench.send("t", deep), Reason::depth);
    EXPECT_THAT(bench.rows("t", R"({"a":"12345","b":"1234"})"),
                ElementsAre(Row{"t/b", text("1234"), now}));
    EXPECT_EQ(bench.send("t", R"({"a":"12345"})"), Reason::text_bytes);
    EXPECT_THAT(bench.figures(),
                HasSubstr("headworks_ingest_members_skipped_total{reason=\"text_bytes\"} 2\n"));
}

TEST(JsonIngest, WhatIsNotJsonIsNotKept) {
    Bench bench;
    for (const auto* payload : {"{", "{\"a\":1,}", "{\"a\":1}x", "[1 2]", "{a:1}", "{\"a\":NaN}",
                                "{\"a\":\"\xff\"}", "{\"a\":tru}"})
        EXPECT_EQ(bench.send("t", payload), Reason::json) << payload;
    EXPECT_TRUE(bench.out.batch.empty());
}

TEST(JsonIngest, TheJsonDecoderTakesScalarsToo) {
    Settings settings;
    settings.rules.insert(settings.rules.begin(), {.filter = "#", .decoder = Decoder::json});
    Bench bench(settings);
    EXPECT_THAT(bench.rows("t", " 7 "), ElementsAre(Row{"t", int64_t{7}, now}));
    EXPECT_THAT(bench.rows("t", R"("a\nb")"), ElementsAre(Row{"t", text("a\nb"), now}));
    EXPECT_EQ(bench.send("t", "on"), Reason::json);
    EXPECT_EQ(bench.send("t", ""), Reason::empty);
    EXPECT_THAT(bench.rows("t", R"({"node":"n","group":"g","values":{"a":1}})"),
                ElementsAre(Row{"t/node", text("n"), now}, Row{"t/group", text("g"), now},
                            Row{"t/values/a", int64_t{1}, now}));
}

TEST(NeuronIngest, ValuesOnNeuronsOwnTopic) {
    Bench bench;
    const auto rows = bench.rows("/neuron/mqtt/upload",
                                 R"({"timestamp":1700000000123,"node":"plc1","group":"filters",
                                     "values":{"level":2.5,"run":true,"arr":[1,2]},
                                     "errors":{"flow":3002},"metas":{}})");
    ASSERT_EQ(rows.size(), 5U);
    constexpr int64_t time = 1'700'000'000'123'000'000;
    EXPECT_EQ(rows[0], (Row{"plc1/filters/level", 2.5, time}));
    EXPECT_EQ(rows[1], (Row{"plc1/filters/run", true, time}));
    EXPECT_EQ(rows[2], (Row{"plc1/filters/arr/0", int64_t{1}, time}));
    EXPECT_EQ(rows[4].path, "plc1/filters/flow");
    EXPECT_TRUE(std::isnan(std::get<double>(rows[4].value)));
    EXPECT_EQ(rows[4].quality, Quality::bad);
    EXPECT_EQ(bench
                  .rows("neuron/other/upload",
                        R"({"timestamp":1,"node":"p","group":"g","values":{"a":1}})")
                  .at(0)
                  .path,
              "p/g/a");
}

TEST(NeuronIngest, TagsOnATopicOfOnesOwn) {
    Bench bench;
    const auto rows = bench.rows("plant1/filter3",
                                 R"({"timestamp":1700000000,"node":"n","group":"g","tags":[
        {"name":"a","value":1},{"name":"b","error":2014},{"name":"c","value":1,"type":1},
        {"name":"d","value":5,"type":3},{"name":"e","value":"x","type":4},
        {"name":"f","value":6,"error":0}]})");
    constexpr int64_t time = 1'700'000'000 * second;
    ASSERT_EQ(rows.size(), 6U);
    EXPECT_EQ(rows[0], (Row{"plant1/filter3/a", int64_t{1}, time}));
    EXPECT_EQ(rows[1].path, "plant1/filter3/b");
    EXPECT_EQ(rows[1].quality, Quality::bad);
    EXPECT_EQ(rows[2], (Row{"plant1/filter3/c", true, time}));
    EXPECT_EQ(rows[3], (Row{"plant1/filter3/d", 5.0, time}));
    EXPECT_EQ(rows[4], (Row{"plant1/filter3/e", text("x"), time}));
    EXPECT_EQ(rows[5], (Row{"plant1/filter3/f", int64_t{6}, time}));
}

TEST(NeuronIngest, TheDecoderWantsNeuronsForm) {
    Settings settings;
    settings.rules.insert(settings.rules.begin(),
                          {.filter = "n/#",
                           .decoder = Decoder::neuron,
                           .prefix = "site/",
                           .path = *PathTemplate::parse("{topic}/{node}/{group}/{tag}")});
    Bench bench(settings);
    EXPECT_EQ(bench.send("n/1", "{\"a\":1}"), Reason::neuron);
    EXPECT_EQ(bench.send("n/1", "[1]"), Reason::neuron);
    EXPECT_EQ(bench.send("n/1", R"({"node":"n","group":"g","tags":[1]})"), Reason::neuron);
    EXPECT_EQ(bench.send("n/1", R"({"node":"n","group":"g","tags":[{"value":1}]})"),
              Reason::neuron);
    EXPECT_EQ(bench.rows("n/1", R"({"node":"x","group":"y","values":{"z":1}})").at(0).path,
              "site/n/1/x/y/z");
}

}  // namespace
}  // namespace hw::ingest

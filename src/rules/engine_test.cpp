#include "rules/engine.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "rules/test_support.h"

namespace hw::rules {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

ActionSpec republish(std::string_view topic) {
    return action_spec("republish", R"({"topic":")" + std::string(topic) + R"("})");
}

TEST(Engine, FiltersProjectsAndRepublishes) {
    Bench bench;
    ASSERT_TRUE(bench.put(rule_spec(
        "r1", R"(SELECT payload.temp AS t, topic FROM "plant/+/temp" WHERE payload.temp > 30)",
        {republish("out")})));
    bench.send("plant/a/temp", R"({"temp":31})");
    bench.send("plant/b/temp", R"({"temp":29})");
    bench.send("other/b/temp", R"({"temp":99})");
    EXPECT_THAT(bench.payloads(), ElementsAre(R"(out {"t":31,"topic":"plant/a/temp"})"));
    const auto figures = bench.figures("r1");
    EXPECT_EQ(figures.in, 2);
    EXPECT_EQ(figures.passed, 1) << "the index kept the other one away";
    EXPECT_EQ(figures.out, 1);
    EXPECT_EQ(figures.actions.at(0).sent, 1);
    EXPECT_EQ(figures.last_row, R"({"t":31,"topic":"plant/a/temp"})");
}

TEST(Engine, SaysWhereAStatementIsWrong) {
    Bench bench;
    sql::Flaw flaw;
    const auto put = bench.put(rule_spec("r1", "SELECT *\nFRM \"a\""), 1, &flaw);
    ASSERT_FALSE(put);
    EXPECT_EQ(put.error().code(), ErrorCode::invalid_argument);
    EXPECT_EQ(flaw.place.line, 2);
    EXPECT_FALSE(bench.worker->engine().runs("r1"));
}

TEST(Engine, ARefusedStatementLeavesTheOldRuleRunning) {
    Bench bench;
    ASSERT_TRUE(bench.put(rule_spec("r1", R"(SELECT 1 AS one FROM "a")", {republish("out")})));
    EXPECT_FALSE(bench.put(rule_spec("r1", "SELECT"), 2));
    EXPECT_FALSE(bench.put(
        rule_spec("r1", R"(SELECT 1 AS one FROM "a")", {action_spec("republish", "{}")}), 2));
    bench.send("a", "x");
    EXPECT_EQ(bench.ports.published.size(), 1);
    EXPECT_EQ(bench.figures("r1").version, 1);
}

TEST(Engine, AnEventThatTwoSourcesTakeCountsOnce) {
    Bench bench;
    ASSERT_TRUE(
        bench.put(rule_spec("r1", R"(SELECT topic FROM "a/#", "a/b")", {republish("out")})));
    bench.send("a/b", "1");
    EXPECT_EQ(bench.ports.published.size(), 1);
}

TEST(Engine, ReadsPointsWithTheirQualityAndTime) {
    Bench bench;
    ASSERT_TRUE(bench.put(
        rule_spec("r1", "SELECT topic, value, quality FROM points('plant/#') WHERE value > 5",
                  {republish("out")})));
    bench.begin();
    bench.sample("plant/flow", 7.5);
    bench.sample("plant/level", 1);
    bench.sample("office/flow", 9);
    bench.run();
    EXPECT_THAT(bench.payloads(),
                ElementsAre(R"(out {"topic":"plant/flow","value":7.5,"quality":"good"})"));
}

TEST(Engine, WindowsCloseWhenTheirTimeComes) {
    Bench bench;
    ASSERT_TRUE(bench.put(rule_spec(
        "r1", R"(SELECT payload FROM "a" GROUP BY TUMBLINGWINDOW(ss, 10))", {republish("out")})));
    bench.send("a", "1");
    bench.pass(seconds(9));
    EXPECT_TRUE(bench.ports.published.empty());
    bench.pass(seconds(1));
    EXPECT_EQ(bench.ports.published.size(), 1);
    bench.pass(seconds(60));
    EXPECT_EQ(bench.ports.published.size(), 1) << "an empty window says nothing";
}

TEST(Engine, TheSameVersionPutAgainKeepsItsWindows) {
    Bench bench;
    const auto spec = rule_spec("r1", R"(SELECT payload FROM "a" GROUP BY TUMBLINGWINDOW(ss, 10))",
                                {republish("out")});
    ASSERT_TRUE(bench.put(spec, 3));
    bench.send("a", "1");
    ASSERT_TRUE(bench.put(spec, 3));
    bench.pass(seconds(10));
    EXPECT_EQ(bench.ports.published.size(), 1);
    bench.send("a", "2");
    ASSERT_TRUE(bench.put(spec, 4));
    bench.pass(seconds(10));
    EXPECT_EQ(bench.ports.published.size(), 1) << "another version begins anew";
}

TEST(Engine, WhatTheQueueHadNoRoomForIsCountedForTheRulesThatReadIt) {
    Bench bench;
    bench.settings.queue_bytes = 5'000;
    bench.open();
    ASSERT_TRUE(bench.put(rule_spec("all", R"(SELECT topic FROM "plant/#")")));
    ASSERT_TRUE(bench.put(rule_spec("one", R"(SELECT topic FROM "plant/1")")));
    ASSERT_TRUE(bench.put(rule_spec("other", R"(SELECT topic FROM "other")")));
    RuleSpec sure = rule_spec("sure", R"(SELECT topic FROM "plant/1")");
    sure.options.qos = Guarantee::at_least_once;
    ASSERT_TRUE(bench.put(sure));
    ASSERT_TRUE(bench.put(rule_spec("points", "SELECT value FROM points('tank/#')")));
    bench.begin();
    for (int i = 0; i < 40; ++i) {
        bench.message("plant/" + std::to_string(i % 2), "x");
        if (i % 4 == 0) bench.sample("tank/level", i);
        bench.lane->offer();
    }
    bench.run();
    const auto all = bench.figures("all");
    EXPECT_GT(all.dropped, 0);
    EXPECT_EQ(all.in + all.dropped, 40);
    for (const auto* sure_of : {"one", "sure"}) {
        EXPECT_EQ(bench.figures(sure_of).in, 20) << "all of them came, some by way of the log";
        EXPECT_EQ(bench.figures(sure_of).dropped, 0);
    }
    EXPECT_EQ(bench.figures("other").dropped, 0);
    EXPECT_GT(bench.figures("points").dropped, 0);
    EXPECT_EQ(bench.figures("points").in + bench.figures("points").dropped, 10);
}

TEST(Engine, LoopsAreCutAndCounted) {
    Bench bench;
    ASSERT_TRUE(bench.put(rule_spec("r1", R"(SELECT * FROM "a")", {republish("a")})));
    bench.send("a", "x");
    size_t seen = 0;
    // What it publishes comes back to it, as through the broker.
    for (int round = 0; round < 50 && seen < bench.ports.published.size(); ++round) {
        const auto message = bench.ports.published[seen++];
        bench.send(message.topic, message.payload);
    }
    EXPECT_EQ(bench.ports.published.size(), bench.settings.hops_limit);
    EXPECT_EQ(bench.figures("r1").looped, 1);
    EXPECT_EQ(bench.figures("r1").actions.at(0).dropped, 1);
}

TEST(Engine, FailuresAreCountedByReasonAndTheRuleGoesOn) {
    Bench bench;
    ASSERT_TRUE(bench.put(
        rule_spec("r1", R"(SELECT payload.x + 1 AS y FROM "a")", {republish("out/${y}")})));
    bench.send("a", "not json");
    bench.send("a", R"({"x":"text"})");
    bench.send("a", R"({"x":1})");
    const auto figures = bench.figures("r1");
    EXPECT_EQ(figures.in, 3);
    EXPECT_GE(figures.failed + figures.actions.at(0).failed, 1);
    EXPECT_EQ(bench.ports.published.back().topic, "out/2");
}

TEST(Engine, ATraceTellsEachStep) {
    Bench bench;
    ASSERT_TRUE(bench.put(
        rule_spec("r1", R"(SELECT topic FROM "a/#" WHERE payload.x > 1 AND payload.y = 2)",
                  {republish("out")})));
    bench.begin();
    TraceOrder order;
    order.rule_id = "r1";
    order.events = 2;
    bench.worker->tracer().begin(order, bench.clock.now());
    bench.send("a/b", R"({"x":2,"y":2})");
    bench.send("a/b", R"({"x":0,"y":2})");
    bench.send("a/b", R"({"x":2,"y":2})");
    const auto& traces = bench.worker->tracer().traces();
    ASSERT_EQ(traces.size(), 2);
    EXPECT_EQ(traces[0].steps.front().at, "source");
    EXPECT_EQ(traces[0].steps.back().at, "action republish");
    EXPECT_EQ(traces[0].steps.back().outcome, "handed on");
    const auto json = bench.worker->tracer().json("r1");
    EXPECT_THAT(json, HasSubstr(R"("outcome":"false")"));
    // What left the filter is there, and nothing where it let nothing through.
    const auto& filter = traces[0].steps.at(2);
    EXPECT_EQ(filter.at, "filter");
    EXPECT_EQ(filter.operator_id, 1);
    ASSERT_EQ(filter.rows.size(), 1);
    EXPECT_THAT(filter.rows[0], HasSubstr(R"("topic":"a/b")"));
    EXPECT_THAT(json, HasSubstr(R"("operator":1,"rows":[{"topic":"a/b")"));
    EXPECT_THAT(json, HasSubstr(R"("operator":1,"rows":[]})"));
    EXPECT_THAT(json, HasSubstr(R"("running":false)"));
}

TEST(Engine, NamedStreamsReadTypedColumnsAndDelimitedText) {
    Bench bench;
    ASSERT_TRUE(bench.worker->streams().put(
        {"demo", false, R"(CREATE STREAM demo (id bigint, name string, temp float)
                           WITH (DATASOURCE="csv/+", FORMAT="delimited", DELIMITER=";"))"}));
    ASSERT_TRUE(bench.put(
        rule_spec("r1", "SELECT id, name, temp FROM demo WHERE temp > 20", {republish("out")})));
    bench.send("csv/1", "7;pump;21.5");
    bench.send("csv/1", "8;pump;19");
    bench.send("csv/1", "x;pump;30");
    EXPECT_THAT(bench.payloads(), ElementsAre(R"(out {"id":7,"name":"pump","temp":21.5})"));
}

TEST(Engine, AnArrayOfObjectsIsAsManyEventsOfAStream) {
    Bench bench;
    ASSERT_TRUE(bench.worker->streams().put(
        {"demo", false, R"(CREATE STREAM demo () WITH (DATASOURCE="j", FORMAT="json"))"}));
    ASSERT_TRUE(bench.put(rule_spec("r1", "SELECT a FROM demo", {republish("out")})));
    bench.send("j", R"([{"a":1},{"a":2}])");
    EXPECT_THAT(bench.payloads(), ElementsAre(R"(out {"a":1})", R"(out {"a":2})"));
}

}  // namespace
}  // namespace hw::rules

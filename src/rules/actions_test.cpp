#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "rules/test_support.h"

namespace hw::rules {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

constexpr std::string_view all = R"(SELECT payload.a AS a, payload.b AS b, topic FROM "in/#")";

Result<void> put(Bench& bench, ActionSpec action) {
    return bench.put(rule_spec("r", std::string(all), {std::move(action)}));
}

TEST(Republish, FillsItsTemplates) {
    Bench bench;
    ASSERT_TRUE(put(bench, action_spec("republish", R"({"topic":"out/${a}","payload":"b=${b}",
        "qos":"${a}","retain":true,"user_properties":{"from":"${topic}"}})")));
    bench.send("in/x", R"({"a":1,"b":"two"})");
    ASSERT_EQ(bench.ports.published.size(), 1);
    const auto& message = bench.ports.published[0];
    EXPECT_EQ(message.topic, "out/1");
    EXPECT_EQ(message.payload, "b=two");
    EXPECT_EQ(message.qos, 1);
    EXPECT_TRUE(message.retain);
    ASSERT_EQ(message.user_properties.size(), 1);
    EXPECT_EQ(message.user_properties[0], (std::pair<std::string, std::string>("from", "in/x")));
    bench.send("in/x", R"({"a":7,"b":"two"})");
    EXPECT_EQ(bench.ports.published.size(), 1) << "7 is no QoS";
    EXPECT_EQ(bench.figures("r").actions.at(0).failed, 1);
    EXPECT_THAT(bench.figures("r").actions.at(0).last_error, HasSubstr("is not a QoS"));
}

TEST(Republish, ATopicNeedsItsValuesAndNoWildcards) {
    Bench bench;
    ASSERT_TRUE(put(bench, action_spec("republish", R"({"topic":"out/${a}"})")));
    bench.send("in/x", R"({"b":1})");
    bench.send("in/x", R"({"a":"+"})");
    EXPECT_TRUE(bench.ports.published.empty());
    EXPECT_EQ(bench.figures("r").actions.at(0).failed, 2);
}

TEST(Republish, SettingsAreChecked) {
    Bench bench;
    const auto error_of = [&](std::string_view settings) {
        const auto result = put(bench, action_spec("republish", settings));
        return result ? "none" : result.error().text();
    };
    EXPECT_THAT(error_of(R"({"topik":"a"})"), HasSubstr("'republish.topic' must be given"));
    EXPECT_THAT(error_of(R"({"topic":"a","payloda":"b"})"), HasSubstr("did you mean 'payload'?"));
    EXPECT_THAT(error_of(R"({"topic":"a","qos":5})"), HasSubstr("'5' is not a QoS"));
    EXPECT_THAT(error_of(R"({"topic":"${a"})"), HasSubstr("republish.topic"));
    const auto unknown = put(bench, action_spec("republsh", "{}"));
    ASSERT_FALSE(unknown);
    EXPECT_THAT(unknown.error().text(), HasSubstr("did you mean 'republish'?"));
}

TEST(Keep, ASampleARow) {
    Bench bench;
    ASSERT_TRUE(put(bench, action_spec("keep", R"({"point":"calc/${topic}","value":"${a}",
        "time":"${b}","unit":"m3/h"})")));
    bench.send("in/x", R"({"a":1.5,"b":1767225600000})");
    ASSERT_EQ(bench.ports.kept.size(), 1);
    EXPECT_EQ(bench.ports.kept.begin()->first,
              (std::pair<std::string, int64_t>("calc/in/x", test_begin.ns)));
    EXPECT_EQ(bench.ports.kept.begin()->second, model::Value(1.5));
    EXPECT_EQ(bench.ports.unit, "m3/h");
    EXPECT_EQ(bench.figures("r").actions.at(0).sent, 1);
}

TEST(Keep, EachMemberBelowAPrefix) {
    Bench bench;
    ActionSpec action = action_spec("keep", R"({"prefix":"calc"})");
    action.fields = {"a", "b"};
    ASSERT_TRUE(put(bench, action));
    bench.send("in/x", R"({"a":1,"b":{"c":true,"d":"t","e":null}})");
    std::vector<std::string> paths;
    for (const auto& [key, value] : bench.ports.kept)
        paths.push_back(key.first);
    EXPECT_THAT(paths, ElementsAre("calc/a", "calc/b/c", "calc/b/d"));
}

TEST(Write, OrdersAndCountsTheAnswer) {
    Bench bench;
    ASSERT_TRUE(put(bench, action_spec("write", R"({"point":"plc/setpoint","value":"${a}"})")));
    bench.send("in/x", R"({"a":3})");
    bench.ports.write_fails = true;
    bench.send("in/x", R"({"a":4})");
    ASSERT_EQ(bench.ports.written.size(), 2);
    EXPECT_EQ(bench.ports.written[0].value, model::Value(int64_t{3}));
    EXPECT_EQ(bench.figures("r").actions.at(0).sent, 1);
    EXPECT_EQ(bench.figures("r").actions.at(0).failed, 1);
}

TEST(ActionSlot, OnlyOnChangeFieldsAndOmitEmpty) {
    Bench bench;
    ActionSpec action = action_spec("republish", R"({"topic":"out"})");
    action.only_on_change = true;
    action.omit_empty = true;
    action.fields = {"a"};
    ASSERT_TRUE(put(bench, action));
    bench.send("in/x", R"({"a":1,"b":1})");
    bench.send("in/x", R"({"a":1,"b":2})");
    bench.send("in/x", R"({"a":2})");
    EXPECT_THAT(bench.payloads(), ElementsAre(R"(out {"a":1})", R"(out {"a":2})"));
    EXPECT_EQ(bench.figures("r").actions.at(0).skipped, 1);
}

TEST(ActionSlot, TheFallbackGetsWhatFailed) {
    Bench bench;
    ActionSpec action = action_spec("republish", R"({"topic":"out/${a}"})");
    action.fallback =
        std::make_shared<const ActionSpec>(action_spec("republish", R"({"topic":"dead"})"));
    ASSERT_TRUE(put(bench, action));
    bench.send("in/x", R"({"b":1})");
    ASSERT_EQ(bench.ports.published.size(), 1);
    EXPECT_EQ(bench.ports.published[0].topic, "dead");
}

// Of an action to a foreign system, with a fallback within the server.
ActionSpec outer_spec() {
    ActionSpec fallback = action_spec("republish", R"({"topic":"dead"})");
    fallback.fields = {"a"};
    ActionSpec action = action_spec("elsewhere", R"({})");
    action.fallback = std::make_shared<const ActionSpec>(fallback);
    return action;
}

TEST(ActionSlot, TheFallbackGetsWhatTheOutletRefusesLater) {
    Bench bench(1, true);
    ASSERT_TRUE(put(bench, outer_spec()));
    bench.send("in/x", R"({"a":1,"b":2})");
    EXPECT_THAT(bench.payloads(), ElementsAre(R"(dead {"a":1})"));
    const auto figures = bench.figures("r").actions.at(0);
    EXPECT_EQ(figures.rows, 1);
    ASSERT_EQ(figures.fallback.size(), 1);
    EXPECT_EQ(figures.fallback[0].type, "republish");
    EXPECT_EQ(figures.fallback[0].sent, 1);
    EXPECT_EQ(bench.outlets.refused.dropped(), 0);
}

TEST(ActionSlot, AFallbacksFallbackIsFoundToo) {
    Bench bench(1, true);
    ActionSpec action = action_spec("elsewhere", R"({"to":1})");
    action.fallback = std::make_shared<const ActionSpec>(outer_spec());
    ASSERT_TRUE(put(bench, action));
    bench.send("in/x", R"({"a":1})");
    EXPECT_THAT(bench.payloads(), ElementsAre(R"(dead {"a":1})"));
}

TEST(ActionSlot, RefusedRowsThatFindNoFallbackAreCounted) {
    Bench bench(1, true);
    ASSERT_TRUE(put(bench, outer_spec()));
    bench.begin();
    connector::Item item;
    item.row = sql::Datum::text("x");
    item.rule_id = "gone";
    bench.outlets.refused.add(item, outer_spec().fallback);
    item.rule_id = "r";
    bench.outlets.refused.add(item, std::make_shared<const ActionSpec>(outer_spec()));
    bench.run();
    EXPECT_EQ(bench.worker->refused_dropped(), 2);
    // Nor is there room without end.
    item.row = sql::Datum::text(std::string(5000, 'x'));
    bench.outlets.refused.add(item, outer_spec().fallback);
    EXPECT_EQ(bench.worker->refused_dropped(), 3);
}

TEST(ActionSlot, ARowThatIsRefusedOnItsWayInCirclesEnds) {
    Bench bench(1, true);
    ActionSpec action = action_spec("elsewhere", R"({})");
    action.fallback =
        std::make_shared<const ActionSpec>(action_spec("republish", R"({"topic":"in/x"})"));
    ASSERT_TRUE(put(bench, action));
    bench.send("in/x", R"({"a":1})");
    for (size_t i = 0; i < 20 && i < bench.ports.published.size(); ++i) {
        const auto message = bench.ports.published[i];
        bench.send(message.topic, message.payload);
    }
    EXPECT_EQ(bench.ports.published.size(), bench.settings.hops_limit);
    EXPECT_EQ(bench.figures("r").looped, 1);
}

TEST(ActionSlot, ACheckpointWaitsForRefusedRows) {
    Bench bench(1, true);
    RuleSpec spec = rule_spec("r", R"(SELECT payload.a AS a FROM "in/#")", {outer_spec()});
    spec.options.qos = Guarantee::at_least_once;
    ASSERT_TRUE(bench.put(spec));
    bench.send("in/x", R"({"a":1})");
    bench.clock.advance(bench.settings.checkpoint_interval);
    bench.worker->round();
    EXPECT_EQ(bench.worker->figures().checkpoints, 0);  // the outlet asks for its fallback
    EXPECT_FALSE(bench.outlets.refused.empty());
    bench.run();
    bench.worker->round();
    EXPECT_EQ(bench.worker->figures().checkpoints, 1);
    EXPECT_TRUE(bench.outlets.refused.empty());
}

TEST(ActionSlot, RowsThatComeTogetherMayGoAsAnArray) {
    Bench bench;
    ActionSpec action = action_spec("republish", R"({"topic":"out"})");
    action.send_single = false;
    ASSERT_TRUE(bench.put(rule_spec(
        "r", R"(SELECT payload.a AS a FROM "in/#" GROUP BY payload.a, TUMBLINGWINDOW(ss, 10))",
        {action})));
    bench.send("in/x", R"({"a":1})");
    bench.send("in/x", R"({"a":2})");
    bench.pass(seconds(10));
    EXPECT_THAT(bench.payloads(), ElementsAre(R"(out [{"a":1},{"a":2}])"));
}

TEST(Outputs, TheRulesWaitWhileHistoryAsksForIt) {
    Bench bench;
    ASSERT_TRUE(put(bench, action_spec("republish", R"({"topic":"out"})")));
    bench.begin();
    bench.ports.busy = true;
    bench.send("in/x", R"({"a":1})");
    EXPECT_TRUE(bench.ports.published.empty());
    EXPECT_TRUE(bench.worker->stalled());
    bench.ports.busy = false;
    bench.run();
    EXPECT_EQ(bench.ports.published.size(), 1);
}

}  // namespace
}  // namespace hw::rules

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

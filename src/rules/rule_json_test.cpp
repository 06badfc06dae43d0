#include "rules/rule_json.h"

#include <gtest/gtest.h>

#include "rules/text_diff.h"
#include "sql/json.h"

namespace hw::rules {
namespace {

std::string error_of(std::string_view json) {
    const auto rule = read_rule(json);
    return rule ? "none" : rule.error().text();
}

TEST(RuleJson, WhatIsWrittenIsReadBack) {
    RuleSpec rule;
    rule.id = "r1";
    rule.sql = "SELECT *\nFROM \"a\"";
    rule.description = "d";
    rule.enabled = false;
    rule.tags = {"x", "y"};
    ActionSpec action;
    action.type = "republish";
    action.name = "main";
    action.fields = {"a"};
    action.only_on_change = true;
    action.send_single = false;
    sql::JsonReader reader;
    action.settings = *reader.read(R"({"topic":"t","user_properties":{"a":"${b}"}})");
    ActionSpec fallback;
    fallback.type = "console";
    fallback.settings = sql::Datum::object({});
    action.fallback = std::make_shared<const ActionSpec>(fallback);
    rule.actions = {action};
    rule.late_actions = {fallback};
    rule.options.event_time = true;
    rule.options.late_tolerance = milliseconds(250);
    rule.options.qos = Guarantee::exactly_once;
    rule.options.dialect = sql::Dialect::ekuiper;
    rule.options.rows_limit = 5;
    rule.schedule.cron = "0 6 * * *";
    rule.schedule.duration = seconds(3600);
    rule.schedule.ranges = {{"2026-01-01T00:00:00Z", "2026-02-01T00:00:00Z"}};
    rule.schedule.time_zone = "Europe/London";
    const auto read = read_rule(rule_text(rule));
    ASSERT_TRUE(read) << read.error().text();
    EXPECT_EQ(*read, rule) << rule_text(*read);
}

TEST(RuleJson, TakesEmqxsForm) {
    const auto rule = read_rule(
        R"({"id":"r","sql":"SELECT 1","enable":true,"actions":[{"function":"republish",
            "args":{"topic":"t","qos":1}},"console"],"metadata":{"x":1}})");
    ASSERT_TRUE(rule) << rule.error().text();
    EXPECT_EQ(rule->actions.at(0).type, "republish");
    EXPECT_EQ(rule->actions.at(0).settings.find("topic")->as_text(), "t");
    EXPECT_EQ(rule->actions.at(1).type, "console");
    EXPECT_EQ(read_rule(R"({"id":"r","sql":"x","options":{"qos":2}})")->options.qos,
              Guarantee::exactly_once);
}

TEST(RuleJson, NamesWhatIsWrong) {
    EXPECT_EQ(error_of(R"({"id":"r","sqll":"x"})"),
              "'sqll' is not expected here; did you mean 'sql'?");
    EXPECT_EQ(error_of(R"({"id":"r","actions":[{"topic":"t"}]})"),
              "'actions[0].type' must be given, e.g. \"republish\"");
    EXPECT_EQ(error_of(R"({"id":"r","options":{"event_tim":true}})"),
              "'options.event_tim' is not expected here; did you mean 'event_time'?");
    EXPECT_EQ(error_of(R"({"id":"r","options":{"late_tolerance":"soon"}})"),
              "'options.late_tolerance' must be a duration, e.g. \"10s\", or a number of "
              "milliseconds");
    EXPECT_EQ(error_of(R"({"id":"r","actions":[""]})"), "'actions[0]' names no type");
    EXPECT_EQ(error_of(R"({"id":"r","actions":[{"type":"keep","args":{"name":"x"}}]})"),
              "'actions[0].args' may not have 'name': it stands beside args");
    EXPECT_EQ(error_of("[]"), "this must be an object");
    EXPECT_NE(error_of("{"), "none");
}

TEST(RuleJson, PatchesWhatIsGiven) {
    auto rule = *read_rule(R"({"id":"r","sql":"x","description":"d","tags":["a"]})");
    ASSERT_TRUE(patch_rule(R"({"description":null,"enable":false})", rule));
    EXPECT_EQ(rule.description, "");
    EXPECT_FALSE(rule.enabled);
    EXPECT_EQ(rule.tags, std::vector<std::string>{"a"});
    const RuleSpec before = rule;
    EXPECT_FALSE(patch_rule(R"({"tags":[],"what":1})", rule));
    EXPECT_EQ(rule, before);
}

TEST(RuleJson, HidesSecretsThatAreNoReferences) {
    sql::JsonReader reader;
    const auto connector = connector_of(*reader.read(
        R"({"name":"db","kind":"postgresql","settings":{"host":"h","password":"p",
            "token":"file:t"}})"));
    ASSERT_TRUE(connector) << connector.error().text();
    std::string text;
    JsonWriter json(text);
    json.begin_object();
    write_connector_members(json, *connector, true);
    json.end_object();
    EXPECT_EQ(text, R"({"name":"db","kind":"postgresql","description":"","settings":)"
                    R"({"host":"h","password":"******","token":"file:t"}})");
}

TEST(TextDiff, ShowsFewLines) {
    EXPECT_EQ(text_diff("a\nb\nc\n", "a\nx\nc\n"), " a\n-b\n+x\n c\n");
    EXPECT_EQ(text_diff("", "a\n"), "+a\n");
    EXPECT_EQ(text_diff("a\n", "a\n"), " a\n");
    EXPECT_EQ(text_diff("a\nb\nc\nd\n", "b\nd\ne\n"), "-a\n b\n-c\n d\n+e\n");
}

}  // namespace
}  // namespace hw::rules

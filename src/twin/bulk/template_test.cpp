#include "twin/bulk/template.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <fstream>
#include <sstream>

#include "sql/json.h"
#include "twin/bulk/path_pattern.h"
#include "twin/model/library.h"

namespace hw::twin {

namespace {

using sql::Datum;

std::string file_text(const std::string& path) {
    std::ifstream in(std::string(HEADWORKS_SOURCE_DIR) + path);
    EXPECT_TRUE(in) << path;
    std::stringstream out;
    out << in.rdbuf();
    return out.str();
}

std::shared_ptr<const Models> library() {
    static const auto models = [] {
        std::vector<ModelFlaw> flaws;
        return Models::none()->with(model_library(), flaws);
    }();
    return models;
}

std::optional<Places> match(std::string_view pattern, std::string_view path, Places places = {}) {
    const auto parsed = PathPattern::parse(pattern);
    EXPECT_TRUE(parsed) << (parsed ? "" : parsed.error().text());
    return parsed && parsed->match(path, places) ? std::optional(places) : std::nullopt;
}

std::string flaw(std::string_view pattern) {
    const auto parsed = PathPattern::parse(pattern);
    return parsed ? "none" : parsed.error().text();
}

const BulkTwin* find(const Bulk& bulk, std::string_view id) {
    const auto found = std::ranges::find(
        bulk.twins, id, [](const BulkTwin& twin) { return std::string_view(twin.spec.id); });
    return found == bulk.twins.end() ? nullptr : &*found;
}

bool has_edge(const Bulk& bulk, std::string_view source, std::string_view name,
              std::string_view target) {
    return std::ranges::any_of(bulk.relationships, [&](const BulkRelationship& edge) {
        return edge.spec.source == source && edge.spec.name == name && edge.spec.target == target;
    });
}

constexpr std::string_view pumps = R"({
  "name": "pumps", "parameters": {"site": {"default": "a"}, "maker": {}},
  "twins": [{"points": "{site}/{works}/pump{n:digits}/{rest...}", "id": "{site}/{works}",
             "model": "dtmi:headworks:water:PumpStation;1", "name": "Works {works}"}],
  "rules": [
    {"points": "{site}/{works}/pump{n:digits}/secret", "ignore": true},
    {"points": "{site}/{works}/pump{n:digits}/{property...}",
     "when": {"description": ["*big*"]},
     "id": "{site}/{works}/pump{n}", "model": "dtmi:headworks:water:VariableSpeedPump;1",
     "name": "Big pump {n}", "properties": {"ratedPower": "{n}", "manufacturer": "{maker}"},
     "rename": {"druck": "head"},
     "relationships": [{"name": "partOf", "target": "{site}/{works}"},
                       {"name": "pumps", "source": "{site}/{works}"}]}
  ]
})";

}  // namespace

TEST(PathPattern, Matches) {
    EXPECT_EQ(match("a/b", "a/b"), Places());
    EXPECT_FALSE(match("a/b", "a/bc"));
    EXPECT_EQ(match("{site}/pump{n}/{property...}", "x/pump12/drive/speed"),
              (Places{{"site", "x"}, {"n", "12"}, {"property", "drive/speed"}}));
    EXPECT_FALSE(match("{site}/pump{n}/{property...}", "x/pump/flow"));
    EXPECT_FALSE(match("{site}/pump{n:digits}/flow", "x/pump1a/flow"));
    EXPECT_FALSE(match("{a}/{b}", "x/y/z"));
    EXPECT_FALSE(match("{a}/{rest...}", "x"));
    EXPECT_EQ(match("{a}_{n:digits}", "x_y_3"), (Places{{"a", "x_y"}, {"n", "3"}}));
    // A place that is there twice, and one that is settled already.
    EXPECT_TRUE(match("{a}/{a}", "x/x"));
    EXPECT_FALSE(match("{a}/{a}", "x/y"));
    EXPECT_TRUE(match("{site}/{b}", "x/y", {{"site", "x"}}));
    EXPECT_FALSE(match("{site}/{b}", "z/y", {{"site", "x"}}));
    EXPECT_TRUE(match("{{a}}/b", "{a}/b"));
}

TEST(PathPattern, PlacesAreAsBeforeWhereItDoesNotFit) {
    Places places = {{"site", "x"}};
    EXPECT_FALSE(PathPattern::parse("{site}/{a}/{b}/c")->match("x/1/2/d", places));
    EXPECT_EQ(places, (Places{{"site", "x"}}));
}

TEST(PathPattern, ATextMadeToBeSlowIsGivenUp) {
    EXPECT_FALSE(match("{a}x{b}x{c}x{d}x{e}y", std::string(60'000, 'x')));
}

TEST(PathPattern, FlawsNameTheColumn) {
    EXPECT_EQ(flaw("a/{b"), "pattern 'a/{b', column 3: '{' is not closed");
    EXPECT_NE(flaw("a}").find("column 2: '}' closes nothing"), std::string::npos);
    EXPECT_NE(flaw("{a}{b}").find("two places touch"), std::string::npos);
    EXPECT_NE(flaw("{a...}/b").find("behind {name...}"), std::string::npos);
    EXPECT_NE(flaw("x{a...}").find("whole levels"), std::string::npos);
    EXPECT_NE(flaw("{a b}").find("a place is {name}"), std::string::npos);
    EXPECT_NE(flaw("{}").find("a place is {name}"), std::string::npos);
    EXPECT_EQ(fill_places("{a}/{b}", {{"a", "1"}}).error().text(),
              "pattern '{a}/{b}', column 5: nothing stands for {b}; did you mean 'a'?");
}

TEST(TwinTemplate, FillsNamesInEachLanguage) {
    constexpr std::string_view text =
        R"({"name": "both", "rules": [{"points": ["w/pump{n}/{property}"],
        "id": "w/pump{n}", "model": "dtmi:headworks:water:Pump;1",
        "name": {"en": "Pump {n}", "zh": "水泵 {n}"}}]})";
    const auto what = read_twin_template(text);
    ASSERT_TRUE(what) << what.error().text();
    EXPECT_EQ(read_twin_template(twin_template_text(*what)).value(), *what);
    const std::vector<PointFacts> points = {{"w/pump7/flow"}};
    const auto made = apply_template(*what, points, {}, *library());
    ASSERT_TRUE(made) << made.error().text();
    ASSERT_EQ(made->bulk.twins.size(), 1U);
    EXPECT_EQ(made->bulk.twins[0].spec.name, R"({"en":"Pump 7","zh":"水泵 7"})");
    // A place that nothing fills is told where it stands.
    std::string wrong(text);
    wrong.replace(wrong.find("水泵 {n}"), std::string("水泵 {n}").size(), "水泵 {m}");
    const auto refused = read_twin_template(wrong);
    ASSERT_FALSE(refused);
    EXPECT_NE(refused.error().text().find("name"), std::string::npos) << refused.error().text();
}

TEST(TwinTemplate, MakesTwinsOfPoints) {
    const auto what = read_twin_template(pumps);
    ASSERT_TRUE(what) << what.error().text();
    const std::vector<PointFacts> points = {
        {"a/w/pump1/flow", "double", "l/s", "read", "a BIG one"},
        {"a/w/pump1/druck", "double", "bar", "read", "a big one"},
        {"a/w/pump1/spead", "double", "", "read", "a big one"},
        {"a/w/pump1/secret"},
        {"a/w/pump2/flow", "double", "l/s", "read", "small"},
    };
    const auto made = apply_template(*what, points, {{"maker", "ACME"}}, *library());
    ASSERT_TRUE(made) << made.error().text();
    EXPECT_TRUE(made->bulk.errors.empty());
    ASSERT_EQ(made->bulk.twins.size(), 2U);
    const auto* pump = find(made->bulk, "a/w/pump1");
    ASSERT_NE(pump, nullptr);
    EXPECT_EQ(pump->spec.name, "Big pump 1");
    EXPECT_EQ(*pump->spec.properties.find("ratedPower"), Datum::integer(1));
    EXPECT_EQ(pump->spec.properties.find("manufacturer")->as_text(), "ACME");
    // flow is where the model looks for it; head is not.
    EXPECT_EQ(pump->spec.bindings,
              (std::map<std::string, std::string>{{"head", "a/w/pump1/druck"}}));
    EXPECT_TRUE(has_edge(made->bulk, "a/w/pump1", "partOf", "a/w"));
    EXPECT_TRUE(has_edge(made->bulk, "a/w", "pumps", "a/w/pump1"));
    EXPECT_EQ(made->bulk.relationships.size(), 2U);
    const auto& report = made->report;
    EXPECT_EQ(report.points, 5U);
    EXPECT_EQ(report.taken, 3U);
    EXPECT_EQ(report.ignored, 1U);
    EXPECT_EQ(report.untaken_points, std::vector<std::string>{"a/w/pump2/flow"});
    ASSERT_EQ(report.points_without_slot.size(), 1U);
    EXPECT_EQ(report.points_without_slot[0].nearest, "speed");
    ASSERT_EQ(report.unit_differences.size(), 1U);
    EXPECT_EQ(report.unit_differences[0].slot_unit, "m");
    EXPECT_EQ(report.taken_by_rule, (std::vector<size_t>{1, 3}));
    std::string text;
    JsonWriter json(text);
    write_template_report(json, *what, report);
    EXPECT_TRUE(sql::JsonReader().read(text)) << text;
}

TEST(TwinTemplate, Parameters) {
    const auto what = read_twin_template(pumps);
    ASSERT_TRUE(what);
    EXPECT_EQ(apply_template(*what, {}, {}, *library()).error().text(),
              "the template 'pumps' needs the parameter 'maker'");
    EXPECT_EQ(apply_template(*what, {}, {{"makker", "x"}}, *library()).error().text(),
              "the template 'pumps' has no parameter 'makker'; did you mean 'maker'?");
}

TEST(TwinTemplate, WhatCannotBeMadeIsAnError) {
    const auto what = read_twin_template(R"({"name":"x","rules":[
      {"points":"{a}/{property}","id":"{a}","model":"dtmi:headworks:water:Pmp;1"},
      {"points":"b/{a}/1/{property}","id":"{a}","model":"dtmi:headworks:water:Tank;1"},
      {"points":"b/{a}/2/{property}","id":"{a}","model":"dtmi:headworks:water:Pump;1"},
      {"points":"c/{a}/{b}/{property}","id":"{a}","model":"dtmi:headworks:water:Tank;1"}]})");
    ASSERT_TRUE(what) << what.error().text();
    const std::vector<PointFacts> points = {{"p/flow"},     {"p/head"},      {"b/t/1/level"},
                                            {"b/t/2/flow"}, {"c/u/1/level"}, {"c/u/2/level"}};
    const auto made = apply_template(*what, points, {}, *library());
    ASSERT_TRUE(made);
    ASSERT_EQ(made->bulk.errors.size(), 3U);
    EXPECT_EQ(made->bulk.errors[0].what, "p");
    EXPECT_NE(made->bulk.errors[0].text.find("Pmp"), std::string::npos);
    EXPECT_NE(made->bulk.errors[1].text.find("already"), std::string::npos);
    EXPECT_NE(made->bulk.errors[2].text.find("fed by c/u/1/level already"), std::string::npos);
    EXPECT_EQ(made->bulk.twins.size(), 2U);
}

TEST(TwinTemplate, IsWrittenAndReadTheSame) {
    for (const std::string& text :
         {std::string(pumps), file_text("/examples/waterworks/twins.json")}) {
        const auto what = read_twin_template(text);
        ASSERT_TRUE(what) << what.error().text();
        const auto again = read_twin_template(twin_template_text(*what));
        ASSERT_TRUE(again) << again.error().text();
        EXPECT_EQ(*again, *what);
    }
}

TEST(TwinTemplate, FlawsNameTheMember) {
    const auto text = [](std::string_view json) {
        const auto what = read_twin_template(json);
        return what ? "none" : what.error().text();
    };
    EXPECT_EQ(text("{}"), "name is missing");
    EXPECT_EQ(text(R"({"name":"x","ruels":[]})"),
              "ruels is not known; did you mean 'rules'?; there are name, description, "
              "parameters, twins, rules");
    EXPECT_EQ(text(R"({"name":"x","rules":[{"points":"{b}/{property}","id":"{c}","model":"m"}]})"),
              "rules[0].id has {c}, which no pattern and no parameter has; did you mean 'b'?");
    EXPECT_NE(text(R"({"name":"x","rules":[{"points":["a/{b}","a/{c}"],"id":"x","model":"m"}]})")
                  .find("rules[0].points must have the same places"),
              std::string::npos);
    EXPECT_EQ(text(R"({"name":"x","rules":[{"points":"a/{property}","id":"x"}]})"),
              "rules[0].model is missing");
    EXPECT_NE(text(R"({"name":"x","rules":[{"points":"a/{b}","id":"x","model":"m"}]})")
                  .find("rules[0].points must have the place {property...}"),
              std::string::npos);
    EXPECT_EQ(text(R"({"name":"x","rules":[{"points":"a","ignore":true,"id":"x"}]})"),
              "rules[0].id says nothing where points are ignored");
    EXPECT_NE(
        text(R"({"name":"x","twins":[{"id":"x","model":"m","relationships":[{"name":"p"}]}]})")
            .find("twins[0].relationships[0] must have a target"),
        std::string::npos);
    EXPECT_NE(text(R"({"name":"x","parameters":{"a b":"1"}})").find("a b"), std::string::npos);
}

TEST(ReadPoints, TakesTextsAndObjects) {
    const auto points = read_points(
        R"(["a/b",{"topic":"c","unit":"m","payload":"x"},{"point":"d","description":"e"}])");
    ASSERT_TRUE(points) << points.error().text();
    ASSERT_EQ(points->size(), 3U);
    EXPECT_EQ((*points)[1].unit, "m");
    EXPECT_EQ((*points)[2].description, "e");
    EXPECT_EQ(read_points(R"(["a","b/#"])").error().text().substr(0, 9), "points[1]");
    EXPECT_FALSE(read_points("{}"));
}

TEST(ReadPoints, OfADevice) {
    gateway::TagSpec flow, other;
    flow.name = "flow";
    flow.unit = "l/s";
    other.name = "x";
    other.point = "p/q";
    gateway::DeviceSpec device;
    device.name = "w/plc1";
    device.groups.push_back({"g", seconds(1), {flow, other}});
    std::vector<PointFacts> points;
    add_points(points, device);
    ASSERT_EQ(points.size(), 2U);
    EXPECT_EQ(points[0].point, "w/plc1/flow");
    EXPECT_EQ(points[0].unit, "l/s");
    EXPECT_EQ(points[1].point, "p/q");
    EXPECT_EQ(points[1].device, "w/plc1");
}

}  // namespace hw::twin

#include "twin/scene/look.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>

#include "sql/json.h"

namespace hw::twin {
namespace {

using testing::ElementsAre;

sql::Datum json(std::string_view text) {
    sql::JsonReader reader;
    auto value = reader.read(text);
    EXPECT_TRUE(value);
    return value ? std::move(*value) : sql::Datum();
}

LiveValue live(sql::Datum value, model::Quality quality = model::Quality::good,
               bool stale = false) {
    return {std::move(value), Time{1'700'000'000'000'000'000}, quality, stale, Origin::point};
}

// How a node with these bindings looks with one value for all.
Look look(std::string_view bindings, const LiveValue& value, std::string_view head = "") {
    SceneFlaws flaws;
    const auto scene = read_scene(
        fmt::format(R"({{"format":"headworks-scene/1"{},"nodes":[{{"id":"n","name":"Node",
            "twin":"t","bindings":[{}]}}]}})",
                    head, bindings),
        "works", flaws);
    EXPECT_TRUE(scene) << scene.error().text();
    if (!scene) return {};
    return look_of(*scene, *scene->nodes[0], [&](std::string_view, std::string_view) {
        return std::optional<LiveValue>(value);
    });
}

constexpr std::string_view stops =
    R"({"kind":"colour","property":"p","stops":[[0,"#000000"],[10,"#ffffff"]])";

TEST(Look, ColoursByStops) {
    const auto at = [](double value, bool smooth) {
        return *look(fmt::format("{},\"smooth\":{}}}", stops, smooth),
                     live(sql::Datum::real(value)))
                    .body;
    };
    const Colour black{0, 0, 0}, white{255, 255, 255};
    EXPECT_EQ(at(-5, false), black);
    EXPECT_EQ(at(0, false), black);
    EXPECT_EQ(at(9.9, false), black);
    EXPECT_EQ(at(10, false), white);
    EXPECT_EQ(at(99, true), white);
    EXPECT_EQ(at(5, true), (Colour{128, 128, 128}));
    EXPECT_EQ(to_text(at(5, true)), "#808080");
}

TEST(Look, ColoursByQuality) {
    const std::string binding = std::string(stops) + "}";
    const auto text = [&](const LiveValue& value, std::string_view head = "") {
        const auto body = look(binding, value, head).body;
        return body ? to_text(*body) : "none";
    };
    const auto ten = sql::Datum::integer(10);
    EXPECT_EQ(text(live(ten)), "#ffffff");
    EXPECT_EQ(text(live(ten, model::Quality::bad_sensor_failure)), "#b04bc0");
    EXPECT_EQ(text(live(sql::Datum())), "#b04bc0");
    EXPECT_EQ(text(live(ten, model::Quality::good, true)), "#9aa3ab");
    EXPECT_EQ(text(live(ten, model::Quality::uncertain)), "#ffffff");
    constexpr std::string_view own = R"(,"quality":{"stale":"#111111","uncertain":"#222222"})";
    EXPECT_EQ(text(live(ten, model::Quality::good, true), own), "#111111");
    EXPECT_EQ(text(live(ten, model::Quality::uncertain), own), "#222222");
    EXPECT_EQ(text(live(sql::Datum::text("x"))), "none");
    EXPECT_EQ(text(live(sql::Datum::real(NAN))), "none");
    const auto bad = look(std::string(stops) + R"(,"bad":"#333333"})", live(sql::Datum()));
    EXPECT_EQ(to_text(*bad.body), "#333333");
}

TEST(Look, ColoursByWordsAndParts) {
    const auto words = R"({"kind":"colour","property":"p","part":"all",
        "values":{"backwash":"#0000ff","true":"#00ff00"}})";
    const auto wash = look(words, live(sql::Datum::text("backwash")));
    EXPECT_EQ(to_text(*wash.body), "#0000ff");
    EXPECT_EQ(to_text(*wash.water), "#0000ff");
    EXPECT_EQ(to_text(*look(words, live(sql::Datum::boolean(true))).body), "#00ff00");
    EXPECT_FALSE(look(words, live(sql::Datum::text("idle"))).body);
    EXPECT_FALSE(
        look(std::string(stops) + R"(,"part":"water"})", live(sql::Datum::integer(1))).body);
}

TEST(Look, FillsSpinsAndFlows) {
    const auto of = [](std::string_view binding, double value) {
        return look(binding, live(sql::Datum::real(value)));
    };
    constexpr std::string_view fill = R"({"kind":"fill","property":"p","min":1,"max":5})";
    EXPECT_EQ(*of(fill, 2).fill, 0.25);
    EXPECT_EQ(*of(fill, -2).fill, 0);
    EXPECT_EQ(*of(fill, 9).fill, 1);
    EXPECT_FALSE(of(fill, NAN).fill);
    EXPECT_EQ(*of(R"({"kind":"spin","property":"p","factor":1450})", 0.5).spin, 725);
    EXPECT_EQ(*of(R"({"kind":"flow","property":"p","factor":-0.01})", 50).flow, -0.5);
    EXPECT_EQ(*look(R"({"kind":"spin","property":"p"})", live(sql::Datum::boolean(true))).spin, 1);
    EXPECT_FALSE(look(fill, live(sql::Datum::text("x"))).fill);
}

TEST(Look, ShowsAndHides) {
    constexpr std::string_view binding =
        R"({"kind":"visible","property":"p","when":{"op":">=","value":3}})";
    EXPECT_TRUE(look(binding, live(sql::Datum::integer(3))).visible);
    EXPECT_FALSE(look(binding, live(sql::Datum::real(2.9))).visible);
    EXPECT_FALSE(look(binding, live(sql::Datum())).visible);
}

TEST(Look, ComparesOnlyWhatCompares) {
    const auto met = [](std::string_view condition, sql::Datum value) {
        return holds(json(condition), value);
    };
    EXPECT_TRUE(met(R"({"op":"==","value":3})", sql::Datum::real(3)));
    EXPECT_TRUE(met(R"({"op":"!=","value":"a"})", sql::Datum::text("b")));
    EXPECT_TRUE(met(R"({"op":"<","value":"b"})", sql::Datum::text("a")));
    EXPECT_TRUE(met(R"({"op":"<=","value":3})", sql::Datum::integer(3)));
    EXPECT_FALSE(met(R"({"op":">","value":3})", sql::Datum::text("9")));
    EXPECT_FALSE(met(R"({"op":">","value":3})", sql::Datum::boolean(true)));
    EXPECT_FALSE(met(R"({"op":">","value":3})", sql::Datum::real(NAN)));
    EXPECT_FALSE(met(R"({"op":"!=","value":3})", sql::Datum()));
    EXPECT_TRUE(met(R"({"op":"in","values":["a",2]})", sql::Datum::integer(2)));
    EXPECT_FALSE(met(R"({"op":"in","values":["a",2]})", sql::Datum::integer(3)));
}

TEST(Look, WritesLabels) {
    const auto value = live(sql::Datum::real(2.345));
    EXPECT_EQ(format_label("{name}: {value:.1f} {unit}", "m", "Tank", "a/b", value), "Tank: 2.3 m");
    EXPECT_EQ(format_label("{value}", "", "", "", value), "2.345");
    EXPECT_EQ(format_label("{twin} {quality} {time}", "", "", "a/b", value),
              "a/b good 2023-11-14T22:13:20Z");
    EXPECT_EQ(format_label("{value:.2f}", "", "", "", live(sql::Datum())), "-");
    EXPECT_EQ(format_label("{value:.2f}", "", "", "", live(sql::Datum::text("on"))), "on");
    EXPECT_EQ(format_label("{quality}", "", "", "", live(sql::Datum(), model::Quality::good, true)),
              "stale");
    EXPECT_THAT(
        look(R"({"kind":"label","property":"p","unit":"m"},{"kind":"label","property":"p"})", value)
            .labels,
        ElementsAre("2.345 m", "2.345"));
}

TEST(Look, MarksWithBadges) {
    const auto badges = look(R"({"kind":"badge","property":"p","when":{"op":">","value":4},
        "severity":"high","text":"{name} at {value:.0f}"})",
                             live(sql::Datum::real(4.5)))
                            .badges;
    ASSERT_EQ(badges.size(), 1u);
    EXPECT_EQ(badges[0].severity, "high");
    EXPECT_EQ(badges[0].text, "Node at 4");
}

}  // namespace
}  // namespace hw::twin

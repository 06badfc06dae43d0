#include "scenario/result.h"

#include <gtest/gtest.h>

#include "scenario/compare.h"

namespace hw::scenario {
namespace {

ModelResult make(double level) {
    ModelResult result;
    result.start = Time{seconds(1'772'409'600).ns};
    result.step = seconds(60);
    result.rows = 5;
    result.series = {{"tower.level", "z/tower", "level", "m", {4, 4, 4, level, level}, true},
                     {"power.total", "z/meter", "power", "kW", {100, 110, 120, 130, 140}, false}};
    result.figures = {{"energy", "Energy", "kWh", 1000 + level, std::nullopt},
                      {"tower_level_least", "Tower level, least", "m", level, result.start}};
    result.events = {{result.start, "pump starts"}};
    result.warnings = {"w"};
    result.quality = {model::Quality::uncertain, 1e-12, 0.75, {"note"}};
    return result;
}

std::string text_of(const ModelResult& result) {
    std::string text;
    JsonWriter json(text);
    write_result(json, result);
    return text;
}

TEST(ScenarioResult, IsReadAsItWasWritten) {
    const auto result = make(3.5);
    const auto read = read_result(text_of(result));
    ASSERT_TRUE(read) << read.error().text();
    EXPECT_EQ(*read, result);
}

TEST(ScenarioResult, RefusesWhatIsNotWhole) {
    EXPECT_FALSE(read_result("{}"));
    auto text = text_of(make(3));
    text.replace(text.find("\"rows\":5"), 8, "\"rows\":6");
    EXPECT_EQ(read_result(text).error().code(), ErrorCode::corrupt);
}

TEST(ScenarioResult, ThinnedKeepsMomentsAndMeans) {
    auto result = make(3);
    thin_result(result, seconds(120));
    EXPECT_EQ(result.rows, 3U);
    EXPECT_EQ(result.series[0].values, (std::vector<double>{4, 4, 3}));
    EXPECT_EQ(result.series[1].values, (std::vector<double>{100, 115, 135}));
}

TEST(ScenarioCompare, DifferencesAreAgainstTheFirst) {
    const auto a = make(4), b = make(3);
    const Compared both[] = {{"a", &a}, {"b", &b}};
    const auto made = compare(both);
    ASSERT_TRUE(made) << made.error().text();
    ASSERT_EQ(made->series.size(), 1U);  // power is the same in both
    EXPECT_EQ(made->series[0].path, "level");
    EXPECT_DOUBLE_EQ(made->series[0].greatest, -1);
    EXPECT_EQ(made->series[0].greatest_after, seconds(180));
    ASSERT_EQ(made->figures.size(), 2U);
    EXPECT_EQ(made->figures[0].values[1], 1003);
    std::string text;
    JsonWriter json(text);
    write_comparison(json, *made);
    EXPECT_NE(text.find("\"differences\":[0,-1]"), std::string::npos) << text;
}

TEST(ScenarioCompare, NeedsTwoOfTheSameStep) {
    const auto a = make(4);
    auto b = make(3);
    b.step = seconds(300);
    const Compared both[] = {{"a", &a}, {"b", &b}};
    EXPECT_FALSE(compare(both));
    EXPECT_FALSE(compare(std::span(both).first(1)));
    b = make(3);
    b.start = b.start + seconds(60);
    EXPECT_EQ(compare(both)->warnings.size(), 1U);
}

}  // namespace
}  // namespace hw::scenario

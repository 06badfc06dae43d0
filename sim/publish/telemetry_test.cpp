#include "sim/publish/telemetry.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <set>

namespace hw::sim {
namespace {

const Time monday{1'772'409'600'000'000'000};  // 2026-03-02T00:00:00Z

const MessagePlan* find(const Telemetry& telemetry, std::string_view topic) {
    for (const auto& message : telemetry.messages())
        if (message.topic == topic) return &message;
    return nullptr;
}

std::string payload(const Telemetry& telemetry, std::string_view topic) {
    const auto* message = find(telemetry, topic);
    std::string out;
    if (!message || !telemetry.render_message(*message, out)) return "none";
    return out;
}

size_t index_of(const Telemetry& telemetry, std::string_view path) {
    const auto& points = telemetry.points();
    return static_cast<size_t>(
        std::find_if(points.begin(), points.end(), [&](const auto& p) { return p.path == path; }) -
        points.begin());
}

TEST(TelemetryTest, has_about_400_points_each_once_and_described) {
    const Telemetry telemetry({.start = monday});
    EXPECT_GE(telemetry.points().size(), 400U);
    EXPECT_LE(telemetry.points().size(), 450U);
    std::set<std::string> paths;
    for (const auto& point : telemetry.points()) {
        EXPECT_TRUE(paths.insert(point.path).second) << point.path;
        EXPECT_EQ(std::count(point.path.begin(), point.path.end(), '/'), 4) << point.path;
        EXPECT_FALSE(point.description.empty()) << point.path;
    }
    EXPECT_TRUE(paths.contains("bluewater/plant1/intake/pump1/flow"));
    EXPECT_TRUE(paths.contains("bluewater/plant1/filtration/filter3/turbidity"));
    EXPECT_TRUE(paths.contains("bluewater/zone1/meters/m0001/volume"));
    EXPECT_TRUE(paths.contains("bluewater/zone1/meters/m0200/volume"));
}

TEST(TelemetryTest, every_point_is_in_one_message) {
    const Telemetry telemetry({.start = monday});
    size_t next = 0;
    for (const auto& message : telemetry.messages()) {
        EXPECT_EQ(message.first, next);
        next += message.count;
    }
    EXPECT_EQ(next, telemetry.points().size());
}

TEST(TelemetryTest, mixes_the_forms_of_the_field) {
    Telemetry telemetry({.start = monday, .prefix = "x/y"});
    telemetry.advance();
    EXPECT_EQ(payload(telemetry, "x/y/plant1/filtration/filter3/state"), "filtering");
    EXPECT_EQ(payload(telemetry, "x/y/plant1/filtration/backwash/blower"), "false");
    EXPECT_TRUE(
        payload(telemetry, "x/y/plant1/filtration/filter3")
            .starts_with(R"({"ts":"2026-03-02T00:00:01Z","quality":"good","turbidity":0.)"));
    EXPECT_TRUE(payload(telemetry, "x/y/plant1/highlift/pump1")
                    .starts_with(R"({"ts":1772409601000,"running":true,"speed":0.)"));
    EXPECT_TRUE(payload(telemetry, "x/y/plant1/chlorination/plc3")
                    .starts_with(R"({"timestamp":1772409601000,"node":"plc3","group":"fast",)"));
}

TEST(TelemetryTest, can_send_everything_in_one_form) {
    Telemetry json({.start = monday, .form = Form::json_ms});
    json.advance();
    EXPECT_TRUE(
        payload(json, "bluewater/zone1/meters/m0001").starts_with(R"({"ts":1772409601000,"vol)"));
    const Telemetry scalar({.start = monday, .form = Form::scalar});
    EXPECT_EQ(scalar.messages().size(), scalar.points().size());
}

TEST(TelemetryTest, the_seed_gives_the_readings) {
    Telemetry one({.start = monday, .seed = 5});
    Telemetry same({.start = monday, .seed = 5});
    Telemetry other({.start = monday, .seed = 6});
    std::string a;
    std::string b;
    std::string c;
    for (int i = 0; i < 60; ++i) {
        one.advance();
        same.advance();
        other.advance();
        one.append_csv(a);
        same.append_csv(b);
        other.append_csv(c);
    }
    EXPECT_EQ(a, b);
    EXPECT_NE(a, c);
    EXPECT_TRUE(
        a.starts_with("bluewater/plant1/intake/weather/rain,2026-03-02T00:00:01Z,0.0,good\n"));
}

TEST(TelemetryTest, looking_less_often_does_not_change_the_plant) {
    Telemetry each({.start = monday, .seed = 5});
    Telemetry tenth({.start = monday, .seed = 5, .interval = seconds(10)});
    for (int i = 0; i < 60; ++i)
        each.advance();
    for (int i = 0; i < 6; ++i)
        tenth.advance();
    EXPECT_EQ(each.works().raw_volume(), tenth.works().raw_volume());
    EXPECT_EQ(each.works().now(), tenth.works().now());
}

TEST(TelemetryTest, readings_lie_about_the_truth) {
    Telemetry telemetry({.start = monday, .seed = 5});
    const size_t level = index_of(telemetry, "bluewater/plant1/clearwell/well/level");
    double off = 0;
    std::set<double> seen;
    for (int i = 0; i < 600; ++i) {
        telemetry.advance();
        const double shown = std::get<double>(telemetry.readings()[level].value);
        off += shown - telemetry.works().clear_well().tank().level();
        seen.insert(shown);
        EXPECT_NEAR(shown * 1000, std::round(shown * 1000), 1e-6);
    }
    EXPECT_NEAR(off / 600, 0, 0.001);
    EXPECT_GT(seen.size(), 10U);
}

TEST(TelemetryTest, analysers_in_maintenance_read_bad_and_stand_still) {
    Telemetry telemetry({.start = monday, .seed = 5, .interval = seconds(10)});
    const size_t first = index_of(telemetry, "bluewater/plant1/filtration/filter1/turbidity");
    int bad = 0;
    double held = 0;
    bool was_bad = false;
    for (int i = 0; i < 6 * 8640 && bad < 20; ++i) {
        telemetry.advance();
        const auto& reading = telemetry.readings()[first];
        const bool is_bad = reading.trust == Trust::bad;
        if (is_bad && was_bad) {
            EXPECT_EQ(std::get<double>(reading.value), held);
        }
        bad += is_bad ? 1 : 0;
        was_bad = is_bad;
        held = std::get<double>(reading.value);
    }
    EXPECT_EQ(bad, 20);
}

TEST(TelemetryTest, counters_go_on_after_a_new_start) {
    Telemetry first({.start = monday, .seed = 5});
    Telemetry later({.start = monday + seconds(86'400), .seed = 5});
    first.advance();
    later.advance();
    for (const auto* path :
         {"bluewater/zone1/meters/m0001/volume", "bluewater/plant1/highlift/header/volume"}) {
        const size_t i = index_of(first, path);
        EXPECT_GT(std::get<int64_t>(later.readings()[i].value),
                  std::get<int64_t>(first.readings()[i].value));
    }
}

}  // namespace
}  // namespace hw::sim

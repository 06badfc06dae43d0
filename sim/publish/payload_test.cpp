#include "sim/publish/payload.h"

#include <gtest/gtest.h>

#include <limits>

namespace hw::sim {
namespace {

const Time noon{1'772'452'800'250'000'000};  // 2026-03-02T12:00:00.25Z

PointInfo point(std::string name) {
    return {.path = "a/b/" + name,
            .name = name,
            .type = "double",
            .unit = "",
            .description = "",
            .form = Form::scalar};
}

std::string payload(Form form, bool has_quality, const std::vector<PointInfo>& points,
                    const std::vector<Reading>& readings) {
    std::string out = "left over";
    const MessagePlan plan{"a/b", form, has_quality, 0, points.size()};
    EXPECT_TRUE(render(plan, points, readings, noon, out));
    return out;
}

const double none = std::numeric_limits<double>::quiet_NaN();

TEST(PayloadTest, scalars_have_the_decimals_of_their_instrument) {
    EXPECT_EQ(payload(Form::scalar, false, {point("x")}, {{12.3, 2}}), "12.30");
    EXPECT_EQ(payload(Form::scalar, false, {point("x")}, {{int64_t{-7}}}), "-7");
    EXPECT_EQ(payload(Form::scalar, false, {point("x")}, {{true}}), "true");
    EXPECT_EQ(payload(Form::scalar, false, {point("x")}, {{std::string_view("backwash")}}),
              "backwash");
}

TEST(PayloadTest, a_scalar_without_a_reading_is_not_sent) {
    const std::vector points{point("x")};
    const std::vector<Reading> readings{{none, 2}};
    std::string out;
    EXPECT_FALSE(render({"a/b/x", Form::scalar, false, 0, 1}, points, readings, noon, out));
}

TEST(PayloadTest, a_unit_goes_with_its_point) {
    PointInfo flow = point("flow");
    flow.unit = "m3/h";
    std::string out;
    EXPECT_TRUE(render_with_unit(flow, {12.346, 2}, noon, out));
    EXPECT_EQ(out, R"({"ts":1772452800250,"value":12.35,"quality":"good","unit":"m3/h"})");
    EXPECT_FALSE(render_with_unit(flow, {none, 2}, noon, out));
    EXPECT_FALSE(render_with_unit(point("x"), {1.0, 0}, noon, out));
}

TEST(PayloadTest, objects_have_their_time_as_text_or_milliseconds) {
    const std::vector points{point("running"), point("flow"), point("state")};
    const std::vector<Reading> readings{{true}, {1.5, 1}, {std::string_view("on")}};
    EXPECT_EQ(payload(Form::json_text, false, points, readings),
              R"({"ts":"2026-03-02T12:00:00.250Z","running":true,"flow":1.5,"state":"on"})");
    EXPECT_EQ(payload(Form::json_ms, false, points, readings),
              R"({"ts":1772452800250,"running":true,"flow":1.5,"state":"on"})");
}

TEST(PayloadTest, analysers_tell_their_quality) {
    EXPECT_EQ(payload(Form::json_ms, true, {point("turbidity")}, {{0.1, 3, Trust::bad}}),
              R"({"ts":1772452800250,"quality":"bad","turbidity":0.100})");
}

TEST(PayloadTest, a_gateway_lists_failed_tags_as_errors) {
    EXPECT_EQ(payload(Form::neuron, false, {point("dose"), point("residual"), point("x")},
                      {{1.25, 2}, {none, 2}, {none, 2}}),
              R"({"timestamp":1772452800250,"node":"plc3","group":"fast",)"
              R"("values":{"dose":1.25},"errors":{"residual":3000,"x":3000}})");
}

}  // namespace
}  // namespace hw::sim

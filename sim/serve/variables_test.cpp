#include "sim/serve/variables.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <set>

#include "sim/serve/test_works.h"

namespace hw::sim {
namespace {

TEST(VariablesTest, have_every_point_once_and_every_set_point) {
    const TestWorks works;
    std::set<std::string> paths;
    std::set<size_t> points;
    std::set<size_t> setpoints;
    for (const auto& variable : works.variables.list()) {
        EXPECT_TRUE(paths.insert(variable.path).second) << variable.path;
        EXPECT_FALSE(variable.description.empty()) << variable.path;
        EXPECT_LE(variable.unit.size(), 16U) << variable.path;
        if (variable.point) points.insert(*variable.point);
        if (variable.setpoint) setpoints.insert(*variable.setpoint);
    }
    EXPECT_EQ(points.size(), works.telemetry.points().size());
    EXPECT_EQ(setpoints.size(), make_setpoints().size());
}

TEST(VariablesTest, only_devices_have_what_may_be_written) {
    const TestWorks works;
    for (const auto& variable : works.variables.list())
        if (variable.writable()) {
            EXPECT_NE(variable.protocol, Protocol::mqtt) << variable.path;
        }
}

TEST(VariablesTest, each_set_point_reads_back_what_was_written_and_refuses_what_is_beyond) {
    TestWorks works;
    for (size_t i = 0; i < works.variables.list().size(); ++i) {
        const auto& variable = works.variables.list()[i];
        if (!variable.writable()) continue;
        const double least = works.variables.least(i);
        const double most = works.variables.most(i);
        const double middle = variable.kind == Kind::flag ? 1 : 0.5 * (least + most);
        for (const double value : {least, middle}) {
            ASSERT_TRUE(works.variables.write(i, value)) << variable.path;
            EXPECT_NEAR(as_number(works.variables.read(i)).value(), value, 1e-6) << variable.path;
        }
        for (const double value : {least - 1, most + 1, std::numeric_limits<double>::quiet_NaN()}) {
            const auto refused = works.variables.write(i, value);
            ASSERT_FALSE(refused) << variable.path;
            EXPECT_EQ(refused.error().code(), ErrorCode::invalid_argument);
        }
        EXPECT_NEAR(as_number(works.variables.read(i)).value(), middle, 1e-6) << variable.path;
    }
    works.run(5);
}

TEST(VariablesTest, readings_may_not_be_written) {
    TestWorks works;
    const auto refused = works.variables.write(works.find("plant1/intake/header/flow"), 1);
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().code(), ErrorCode::permission_denied);
    EXPECT_EQ(refused.error().text(), "'plant1/intake/header/flow' is read only");
}

TEST(VariablesTest, a_set_point_takes_its_loop_over_and_auto_gives_it_back) {
    TestWorks works;
    const auto flow = works.find("plant1/intake/header/flow_setpoint");
    const auto loop = works.find("plant1/intake/header/flow_auto");
    EXPECT_EQ(works.number("plant1/intake/header/flow_auto"), 1);
    ASSERT_TRUE(works.variables.write(flow, 150));
    EXPECT_EQ(works.number("plant1/intake/header/flow_auto"), 0);
    works.run(1800);
    EXPECT_NEAR(works.number("plant1/intake/header/flow"), 150, 4);
    ASSERT_TRUE(works.variables.write(loop, 1));
    works.run(1800);
    EXPECT_GT(works.number("plant1/intake/header/flow"), 160);
}

TEST(VariablesTest, a_pump_is_taken_over_as_it_runs) {
    TestWorks works;
    const double speed = works.number("plant1/highlift/pump1/speed_setpoint");
    ASSERT_TRUE(works.variables.write(works.find("plant1/highlift/pump1/auto"), 0));
    works.run(30);
    EXPECT_EQ(works.number("plant1/highlift/pump1/running"), 1);
    EXPECT_NEAR(works.number("plant1/highlift/pump1/speed"), speed, 0.01);
    ASSERT_TRUE(works.variables.write(works.find("plant1/highlift/pump1/run"), 0));
    works.run(30);
    EXPECT_EQ(works.number("plant1/highlift/pump1/running"), 0);
    EXPECT_EQ(works.number("plant1/highlift/pump1/auto"), 0);
}

TEST(VariablesTest, the_status_of_an_analyser_is_its_trust) {
    TestWorks works;
    EXPECT_EQ(works.number("plant1/filtration/filter1/status"), 0);
    auto& faults = works.telemetry.works().faults();
    ASSERT_TRUE(faults.turn_on(FaultKind::sensor_failure, "filter1/turbidity", std::nullopt,
                               works.telemetry.works().now()));
    const double held = works.number("plant1/filtration/filter1/turbidity");
    works.run(60);
    EXPECT_EQ(works.number("plant1/filtration/filter1/status"), 2);
    EXPECT_NEAR(works.number("plant1/filtration/filter1/turbidity"), held, 0.01);
}

}  // namespace
}  // namespace hw::sim

#include "sim/plant/pump_station.h"

#include <gtest/gtest.h>

#include "sim/plant/units.h"

namespace hw::sim {
namespace {

const PumpCurve curve{.shutoff_head = 75,
                      .droop = 17 / (0.165 * 0.165),
                      .best_flow = 0.165,
                      .best_efficiency = 0.82,
                      .drive_efficiency = 0.94,
                      .rated_current = 235,
                      .rated_power = 132};

TEST(PumpCurveTest, follows_the_affinity_laws) {
    const double flow = 0.15;
    const double head = curve.head(flow, 1.0);
    for (const double s : {0.6, 0.8, 0.95}) {
        EXPECT_NEAR(curve.head(flow * s, s), head * s * s, 1e-9);
        EXPECT_NEAR(curve.efficiency(flow * s, s), curve.efficiency(flow, 1.0), 1e-12);
        EXPECT_NEAR(curve.electrical_power(flow * s, head * s * s, s),
                    curve.electrical_power(flow, head, 1.0) * s * s * s, 1e-9);
    }
}

TEST(PumpCurveTest, flow_is_the_inverse_of_head) {
    EXPECT_NEAR(curve.flow(curve.head(0.12, 0.9), 0.9), 0.12, 1e-12);
    EXPECT_EQ(curve.flow(80, 1.0), 0);
    EXPECT_EQ(curve.flow(10, 0.0), 0);
}

TEST(PumpTest, energy_is_hydraulic_power_over_efficiency) {
    Pump pump(curve);
    pump.set_turning(0.9);
    const double head = 50;
    const double flow = pump.flow_against(head);
    double expected = 0;
    for (int i = 0; i < 3600; ++i) {
        pump.settle(flow, head, 15, 1);
        expected +=
            (hydraulic_power(flow, head) / (curve.efficiency(flow, 0.9) * curve.drive_efficiency) +
             curve.idle_power(0.9)) /
            3600;
    }
    EXPECT_NEAR(pump.energy(), expected, 1e-9);
    EXPECT_NEAR(pump.hours(), 1.0, 1e-9);
    EXPECT_GT(pump.vibration(), 0);
}

TEST(PumpTest, ramps_and_counts_starts) {
    Pump pump(curve);
    pump.start();
    pump.start();
    EXPECT_EQ(pump.starts(), 1);
    pump.ramp(1.0, 1);
    EXPECT_NEAR(pump.speed(), 0.05, 1e-12);
    for (int i = 0; i < 30; ++i)
        pump.ramp(1.0, 1);
    EXPECT_NEAR(pump.speed(), 1.0, 1e-12);
    pump.stop();
    for (int i = 0; i < 30; ++i)
        pump.ramp(1.0, 1);
    EXPECT_NEAR(pump.speed(), 0.0, 1e-12);
}

PumpStation three_pumps() {
    return PumpStation({Pump(curve, 300), Pump(curve, 100), Pump(curve, 200)}, {});
}

void run_against(PumpStation& station, double head, double speed) {
    station.command(speed, {}, 1);
    station.settle(head, 15, 1);
}

TEST(PumpStationTest, starts_the_pump_with_the_fewest_hours_first) {
    auto station = three_pumps();
    station.command(0.9, {}, 1);
    EXPECT_EQ(station.running(), 1U);
    EXPECT_TRUE(station.pumps()[1].running());
}

TEST(PumpStationTest, stages_up_at_full_speed_and_down_when_one_is_too_many) {
    auto station = three_pumps();
    for (int i = 0; i < 100; ++i)
        station.command(1.0, {}, 1);
    EXPECT_EQ(station.running(), 2U);
    for (int i = 0; i < 200; ++i)
        station.command(1.0, {}, 1);
    EXPECT_EQ(station.running(), 3U);
    for (int i = 0; i < 3000; ++i)
        run_against(station, 58, 1.0);
    EXPECT_EQ(station.running(), 3U);  // loaded to their best point
    for (int i = 0; i < 3000; ++i)
        run_against(station, 70, 0.9);
    EXPECT_EQ(station.running(), 1U);
}

TEST(PumpStationTest, pumps_in_parallel_share_the_flow) {
    auto station = three_pumps();
    for (int i = 0; i < 300; ++i)
        station.command(1.0, {}, 1);
    EXPECT_NEAR(station.flow_against(58), 3 * curve.flow(58, 1.0), 1e-12);
    EXPECT_NEAR(station.settle(58, 15, 1), station.flow_against(58), 1e-15);
    EXPECT_EQ(station.flow_against(station.shutoff_head()), 0);
}

}  // namespace
}  // namespace hw::sim

#include "sim/plant/zone.h"

#include <gtest/gtest.h>

#include "sim/plant/units.h"

namespace hw::sim {
namespace {

const Time monday{1'772'409'600'000'000'000};  // 2026-03-02T00:00:00Z
const Zone::Supply supply{
    .available = 3000, .level = 3, .chlorine = 0.8, .temperature = 12, .ambient = 14};

Time at(int64_t hour) {
    return monday + seconds(hour * 3600);
}

TEST(DemandTest, a_day_has_its_peaks_and_its_night) {
    EXPECT_LT(household_factor(at(3)), 0.35);
    EXPECT_GT(household_factor(at(8)), 1.5);
    EXPECT_GT(household_factor(at(19)), 1.4);
    EXPECT_LT(household_factor(at(5 * 24 + 7)), 0.9);  // Saturday, seven o'clock
    EXPECT_GT(business_factor(at(10)), 2 * business_factor(at(5 * 24 + 10)));
    double mean = 0;
    for (int i = 0; i < 7 * 24; ++i)
        mean += household_factor(at(i)) / (7 * 24);
    EXPECT_NEAR(mean, 1.0, 0.03);
}

TEST(DemandTest, leaks_follow_pressure) {
    EXPECT_NEAR(leakage(1, reference_pressure), 1, 1e-12);
    EXPECT_NEAR(leakage(1, 2 * reference_pressure), std::pow(2, 1.1), 1e-12);
    EXPECT_EQ(leakage(1, -5), 0);
}

TEST(CustomerTest, a_person_uses_about_120_litres_a_day) {
    Random random(11);
    Customer flats(CustomerKind::flats, 30, 0, 1'000);
    for (int i = 0; i < 86'400; ++i) {
        const double factor = household_factor(monday + seconds(i));
        flats.want({.household = factor, .business = 0}, 1, random);
        flats.deliver(1, 1);
    }
    EXPECT_NEAR(flats.delivered() * 1000 / 30, 120, 30);
    EXPECT_EQ(flats.reading(), 1'000 + static_cast<int64_t>(flats.delivered() * 1000));
}

TEST(CustomerTest, a_drip_never_stops) {
    Random random(1);
    Customer house(CustomerKind::house, 1, 2e-6, 0);
    EXPECT_EQ(house.want({.household = 0, .business = 0}, 1, random), 2e-6);
}

TEST(NetworkTest, pumps_meet_the_system_curve) {
    Random random(1);
    Zone zone(monday, random);
    const Network network;
    const auto state = solve_network(network, zone.pumps(), 3, 0.25, 46, 1);
    EXPECT_NEAR(state.header_head,
                state.town_head + network.trunk * state.pump_flow * state.pump_flow, 1e-9);
    EXPECT_NEAR(state.town_head - 46, network.riser * state.tower_flow * std::abs(state.tower_flow),
                1e-9);
    for (const auto& pump : zone.pumps().pumps()) {
        if (!pump.running()) continue;
        const double flow = pump.flow_against(state.header_head - 3);
        EXPECT_NEAR(pump.curve().head(flow, pump.speed()), state.header_head - 3, 1e-9);
    }
}

TEST(NetworkTest, the_tower_feeds_the_town_when_the_pumps_stand) {
    const PumpStation none({}, {});
    const auto state = solve_network({}, none, 3, 0.1, 46, 1);
    EXPECT_EQ(state.pump_flow, 0);
    EXPECT_NEAR(state.tower_flow, -0.1, 1e-12);
    EXPECT_NEAR(state.town_head, 46 - 200 * 0.01, 1e-9);
}

TEST(ZoneTest, what_flows_in_is_delivered_or_stored) {
    Random random(5);
    Zone zone(monday, random);
    const Controls controls;
    Faults faults;
    const double stored = zone.tower().volume();
    const double mass = zone.chlorine_mass();
    double metered = 0;
    for (int i = 0; i < 86'400; ++i) {
        zone.step(monday + seconds(i), supply, controls, faults, 1, random);
        double flow = zone.metered_flow() + zone.leak_flow();
        for (size_t d = 0; d < Zone::districts; ++d)
            flow += zone.district_flow(d);
        ASSERT_NEAR(flow, zone.demand(), 1e-12);
        ASSERT_NEAR(zone.pump_flow(), zone.demand() + zone.tower_flow(), 1e-12);
        metered += zone.metered_flow();
    }
    EXPECT_NEAR(zone.volume_in() - zone.volume_delivered() - zone.tower().overflow(),
                zone.tower().volume() - stored, 1e-9 * zone.volume_in());
    double meters = 0;
    for (const auto& customer : zone.customers())
        meters += customer.delivered();
    EXPECT_NEAR(meters, metered, 1e-9 * metered);
    EXPECT_NEAR(meters + zone.leaked_volume(), zone.district_volume(), 1e-9 * metered);
    EXPECT_NEAR(zone.chlorine_in() - zone.chlorine_delivered() - zone.chlorine_decayed(),
                zone.chlorine_mass() - mass, 1e-9 * zone.chlorine_in());
    EXPECT_NEAR(zone.volume_delivered(), 19'500, 2'500);
    EXPECT_EQ(zone.shortfall(), 0);
}

TEST(ZoneTest, holds_the_pressure_set_point) {
    Random random(5);
    Zone zone(monday, random);
    const Controls controls;
    Faults faults;
    for (int i = 0; i < 2 * 3600; ++i)
        zone.step(at(10) + seconds(i), supply, controls, faults, 1, random);
    EXPECT_NEAR(zone.header_pressure(), zone.pressure_setpoint(), 0.3);
    EXPECT_GT(zone.critical_pressure(), 10);
}

TEST(ZoneTest, an_empty_works_runs_the_tower_dry_and_counts_the_shortfall) {
    Random random(5);
    Zone zone(monday, random);
    const Controls controls;
    Faults faults;
    auto dry = supply;
    dry.available = 0;
    for (int i = 0; i < 6 * 3600; ++i)
        zone.step(at(10) + seconds(i), dry, controls, faults, 1, random);
    EXPECT_EQ(zone.tower().level(), 0);
    EXPECT_GT(zone.shortfall(), 0);
    EXPECT_NEAR(zone.demand(), 0, 1e-6);
}

}  // namespace
}  // namespace hw::sim

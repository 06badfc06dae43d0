#include "sim/plant/faults.h"

#include <gtest/gtest.h>

#include <memory>

#include "sim/plant/units.h"
#include "sim/plant/waterworks.h"

namespace hw::sim {
namespace {

const Time monday{1'772'409'600'000'000'000};  // 2026-03-02T00:00:00Z

// The same plant twice, one with a fault, after a few hours.
class Twins {
  public:
    Twins() : sound(monday, 7), faulty(monday, 7) {
        for (auto* works : {&sound, &faulty})
            works->faults().set_sensors({"plant1/intake/header/flow",
                                         "plant1/intake/river/turbidity",
                                         "plant1/clearwell/outlet/chlorine"});
    }
    void fault(FaultKind kind, std::string_view target, std::optional<double> amount = {}) {
        const auto on = faulty.faults().turn_on(kind, target, amount, faulty.now());
        ASSERT_TRUE(on) << on.error().text();
    }
    void run(int seconds) {
        for (int i = 0; i < seconds; ++i) {
            sound.step();
            faulty.step();
        }
    }

    Waterworks sound;
    Waterworks faulty;
};

constexpr int hour = 3600;

double balance(const Waterworks& works) {
    return works.raw_volume() - works.losses() - works.zone().volume_in() - works.storage();
}

TEST(FaultsTest, targets_may_be_short_where_they_are_clear) {
    Faults faults;
    const auto on = faults.turn_on(FaultKind::filter_breakthrough, "filter3", std::nullopt, monday);
    ASSERT_TRUE(on);
    EXPECT_EQ((*on)->target, "plant1/filtration/filter3");
    EXPECT_EQ((*on)->amount, 30);
    EXPECT_TRUE(faults.turn_on(FaultKind::pump_wear, "intake/pump2", 30, monday));

    const auto unclear = faults.turn_on(FaultKind::pump_wear, "pump2", 30, monday);
    ASSERT_FALSE(unclear);
    EXPECT_EQ(unclear.error().text(),
              "'pump2' may be plant1/intake/pump2, plant1/highlift/pump2; give more of its path");
    const auto unknown = faults.turn_on(FaultKind::pump_wear, "pump9", 30, monday);
    ASSERT_FALSE(unknown);
    EXPECT_EQ(unknown.error().code(), ErrorCode::not_found);
    EXPECT_FALSE(faults.turn_on(FaultKind::pump_wear, "intake/pump1", 99, monday));
    EXPECT_FALSE(faults.turn_on(FaultKind::stuck_valve, "filter1", 5, monday));
}

TEST(FaultsTest, are_ended_one_or_all_of_a_kind) {
    Faults faults;
    for (const auto* target : {"filter1", "filter2", "filter3"})
        ASSERT_TRUE(faults.turn_on(FaultKind::stuck_valve, target, std::nullopt, monday));
    EXPECT_EQ(faults.turn_off(FaultKind::stuck_valve, "filter2").value_or(0), 1U);
    EXPECT_EQ(faults.turn_off(FaultKind::stuck_valve, "").value_or(0), 2U);
    EXPECT_FALSE(faults.turn_off(FaultKind::stuck_valve, ""));
    EXPECT_FALSE(faults.any());
}

TEST(FaultsTest, an_order_is_read_from_text) {
    const auto order = parse_fault_order("sensor-drift=filter3/turbidity:-12.5");
    ASSERT_TRUE(order);
    EXPECT_EQ(order->kind, FaultKind::sensor_drift);
    EXPECT_EQ(order->target, "filter3/turbidity");
    EXPECT_EQ(order->amount, -12.5);
    EXPECT_FALSE(parse_fault_order("rust=filter3"));
    EXPECT_FALSE(parse_fault_order("pump-wear=intake/pump1:much"));
}

TEST(FaultsTest, a_sensor_drifts_with_time_and_not_without_end) {
    Faults faults;
    faults.set_sensors({"a/level"});
    ASSERT_TRUE(faults.turn_on(FaultKind::sensor_drift, "level", 20, monday));
    EXPECT_EQ(faults.seen("a/level", 2, monday), 2);
    EXPECT_NEAR(faults.seen("a/level", 2, monday + seconds(hour)), 2.4, 1e-12);
    EXPECT_NEAR(faults.seen("a/level", 2, monday + seconds(24 * hour)), 3, 1e-12);
    EXPECT_EQ(faults.seen("b/level", 2, monday + seconds(hour)), 2);
}

TEST(FaultsTest, a_failed_sensor_stands_still) {
    Faults faults;
    faults.set_sensors({"a/level"});
    ASSERT_TRUE(faults.turn_on(FaultKind::sensor_failure, "level", std::nullopt, monday));
    EXPECT_EQ(faults.seen("a/level", 2, monday), 2);
    EXPECT_EQ(faults.seen("a/level", 3, monday + seconds(9)), 2);
    EXPECT_TRUE(faults.failed("a/level"));
}

TEST(FaultEffectTest, a_residual_sensor_that_reads_high_lets_the_chlorine_sink) {
    Twins plant;
    plant.fault(FaultKind::sensor_drift, "outlet/chlorine", 20);
    plant.run(12 * hour);
    EXPECT_LT(plant.faulty.clear_well().chlorine(), plant.sound.clear_well().chlorine() - 0.1);
    EXPECT_LT(plant.faulty.zone().town_chlorine(), plant.sound.zone().town_chlorine());
}

TEST(FaultEffectTest, a_flow_meter_that_reads_low_makes_the_pumps_give_more) {
    Twins plant;
    plant.fault(FaultKind::sensor_drift, "header/flow", -20);
    plant.run(2 * hour);
    EXPECT_GT(plant.faulty.raw_flow(), 1.1 * plant.sound.raw_flow());
}

TEST(FaultEffectTest, a_failed_turbidity_sensor_freezes_the_dose) {
    Twins plant;
    plant.fault(FaultKind::sensor_failure, "river/turbidity");
    plant.run(hour);
    const double dose = plant.faulty.coagulation().setpoint();
    plant.run(6 * hour);
    EXPECT_NEAR(plant.faulty.coagulation().setpoint(), dose, 1e-3);
    EXPECT_NE(plant.sound.coagulation().setpoint(), dose);
}

TEST(FaultEffectTest, a_stuck_filter_valve_loses_flow_as_the_bed_clogs) {
    Twins plant;
    plant.run(2 * hour);
    plant.fault(FaultKind::stuck_valve, "filter4");
    const auto& filter = plant.faulty.gallery().filters()[3];
    const double held = filter.valve();
    ASSERT_GT(held, 0);
    plant.run(10 * hour);
    EXPECT_EQ(filter.valve(), held);
    EXPECT_GT(plant.sound.gallery().filters()[3].valve(), held);
    EXPECT_GT(filter.level(), plant.sound.gallery().filters()[3].level() + 0.1);
}

TEST(FaultEffectTest, a_stuck_desludging_valve_lets_the_blanket_rise) {
    Twins plant;
    plant.run(hour / 2);
    plant.fault(FaultKind::stuck_valve, "sedimentation/tank2");
    plant.run(24 * hour);
    EXPECT_FALSE(plant.faulty.settling(1).desludging());
    EXPECT_GT(plant.faulty.settling(1).blanket(), 1.5 * plant.sound.settling(1).blanket());
}

TEST(FaultEffectTest, a_stuck_main_valve_does_not_follow) {
    Twins plant;
    plant.fault(FaultKind::stuck_valve, "header/valve");
    plant.sound.controls().raw_valve = 0.3;
    plant.faulty.controls().raw_valve = 0.3;
    plant.run(hour / 2);
    EXPECT_EQ(plant.faulty.raw_valve(), 1);
    EXPECT_NEAR(plant.sound.raw_valve(), 0.3, 1e-9);
    EXPECT_LT(plant.sound.raw_flow(), plant.faulty.raw_flow());
}

TEST(FaultEffectTest, a_worn_pump_gives_less_for_more_power_and_shakes) {
    Twins plant;
    plant.fault(FaultKind::pump_wear, "highlift/pump1", 30);
    plant.run(hour / 4);
    const auto& worn = plant.faulty.zone().pumps().pumps()[0];
    const auto& sound = plant.sound.zone().pumps().pumps()[0];
    ASSERT_TRUE(worn.running() && sound.running());
    EXPECT_LT(worn.flow(), sound.flow());
    EXPECT_GT(worn.power() / std::max(1e-3, worn.flow()), 1.2 * sound.power() / sound.flow());
    EXPECT_GT(worn.vibration(), sound.vibration() + 1.5);
    // The station makes up for it: pressure stays.
    EXPECT_NEAR(plant.faulty.zone().header_pressure(), plant.faulty.zone().pressure_setpoint(), 2);
}

TEST(FaultEffectTest, a_cracked_filter_lets_turbidity_through) {
    Twins plant;
    plant.run(2 * hour);
    plant.fault(FaultKind::filter_breakthrough, "filter5", 40);
    plant.run(10);
    EXPECT_GT(plant.faulty.gallery().filters()[4].turbidity(),
              4 * plant.sound.gallery().filters()[4].turbidity());
    EXPECT_GT(plant.faulty.gallery().filtered().turbidity,
              plant.sound.gallery().filtered().turbidity);
}

TEST(FaultEffectTest, a_burst_main_shows_in_the_balance_of_its_district) {
    Twins plant;
    plant.run(hour);
    plant.fault(FaultKind::burst_main, "d1", 30);
    plant.run(hour / 2);
    const auto& zone = plant.faulty.zone();
    EXPECT_GT(zone.inlet_flow(), plant.sound.zone().inlet_flow() + litres_per_second(20));
    EXPECT_NEAR(zone.metered_flow(), plant.sound.zone().metered_flow(), 1e-6);
    EXPECT_LT(zone.town_pressure(), plant.sound.zone().town_pressure());
    EXPECT_GT(zone.burst_flow(), litres_per_second(20));
    plant.run(3 * hour);
    EXPECT_LT(zone.tower().level(), plant.sound.zone().tower().level());
}

TEST(FaultEffectTest, a_stuck_tower_valve_overfills_the_tower) {
    Twins plant;
    plant.fault(FaultKind::stuck_valve, "tower");
    for (auto* works : {&plant.sound, &plant.faulty}) {
        works->controls().pressure_automatic = false;
        works->controls().pressure = 64;
    }
    plant.run(12 * hour);
    EXPECT_EQ(plant.sound.zone().tower().overflow(), 0);
    EXPECT_GT(plant.faulty.zone().tower().overflow(), 0);
}

TEST(FaultEffectTest, faults_keep_the_mass_balance) {
    Twins plant;
    const double before = balance(plant.faulty);
    plant.fault(FaultKind::burst_main, "d3", 60);
    plant.fault(FaultKind::stuck_valve, "filter2");
    plant.fault(FaultKind::stuck_valve, "sedimentation/tank1");
    plant.fault(FaultKind::pump_wear, "intake/pump1", 40);
    plant.fault(FaultKind::filter_breakthrough, "filter6");
    plant.run(24 * hour);
    EXPECT_NEAR(balance(plant.faulty), before, 1e-9 * plant.faulty.raw_volume());
    const auto& zone = plant.faulty.zone();
    EXPECT_NEAR(zone.demand(), zone.pump_flow() - zone.tower_flow(), 1e-9);
}

}  // namespace
}  // namespace hw::sim

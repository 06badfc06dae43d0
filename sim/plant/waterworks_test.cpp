#include "sim/plant/waterworks.h"

#include <gtest/gtest.h>

#include "sim/plant/units.h"

namespace hw::sim {
namespace {

const Time monday{1'772'409'600'000'000'000};  // 2026-03-02T00:00:00Z

void run(Waterworks& works, int hours) {
    for (int i = 0; i < hours * 3600; ++i)
        works.step();
}

// Two days of one plant, looked at by several tests.
class WaterworksTest : public testing::Test {
  protected:
    static void SetUpTestSuite() {
        works_ = new Waterworks(monday, 7);
        storage_ = works_->storage();
        chlorine_ = works_->clear_well().chlorine_mass();
        run(*works_, 48);
    }
    static void TearDownTestSuite() { delete works_; }

    static inline Waterworks* works_ = nullptr;
    static inline double storage_ = 0;
    static inline double chlorine_ = 0;
};

TEST_F(WaterworksTest, water_in_is_water_out_or_in_store) {
    const double change = works_->raw_volume() - works_->losses() - works_->zone().volume_in();
    EXPECT_NEAR(change, works_->storage() - storage_, 1e-9 * works_->raw_volume());
    EXPECT_NEAR(works_->raw_volume() / 2, 20'000, 3'000);
    EXPECT_LT(works_->losses(), 0.06 * works_->raw_volume());
}

TEST_F(WaterworksTest, chlorine_dosed_is_consumed_delivered_or_in_store) {
    const auto& well = works_->clear_well();
    EXPECT_NEAR(
        works_->chlorination().chlorine_used() - well.chlorine_consumed() - well.chlorine_out(),
        well.chlorine_mass() - chlorine_, 1e-9 * works_->chlorination().chlorine_used());
    EXPECT_NEAR(well.chlorine(), 0.8, 0.1);
    EXPECT_GT(well.ct(), 15);
}

TEST_F(WaterworksTest, sludge_made_is_removed_or_in_the_hopper) {
    for (size_t i = 0; i < 2; ++i) {
        const auto& tank = works_->settling(i);
        EXPECT_NEAR(180 + tank.sludge_made() - tank.sludge_removed(), tank.sludge_mass(),
                    1e-9 * 1e3);
        EXPECT_NEAR(tank.level(), SettlingTank::weir_crest + 0.03, 0.05);
    }
}

TEST_F(WaterworksTest, uses_a_third_of_a_kilowatt_hour_a_cubic_metre) {
    EXPECT_NEAR(works_->total_energy() / works_->zone().volume_in(), 0.32, 0.08);
    EXPECT_NEAR(works_->specific_energy(), 0.35, 0.15);
}

TEST_F(WaterworksTest, makes_drinking_water) {
    EXPECT_LT(works_->gallery().filtered().turbidity, 0.3);
    EXPECT_GT(works_->settling(0).out().turbidity, 0.8);
    EXPECT_LT(works_->settling(0).out().turbidity, 3.5);
    EXPECT_NEAR(works_->clear_well().ph(), 7.5, 0.4);
    EXPECT_GT(works_->flocculation().camp_number(), 20'000);
    EXPECT_LT(works_->flocculation().camp_number(), 200'000);
}

TEST_F(WaterworksTest, washes_its_filters) {
    for (const auto& filter : works_->gallery().filters())
        EXPECT_GE(filter.washes(), 1);
}

TEST(WaterworksSeedTest, the_seed_gives_the_plant) {
    Waterworks one(monday, 42);
    Waterworks same(monday, 42);
    Waterworks other(monday, 43);
    run(one, 1);
    run(same, 1);
    run(other, 1);
    EXPECT_EQ(one.raw_volume(), same.raw_volume());
    EXPECT_EQ(one.zone().volume_delivered(), same.zone().volume_delivered());
    EXPECT_EQ(one.river().turbidity(), same.river().turbidity());
    EXPECT_NE(one.zone().volume_delivered(), other.zone().volume_delivered());
}

TEST(WaterworksSeedTest, levels_stay_bounded_for_any_seed) {
    for (uint64_t seed = 1; seed <= 2; ++seed) {
        Waterworks works(monday + seconds(static_cast<int64_t>(seed) * 80 * 86'400), seed);
        for (int i = 0; i < 24 * 3600; ++i) {
            works.step();
            ASSERT_GE(works.clear_well().tank().level(), 0.5) << "seed " << seed;
            ASSERT_LE(works.clear_well().tank().level(), 4.0) << "seed " << seed;
            ASSERT_GE(works.zone().tower().level(), 0.5) << "seed " << seed;
            ASSERT_LE(works.zone().tower().level(), 6.0) << "seed " << seed;
        }
        EXPECT_EQ(works.zone().shortfall(), 0);
    }
}

TEST(CoagulationTest, the_dose_follows_the_turbidity) {
    EXPECT_NEAR(coagulant_setpoint(5), 15.8, 0.1);
    EXPECT_NEAR(coagulant_setpoint(50), 32.7, 0.1);
    EXPECT_EQ(coagulation_penalty(20, 20), 1);
    EXPECT_NEAR(coagulation_penalty(10, 20), 1.4, 1e-12);
    Coagulation dosing;
    const Water raw{.flow = 0.23, .turbidity = 30, .temperature = 12, .ph = 7.7};
    const double stored = dosing.tank_volume(0);
    for (int i = 0; i < 3600; ++i)
        dosing.step(raw, 30, std::nullopt, 1);
    EXPECT_NEAR(dosing.dose(), coagulant_setpoint(30), 0.01);
    EXPECT_LT(dosing.out().ph, raw.ph);
    EXPECT_NEAR((stored - dosing.tank_volume(0)) * Coagulation::solution_strength / 1000,
                dosing.alum_used(), 1e-9);
}

TEST(FlocculationTest, carries_the_turbidity_through) {
    Flocculation stages(10, 12);
    const Controls controls;
    const double before = stages.turbidity_mass();
    double in = 0;
    double out = 0;
    for (int i = 0; i < 3600; ++i) {
        in += 0.23 * 25;
        stages.step({.flow = 0.23, .turbidity = 25, .temperature = 12, .ph = 7.4}, controls.paddles,
                    1);
        out += 0.23 * stages.out().turbidity;
    }
    EXPECT_NEAR(in - out, stages.turbidity_mass() - before, 1e-9 * in);
    EXPECT_GT(stages.stage(0).gradient, stages.stage(2).gradient);
}

TEST(AnalyzerTest, stands_still_while_it_is_cleaned) {
    Random random(9);
    Analyzer analyzer(1, random);
    int bad = 0;
    int uncertain = 0;
    for (int i = 0; i < 5 * 86'400; ++i) {
        const double held = analyzer.value();
        analyzer.step(1 + i * 1e-5, 1, random);
        if (analyzer.trust() == Trust::bad) {
            EXPECT_EQ(analyzer.value(), held);
        }
        bad += analyzer.trust() == Trust::bad ? 1 : 0;
        uncertain += analyzer.trust() == Trust::uncertain ? 1 : 0;
    }
    EXPECT_GT(bad, 1000);
    EXPECT_LT(bad, 40'000);
    EXPECT_GT(uncertain, 300);
}

}  // namespace
}  // namespace hw::sim

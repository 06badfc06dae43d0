#include "sim/plant/controls.h"

#include <gtest/gtest.h>

#include "sim/plant/units.h"
#include "sim/plant/waterworks.h"

namespace hw::sim {
namespace {

const Time monday{1'772'409'600'000'000'000};  // 2026-03-02T00:00:00Z

class ControlsTest : public testing::Test {
  protected:
    void run(int seconds) {
        for (int i = 0; i < seconds; ++i)
            works_.step();
    }
    Controls& controls() { return works_.controls(); }

    Waterworks works_{monday, 7};
};

TEST_F(ControlsTest, the_throughput_is_held_where_it_was_set) {
    controls().raw_flow_automatic = false;
    controls().raw_flow = 0.180;
    run(1800);
    EXPECT_EQ(works_.raw_setpoint(), 0.180);
    EXPECT_NEAR(works_.raw_flow(), 0.180, 0.003);
    controls().raw_flow_automatic = true;
    run(1800);
    EXPECT_GT(works_.raw_setpoint(), 0.180);
}

TEST_F(ControlsTest, a_pump_in_manual_runs_and_stands_as_told) {
    controls().raw_pumps[0] = {.automatic = false, .run = false, .speed = 0.8};
    run(60);
    EXPECT_FALSE(works_.intake().pumps()[0].running());
    EXPECT_EQ(works_.intake().pumps()[0].flow(), 0);
    controls().raw_pumps[0].run = true;
    run(60);
    EXPECT_TRUE(works_.intake().pumps()[0].running());
    EXPECT_NEAR(works_.intake().pumps()[0].speed(), 0.8, 1e-9);
}

TEST_F(ControlsTest, all_pumps_off_is_no_water_and_no_nonsense) {
    for (auto& pump : controls().raw_pumps)
        pump = {.automatic = false, .run = false};
    run(1800);
    EXPECT_EQ(works_.raw_flow(), 0);
    EXPECT_EQ(works_.intake().power(), 0);
    EXPECT_TRUE(std::isfinite(works_.settling(0).out().turbidity));
    EXPECT_TRUE(std::isfinite(works_.clear_well().chlorine()));
    EXPECT_TRUE(std::isfinite(works_.flocculation().camp_number()));
}

TEST_F(ControlsTest, the_alum_dose_is_held_and_off_doses_settle_worse) {
    Waterworks other(monday, 7);
    controls().alum_automatic = false;
    controls().alum = 5;
    for (int i = 0; i < 4 * 3600; ++i) {
        works_.step();
        other.step();
    }
    EXPECT_NEAR(works_.coagulation().dose(), 5, 0.01);
    EXPECT_GT(works_.settling(0).out().turbidity, other.settling(0).out().turbidity);
}

TEST_F(ControlsTest, still_paddles_make_bad_flocs) {
    EXPECT_EQ(works_.flocculation().penalty(), 1);
    controls().paddles = {0.5, 0.4, 0.3};
    run(10);
    EXPECT_GT(works_.flocculation().penalty(), 1.2);
}

TEST_F(ControlsTest, a_filter_gives_the_flow_that_is_asked) {
    controls().filters[2] = {.automatic = false, .flow = 0.030};
    run(600);
    EXPECT_NEAR(works_.gallery().filters()[2].through_flow(), 0.030, 1e-9);
    EXPECT_GT(works_.gallery().filters()[2].level(), works_.gallery().filters()[3].level());
}

TEST_F(ControlsTest, a_wash_begins_when_it_is_asked_for) {
    run(1);
    while (works_.gallery().filters()[0].state() != FilterState::filtering)
        works_.step();
    controls().filters[2].wash = true;
    run(2);
    // Another may just be in wash: then it waits its turn.
    for (int i = 0; i < 3 * 3600 && controls().filters[2].wash; ++i)
        works_.step();
    EXPECT_FALSE(controls().filters[2].wash);
    EXPECT_EQ(works_.gallery().filters()[2].state(), FilterState::draining);
}

TEST_F(ControlsTest, a_tank_is_desludged_when_it_is_asked_for) {
    run(1800);
    ASSERT_FALSE(works_.settling(0).desludging());
    controls().desludge[0] = true;
    run(2);
    EXPECT_TRUE(works_.settling(0).desludging());
    EXPECT_FALSE(controls().desludge[0]);
}

TEST_F(ControlsTest, the_residual_follows_its_set_point_and_the_dose_its_order) {
    controls().residual = 0.5;
    run(36 * 3600);
    EXPECT_NEAR(works_.clear_well().chlorine(), 0.5, 0.1);
    controls().chlorine_automatic = false;
    controls().chlorine = 2.0;
    run(10);
    EXPECT_EQ(works_.chlorination().dose(), 2.0);
}

TEST_F(ControlsTest, the_clear_well_goes_to_its_level) {
    controls().well_level = 1.6;
    run(36 * 3600);
    EXPECT_LT(works_.clear_well().tank().level(), 2.3);
}

TEST_F(ControlsTest, the_header_holds_the_pressure_that_was_set) {
    controls().pressure_automatic = false;
    controls().pressure = 48;
    run(3600);
    EXPECT_NEAR(works_.zone().pressure_setpoint(), 48, 1e-9);
    EXPECT_NEAR(works_.zone().header_pressure(), 48, 1);
}

}  // namespace
}  // namespace hw::sim

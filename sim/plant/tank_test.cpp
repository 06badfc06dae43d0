#include "sim/plant/tank.h"

#include <gtest/gtest.h>

#include "sim/plant/controller.h"
#include "sim/plant/mixed_volume.h"

namespace hw::sim {
namespace {

TEST(TankTest, keeps_the_balance_of_volume) {
    Tank tank(100, 4, 2);
    double in = 0;
    double out = 0;
    for (int i = 0; i < 10'000; ++i) {
        const double inflow = i % 4000 < 2000 ? 0.5 : 0.0;
        out += tank.step(inflow, 0.2, 1);
        in += inflow;
        ASSERT_GE(tank.level(), 0);
        ASSERT_LE(tank.level(), 4);
    }
    EXPECT_NEAR(in - out - tank.overflow(), tank.volume() - 200, 1e-9);
    EXPECT_GT(tank.overflow(), 0);
}

TEST(TankTest, gives_no_more_than_it_has) {
    Tank tank(10, 2, 0.1);
    EXPECT_NEAR(tank.step(0, 5, 1), 1.0, 1e-12);
    EXPECT_EQ(tank.volume(), 0);
    EXPECT_NEAR(tank.step(0.3, 5, 1), 0.3, 1e-12);
    EXPECT_EQ(tank.step(0, 5, 1), 0);
}

TEST(TankTest, counts_what_spills) {
    Tank tank(10, 2, 1.9);
    tank.step(3, 0, 1);
    EXPECT_NEAR(tank.spilled(), 2, 1e-12);
    EXPECT_NEAR(tank.level(), 2, 1e-12);
    tank.step(0, 1, 1);
    EXPECT_EQ(tank.spilled(), 0);
    EXPECT_NEAR(tank.overflow(), 2, 1e-12);
}

TEST(MixedVolumeTest, keeps_the_mass) {
    MixedVolume mixed(50, 1.5);
    double in = 75;
    double out = 0;
    for (int i = 0; i < 1000; ++i) {
        out += mixed.step(0.2, 4, 0.21, 1);
        out += mixed.decay(1e-4, 1);
        in += 0.2 * 4;
    }
    EXPECT_NEAR(in - out, mixed.mass(), 1e-9);
    EXPECT_NEAR(mixed.volume(), 40, 1e-9);
}

TEST(MixedVolumeTest, settles_at_the_inflow) {
    MixedVolume mixed(10, 0);
    for (int i = 0; i < 1000; ++i)
        mixed.step(0.2, 4, 0.2, 1);
    EXPECT_NEAR(mixed.concentration(), 4, 1e-6);
}

TEST(PiControllerTest, does_not_wind_up) {
    PiController control({.proportional = 0.1, .integral = 0.1, .least = 0, .most = 1}, 0.5);
    for (int i = 0; i < 1000; ++i)
        EXPECT_LE(control.step(10, 1), 1);
    for (int i = 0; i < 20; ++i)
        control.step(-1, 1);
    EXPECT_EQ(control.step(-1, 1), 0);
}

}  // namespace
}  // namespace hw::sim

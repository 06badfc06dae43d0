#include "physics/calibrate.h"

#include <gtest/gtest.h>

#include <cmath>

#include "physics/test_works.h"

namespace hw::physics {
namespace {

constexpr Duration week = seconds(7 * 86'400);

Forecast week_of(const Works& works) {
    auto made = forecast(works, test_state(works), {}, {.start = test_start, .horizon = week});
    EXPECT_TRUE(made) << made.error().text();
    return std::move(*made);
}

// What an operator's data sheet has of the test works: sizes, no curves.
Works sheet_of(const Works& works) {
    Works sheet;
    for (const auto& pump : works.raw_station.pumps)
        sheet.raw_station.pumps.push_back({.name = pump.name, .curve = {}});
    for (const auto& pump : works.high_lift.pumps)
        sheet.high_lift.pumps.push_back({.name = pump.name, .curve = {}});
    sheet.filters.names = works.filters.names;
    sheet.filters.beds.resize(works.filters.beds.size());
    sheet.clear_well.full = 4;
    sheet.tower.full = 6;
    sheet.filters.wash_tank.full = 4;
    sheet.network.low_level_stop = 0.2;
    return sheet;
}

TEST(Calibrate, FindsTheParametersUnderNoise) {
    const Works works = test_works();
    const auto data = observe(works, week_of(works), 1, 7);
    const auto made = calibrate(data, sheet_of(works));
    ASSERT_TRUE(made) << made.error().text();
    const auto& found = made->works;
    EXPECT_NEAR(found.clear_well.area, 1000, 20);
    EXPECT_NEAR(found.tower.area, 250, 5);
    EXPECT_NEAR(found.filters.wash_tank.area, 60, 3);
    EXPECT_NEAR(found.raw_main.lift, 12, 0.3);
    EXPECT_NEAR(found.network.base, 42, 0.3);
    EXPECT_NEAR(found.network.trunk, 150, 8);
    EXPECT_NEAR(found.network.riser, 200, 20);
    EXPECT_NEAR(found.pressure.slope, -2.5, 0.02);
    EXPECT_NEAR(found.pressure.at_zero, 62.5, 0.1);
    EXPECT_DOUBLE_EQ(found.throughput.every, 900);
    EXPECT_NEAR(found.throughput.quantum, 0.005, 1e-6);
    EXPECT_NEAR(found.filters.fill_flow, 0.022, 1e-4);
    // Curves as a whole: within one per cent of head and three of power where the pumps work.
    for (size_t i = 0; i < 2; ++i) {
        const auto& is = found.high_lift.pumps[i].curve;
        const auto& was = works.high_lift.pumps[i].curve;
        for (const double q : {0.09, 0.11, 0.13}) {
            const double head = was.head(q, 0.93);
            EXPECT_NEAR(is.head(q, 0.93), head, 0.01 * head) << i << " " << q;
            EXPECT_NEAR(is.power(q, head, 0.93), was.power(q, head, 0.93),
                        0.03 * was.power(q, head, 0.93));
        }
    }
    for (const auto& report : made->reports)
        EXPECT_FALSE(report.what.empty());
}

TEST(Calibrate, AForecastFromWhatWasFoundFollowsTheWorks) {
    const Works works = test_works();
    auto eight = forecast(works, test_state(works), {},
                          {.start = test_start, .horizon = seconds(8 * 86'400)});
    ASSERT_TRUE(eight);
    auto data = observe(works, *eight, 1, 11);
    data.rows = 7 * 1440 + 1;
    auto made = calibrate(data, sheet_of(works));
    ASSERT_TRUE(made) << made.error().text();
    const auto state = state_at(data, data.rows - 1, made->works);
    ASSERT_TRUE(state) << state.error().text();
    const auto next = forecast(made->works, *state, {}, {.start = data.time(data.rows - 1)});
    ASSERT_TRUE(next);
    double well = 0, tower = 0, energy = 0;
    for (size_t row = 1; row < next->rows; ++row) {
        const size_t at = data.rows - 1 + row;
        well += std::pow(next->find("clear_well.level")->values[row] -
                             eight->find("clear_well.level")->values[at],
                         2);
        tower += std::pow(
            next->find("tower.level")->values[row] - eight->find("tower.level")->values[at], 2);
        energy += eight->find("power.total")->values[at] / 60;
    }
    EXPECT_LT(std::sqrt(well / 1440), 0.2);
    EXPECT_LT(std::sqrt(tower / 1440), 0.2);
    EXPECT_NEAR(next->totals.energy, energy, 0.03 * energy);
}

TEST(Calibrate, TheSheetWins) {
    const Works works = test_works();
    const auto data = observe(works, week_of(works), 1, 3);
    auto sheet = sheet_of(works);
    sheet.tower.area = 260;
    sheet.raw_main = {.lift = 11, .resistance = 100};
    const auto made = calibrate(data, sheet);
    ASSERT_TRUE(made) << made.error().text();
    EXPECT_DOUBLE_EQ(made->works.tower.area, 260);
    EXPECT_DOUBLE_EQ(made->works.raw_main.lift, 11);
}

TEST(Calibrate, RefusesTooFewDataWithAReason) {
    const Works works = test_works();
    auto data = observe(works, week_of(works), 1, 3);
    data.rows = 30;
    const auto made = calibrate(data, sheet_of(works));
    ASSERT_FALSE(made);
    EXPECT_NE(made.error().text().find("longer history"), std::string::npos) << made.error().text();
    auto unbound = observe(works, week_of(works), 1, 3);
    unbound.raw_setpoint = {};
    const auto missing = calibrate(unbound, sheet_of(works));
    ASSERT_FALSE(missing);
    EXPECT_NE(missing.error().text().find("set-point"), std::string::npos);
    unbound = observe(works, week_of(works), 1, 3);
    auto kept = works;
    unbound.tower_level = {};
    const auto state = state_at(unbound, 1000, kept);
    ASSERT_FALSE(state);
    EXPECT_NE(state.error().text().find("tower"), std::string::npos);
}

TEST(Fit, OutliersWeighNothing) {
    LinearFit fit(2);
    Random random(1);
    for (int i = 0; i < 400; ++i) {
        const double x = i / 100.0;
        const double y = i % 10 == 0 ? 50 : 3 - 2 * x + 0.01 * random.normal();
        fit.add({1, x}, y);
    }
    const auto found = fit.solve("line", "m", 10);
    ASSERT_TRUE(found) << found.error().text();
    EXPECT_NEAR(found->value[0], 3, 0.01);
    EXPECT_NEAR(found->value[1], -2, 0.01);
    EXPECT_EQ(found->report.left_out, 40U);
    EXPECT_GT(found->report.confidence, 0.8);
    EXPECT_NEAR(found->report.rmse, 0.01, 0.003);
}

TEST(Fit, SaysWhatItLacks) {
    LinearFit few(1);
    few.add({1}, 2);
    EXPECT_NE(few.solve("pump", "m", 10).error().text().find("at least 10"), std::string::npos);
    LinearFit same(2);
    for (int i = 0; i < 50; ++i)
        same.add({1, 2}, 3);
    EXPECT_NE(same.solve("pump", "m", 10).error().text().find("apart"), std::string::npos);
    LinearFit broken(1);
    broken.add({std::nan("")}, 1);
    broken.add({1}, INFINITY);
    EXPECT_EQ(broken.size(), 0U);
}

TEST(Fit, QuantilesOfNothing) {
    EXPECT_EQ(median({}), 0);
    EXPECT_EQ(quantile({3, 1, 2}, 0), 1);
    EXPECT_EQ(quantile({3, 1, 2}, 1), 3);
    EXPECT_EQ(median({3, 1, 2}), 2);
}

}  // namespace
}  // namespace hw::physics

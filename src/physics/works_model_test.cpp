#include "physics/works_model.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "physics/root.h"
#include "physics/test_works.h"
#include "physics/units.h"

namespace hw::physics {
namespace {

constexpr double day = 86'400;

Forecast run(const Works& works, const WorksInputs& inputs = {},
             const std::function<void(WorksState&)>& change = {}, Duration step = seconds(60)) {
    auto state = test_state(works);
    if (change) change(state);
    auto made = forecast(works, state, inputs, {.start = test_start, .step = step});
    EXPECT_TRUE(made) << made.error().text();
    return std::move(*made);
}

const std::vector<double>& values(const Forecast& forecast, std::string_view key) {
    const auto* series = forecast.find(key);
    EXPECT_NE(series, nullptr) << key;
    return series->values;
}

double event_time(const Forecast& forecast, std::string_view key) {
    for (const auto& event : forecast.events)
        if (event.key == key) return event.time;
    ADD_FAILURE() << "no event " << key;
    return -1;
}

TEST(WorksModel, LosesNoWater) {
    const Works works = test_works();
    for (const double flow : {0.0, 0.12, 0.30}) {
        WorksInputs inputs;
        if (flow > 0) inputs.raw_setpoint.add(0, day, flow);
        const auto made = run(works, inputs);
        EXPECT_LT(std::abs(made.totals.mass_residual), 1e-9) << flow;
        EXPECT_GT(made.totals.raw_volume, 8'000);
    }
}

TEST(WorksModel, EnergyIsTheIntegralOfPower) {
    const auto made = run(test_works());
    double sum = 0;
    for (const auto& key : {"raw.power", "high_lift.power", "power.total"}) {
        sum = 0;
        const auto& power = values(made, key);
        for (size_t row = 1; row < made.rows; ++row)
            sum += power[row] / 60;
        const double total = std::string_view(key) == "raw.power" ? made.totals.raw_energy
                             : std::string_view(key) == "high_lift.power"
                                 ? made.totals.high_lift_energy
                                 : made.totals.energy;
        EXPECT_NEAR(sum, total, 1e-9 * total) << key;
    }
    EXPECT_NEAR(made.totals.energy,
                made.totals.raw_energy + made.totals.high_lift_energy + made.totals.other_energy,
                1e-6);
}

TEST(WorksModel, CostFollowsThePriceOfTheHour) {
    WorksInputs inputs;
    inputs.price.add(0, day / 2, 0.10);
    inputs.price.add(day / 2, day, 0.30);
    const auto made = run(test_works(), inputs);
    const auto& power = values(made, "power.total");
    double cost = 0;
    for (size_t row = 1; row < made.rows; ++row)
        cost += power[row] / 60 * (row <= 720 ? 0.10 : 0.30);
    EXPECT_NEAR(made.totals.cost, cost, 1e-6 * cost);
}

TEST(WorksModel, AFullTankOverflowsFromTheVeryMoment) {
    Works works = test_works();
    // Nothing leaves the clear well: its level rises by the inflow alone.
    WorksInputs inputs;
    inputs.raw_setpoint.add(0, day, 0.15);
    inputs.high_lift_pumps.resize(3);
    for (auto& pump : inputs.high_lift_pumps)
        pump.available.add(0, day, 0);
    works.sludge_flow = 0;
    const auto made = run(works, inputs, [](WorksState& state) {
        state.wash_tank_level = 3.65;
        for (auto& filter : state.filters)
            filter = {.phase = FilterPhase::filtering, .box = 45};
    });
    const double full = event_time(made, "clear_well.full");
    EXPECT_NEAR(full, (4.0 - 2.8) * 1000 / 0.15, 1e-3);
    EXPECT_DOUBLE_EQ(made.totals.clear_well.most, 4.0);
    EXPECT_NEAR(made.totals.clear_well.overflow, 0.15 * (day - full), 1.0);
    EXPECT_LT(std::abs(made.totals.mass_residual), 1e-9);
    EXPECT_FALSE(made.warnings.empty());
}

TEST(WorksModel, AnEmptyTowerIsEmptyAtTheVeryMoment) {
    Works works = test_works();
    works.demand.pattern.value.fill(0.1);
    WorksInputs inputs;
    inputs.high_lift_pumps.resize(3);
    for (auto& pump : inputs.high_lift_pumps)
        pump.available.add(0, day, 0);
    const auto made = run(works, inputs);
    const double empty = 4.4 * 250 / 0.1;
    EXPECT_NEAR(event_time(made, "tower.empty"), empty, 1e-3);
    EXPECT_NEAR(made.totals.tower.least, 0, 1e-9);
    EXPECT_NEAR(made.totals.shortfall, 0.1 * (day - empty), 1e-3);
    EXPECT_LT(std::abs(made.totals.mass_residual), 1e-9);
}

TEST(WorksModel, ALowClearWellStopsThePumpsAtItsLevel) {
    WorksInputs inputs;
    inputs.raw_pumps.resize(2);
    for (auto& pump : inputs.raw_pumps)
        pump.available.add(0, day, 0);
    const auto made = run(test_works(), inputs);
    event_time(made, "high_lift.interlock");
    EXPECT_NEAR(made.totals.clear_well.least, 0.2, 0.02);
    EXPECT_LT(std::abs(made.totals.mass_residual), 1e-9);
}

TEST(WorksModel, AShutFloatValveKeepsTheTowerFromOverflowing) {
    WorksInputs inputs;
    inputs.pressure.add(0, day, 57);
    inputs.raw_setpoint.add(0, day, 0.22);
    const auto made = run(test_works(), inputs);
    EXPECT_LT(made.totals.tower.most, 5.9);
    EXPECT_GT(made.totals.tower.most, 5.7);
    EXPECT_EQ(made.totals.tower.overflow, 0);
    EXPECT_LT(std::abs(made.totals.mass_residual), 1e-9);
}

TEST(WorksModel, SteadyFlowMeetsTheSetPoint) {
    WorksInputs inputs;
    inputs.raw_setpoint.add(0, day, 0.180);
    const auto made = run(test_works(), inputs);
    const auto& flow = values(made, "raw.flow");
    const auto& head = values(made, "raw.head");
    EXPECT_NEAR(flow[600], 0.180, 1e-6);
    EXPECT_NEAR(head[600], 12 - 1.2 + 90 * 0.18 * 0.18, 1e-6);
}

TEST(WorksModel, FiltersAreWashedAndComeBack) {
    const auto made = run(test_works());
    EXPECT_GE(made.totals.washes, 1);
    const double washed = made.totals.wash_volume / 0.278 / 480;
    EXPECT_NEAR(washed, static_cast<double>(made.totals.washes), 1.01);
    EXPECT_GT(made.totals.waste_volume, made.totals.wash_volume * 0.5);
}

TEST(WorksModel, AFinerStepTellsTheSame) {
    const auto coarse = run(test_works(), {}, {}, seconds(60));
    const auto fine = run(test_works(), {}, {}, seconds(15));
    EXPECT_NEAR(coarse.totals.energy, fine.totals.energy, 0.005 * fine.totals.energy);
    EXPECT_NEAR(coarse.totals.tower.end, fine.totals.tower.end, 0.05);
}

TEST(WorksModel, RefusesWhatCannotBe) {
    Works works = test_works();
    const auto state = test_state(works);
    const ForecastOptions options{.start = test_start};
    works.clear_well.area = 0;
    auto made = forecast(works, state, {}, options);
    ASSERT_FALSE(made);
    EXPECT_NE(made.error().text().find("clear well"), std::string::npos);
    works = test_works();
    works.raw_station.pumps.pop_back();
    EXPECT_FALSE(forecast(works, state, {}, options));
    works = test_works();
    EXPECT_EQ(forecast(works, state, {}, {.start = test_start, .horizon = seconds(100'000'000)})
                  .error()
                  .code(),
              ErrorCode::limit_exceeded);
    ForecastOptions stopped = options;
    stopped.stop = [](double share) { return share > 0.5; };
    EXPECT_EQ(forecast(works, state, {}, stopped).error().code(), ErrorCode::cancelled);
}

TEST(Pump, AffinityLawsHold) {
    const auto curve = test_works().high_lift.pumps[0].curve;
    for (const double s : {0.6, 0.8, 1.0}) {
        EXPECT_NEAR(curve.head(0.15 * s, s), curve.head(0.15, 1) * s * s, 1e-12);
        EXPECT_NEAR(curve.power(0.15 * s, curve.head(0.15 * s, s), s),
                    curve.power(0.15, curve.head(0.15, 1), 1) * s * s * s, 1e-9);
        EXPECT_NEAR(curve.flow(curve.head(0.15 * s, s), s), 0.15 * s, 1e-12);
    }
    const double best = curve.best_flow();
    EXPECT_GT(curve.efficiency(best, 1), curve.efficiency(best * 0.9, 1));
    EXPECT_GT(curve.efficiency(best, 1), curve.efficiency(best * 1.1, 1));
    EXPECT_NEAR(curve.power(best, 50, 1), water_power(best, 50) / curve.best_efficiency(), 1e-9);
}

TEST(Station, AnotherPumpStartsAtTheTopOfTheSpeed) {
    const auto works = test_works();
    Station station(works.high_lift);
    station.pumps()[0].running = true;
    const auto system = [](double q) { return 45 + 150 * q * q; };
    station.settle(0.26, system, {}, false);
    EXPECT_TRUE(station.point().short_of);
    EXPECT_NEAR(station.point().head, system(station.point().flow), 1e-5);
    EXPECT_NEAR(station.until_change(), 60, 1e-9);
    EXPECT_TRUE(station.pass(60, {}, false));
    EXPECT_EQ(station.running(), 2U);
    station.settle(0.26, system, {}, false);
    EXPECT_FALSE(station.point().short_of);
    EXPECT_NEAR(station.point().flow, 0.26, 1e-6);
    // Little is wanted: one of them stops after ten minutes.
    station.settle(0.1, system, {}, false);
    EXPECT_NEAR(station.until_change(), 600, 1e-9);
    EXPECT_TRUE(station.pass(600, {}, false));
    EXPECT_EQ(station.running(), 1U);
}

TEST(Root, FindsTheCrossing) {
    EXPECT_NEAR(falling_root(0, 10, 1e-12, [](double x) { return 2 - x * x; }), std::sqrt(2), 1e-9);
    EXPECT_EQ(falling_root(0, 1, 1e-9, [](double) { return -1.0; }), 0);
    EXPECT_EQ(falling_root(0, 1, 1e-9, [](double) { return 1.0; }), 1);
    // A wall: flat up to 0.2, then nearly upright.
    const auto wall = [](double x) { return 1 - (x > 0.2 ? (x - 0.2) * (x - 0.2) * 1e12 : 0.0); };
    EXPECT_NEAR(falling_root(0, 1, 1e-9, wall), 0.2 + 1e-6, 1e-8);
}

TEST(Curve, PolyLineScheduleAndWeek) {
    const PolyLine line{{0, 1, 3}, {0, 2, 0}};
    EXPECT_DOUBLE_EQ(line.at(0.5), 1);
    EXPECT_DOUBLE_EQ(line.at(2), 1);
    EXPECT_DOUBLE_EQ(line.at(4), -1);
    EXPECT_DOUBLE_EQ(PolyLine{}.at(1), 0);
    Schedule schedule;
    schedule.add(0, 10, 1);
    schedule.add(5, 8, 2);
    EXPECT_EQ(schedule.at(4), 1);
    EXPECT_EQ(schedule.at(5), 2);
    EXPECT_EQ(schedule.at(8), 1);
    EXPECT_EQ(schedule.at(10), std::nullopt);
    EXPECT_DOUBLE_EQ(schedule.next_change(0), 5);
    EXPECT_TRUE(std::isinf(schedule.next_change(10)));
    EXPECT_DOUBLE_EQ(WeekPattern::seconds_of_week(test_start, {}), 0);
    WeekPattern pattern;
    pattern.value.at(0) = 4;
    pattern.value.at(1) = 8;
    EXPECT_DOUBLE_EQ(pattern.at(test_start + seconds(900)), 4);
    EXPECT_DOUBLE_EQ(pattern.at(test_start + seconds(1800)), 6);
}

}  // namespace
}  // namespace hw::physics

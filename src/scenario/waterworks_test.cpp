#include "scenario/waterworks.h"

#include <gtest/gtest.h>

#include <cmath>
#include <map>

#include "physics/test_works.h"
#include "scenario/test_site.h"
#include "scenario/works_json.h"
#include "sql/json.h"

namespace hw::scenario {
namespace {

using sql::Datum;

// The history of a works of known parameters, in the units in which its twins have it.
class WorksHistory : public HistoryColumns {
  public:
    explicit WorksHistory(const Fork& fork) {
        const auto works = physics::test_works();
        auto run =
            physics::forecast(works, physics::test_state(works), {},
                              {.start = physics::test_start, .horizon = seconds(8 * 86'400)});
        EXPECT_TRUE(run) << run.error().text();
        data_ = physics::observe(works, *run, 1, 5);
        auto roles = find_roles(fork, "w", Datum::object({}));
        EXPECT_TRUE(roles) << roles.error().text();
        each_column(data_, [&](const std::string& key, physics::Column& column) {
            if (const auto* role = roles->find(key)) {
                columns_[role->point] = &column;
                scales_[role->point] = role->scale;
            }
        });
    }
    Result<std::vector<std::vector<double>>> columns(std::span<const WantedColumn> wanted,
                                                     Time from, Time to,
                                                     Duration step) const override {
        std::vector<std::vector<double>> out;
        const auto rows = static_cast<size_t>((to - from).ns / step.ns);
        const auto first = (from + step - data_.start).ns / step.ns;
        for (const auto& one : wanted) {
            auto& column = out.emplace_back(rows, std::nan(""));
            const auto at = columns_.find(one.point);
            if (at == columns_.end()) continue;
            for (size_t row = 0; row < rows; ++row)
                if (const auto index = first + static_cast<int64_t>(row); index >= 0)
                    column[row] = (*at->second)[static_cast<size_t>(index)] / scales_.at(one.point);
        }
        return out;
    }

  private:
    physics::WorksData data_;
    std::map<std::string, const physics::Column*> columns_;
    std::map<std::string, double> scales_;
};

class WaterworksTest : public ::testing::Test {
  protected:
    static constexpr Duration week = seconds(7 * 86'400);
    TestSite site_{2, 3, 4};
    Fork fork_ = site_.fork(physics::test_start + week);
    WorksHistory history_{fork_};
    WaterworksModel model_;
    Datum parameters_ = *sql::JsonReader().read(
        R"({"works":{"network":{"low_level_stop":0.2},"tower":{"full":6},
            "filters":{"wash_tank":{"full":4}}},"price":0.2,"currency":"EUR"})");
    RunOptions day_{.horizon = seconds(86'400), .step = seconds(300)};

    ModelRooms rooms() { return {.history = history_, .site = "w", .calibration = {}, .stop = {}}; }
    std::unique_ptr<BoundModel> bound() {
        auto made = model_.bind(fork_, parameters_, rooms());
        EXPECT_TRUE(made) << made.error().text();
        return made ? std::move(*made) : nullptr;
    }
    ModelResult run(const BoundModel& bound, const Fork& fork) {
        auto made = bound.run(fork, day_);
        EXPECT_TRUE(made) << made.error().text();
        return std::move(*made);
    }
    Fork with(std::string twin, std::string path, Datum value) {
        Fork fork = fork_;
        const auto set =
            fork.set({.twin = std::move(twin), .path = std::move(path), .value = std::move(value)});
        EXPECT_TRUE(set) << set.error().text();
        return fork;
    }
};

TEST_F(WaterworksTest, FindsItsTwinsByModelAndRelationship) {
    const auto roles = find_roles(fork_, "w", Datum::object({}));
    ASSERT_TRUE(roles) << roles.error().text();
    EXPECT_EQ(roles->high_lift, "w/lift");
    EXPECT_EQ(roles->raw_pumps.size(), 2U);
    EXPECT_EQ(roles->find("raw.flow")->twin, "w/intake/header");
    EXPECT_DOUBLE_EQ(roles->find("raw.flow")->scale, 1e-3);
    EXPECT_NEAR(roles->find("high_lift.pressure")->scale, 10.197, 0.01);
    EXPECT_EQ(roles->find("tower.level")->point, "w/tower/level");
    const auto named = find_roles(
        fork_, "w",
        *sql::JsonReader().read(R"({"roles":{"power.total":{"twin":"w/lift","path":"power"}}})"));
    ASSERT_TRUE(named) << named.error().text();
    EXPECT_EQ(named->find("power.total")->twin, "w/lift");
    EXPECT_FALSE(find_roles(
        fork_, "w", *sql::JsonReader().read(R"({"roles":{"nothing":{"twin":"w","path":"x"}}})")));
}

TEST_F(WaterworksTest, SaysWhichPartIsMissingOrSeveral) {
    TestSite none;
    none.add("w", "Site");
    const auto missing = find_roles(none.fork(), "w", Datum::object({}));
    ASSERT_FALSE(missing);
    EXPECT_NE(missing.error().text().find("Intake"), std::string::npos);
    site_.add("w/tower2", "WaterTower");
    const auto several = find_roles(site_.fork(), "w", Datum::object({}));
    ASSERT_FALSE(several);
    EXPECT_EQ(several.error().code(), ErrorCode::conflict);
    EXPECT_NE(several.error().text().find("parameters.twins.tower"), std::string::npos);
    EXPECT_TRUE(find_roles(site_.fork(), "w",
                           *sql::JsonReader().read(R"({"twins":{"tower":"w/tower2"}})")));
}

TEST_F(WaterworksTest, ForecastsADayOnTwins) {
    const auto model = bound();
    ASSERT_NE(model, nullptr);
    const auto result = run(*model, fork_);
    EXPECT_EQ(result.rows, 289U);
    const auto* level = result.find("tower.level");
    ASSERT_NE(level, nullptr);
    EXPECT_EQ(level->twin, "w/tower");
    EXPECT_EQ(level->path, "level");
    EXPECT_EQ(level->unit, "m");
    EXPECT_GT(level->values.back(), 1);
    EXPECT_LT(level->values.back(), 6);
    EXPECT_NEAR(result.find("raw.flow")->values[100], 200, 80);  // l/s
    EXPECT_LT(std::abs(result.quality.residual), 1e-9);
    EXPECT_GT(result.quality.confidence, 0.5);
    const double energy = result.figure("energy")->value;
    EXPECT_NEAR(result.figure("cost")->value, energy * 0.2, 1e-6 * energy);
    EXPECT_NE(model->describe().find("w/intake/pump1"), std::string::npos);
}

TEST_F(WaterworksTest, WhatIsSetMakesTheDifference) {
    const auto model = bound();
    ASSERT_NE(model, nullptr);
    const auto base = run(*model, fork_);
    const auto energy = [](const ModelResult& r) { return r.figure("energy")->value; };
    const auto less = run(*model, with("w/intake/header", "flow_setpoint", Datum::real(150)));
    EXPECT_NEAR(less.find("raw.flow")->values[100], 150, 0.5);
    EXPECT_LT(less.figure("clear_well_level_end")->value,
              base.figure("clear_well_level_end")->value - 0.5);
    const auto more = run(*model, with("w/town", "demand_factor", Datum::real(1.15)));
    EXPECT_GT(more.figure("demand_volume")->value, base.figure("demand_volume")->value * 1.1);
    EXPECT_GT(energy(more), energy(base));
    const auto out = run(*model, with("w/lift/pump1", "out_of_service", Datum::boolean(true)));
    for (const double v : out.find("high_lift.pump1.flow")->values)
        EXPECT_EQ(v, 0);
    const auto high = run(*model, with("w/lift/header", "pressure_setpoint", Datum::real(5.4)));
    EXPECT_NEAR(high.find("high_lift.pressure")->values[100], 5.4, 0.3);
    const auto low = run(*model, with("w/tower", "level", Datum::real(2)));
    EXPECT_NEAR(low.find("tower.level")->values[0], 2, 1e-9);
    const auto dear = run(*model, with("w/meter", "price", Datum::real(0.4)));
    EXPECT_NEAR(dear.figure("cost")->value, 2 * base.figure("cost")->value, 1e-3);
}

TEST_F(WaterworksTest, RefusesWhatItDoesNotTake) {
    const auto model = bound();
    ASSERT_NE(model, nullptr);
    const auto made = model->run(with("w/tower", "volume", Datum::real(2)), day_);
    ASSERT_FALSE(made);
    EXPECT_NE(made.error().text().find("it takes: level"), std::string::npos)
        << made.error().text();
    parameters_.put("works", *sql::JsonReader().read(R"({"towr":{"area":250}})"));
    const auto wrong = model_.bind(fork_, parameters_, rooms());
    ASSERT_FALSE(wrong);
    EXPECT_NE(wrong.error().text().find("did you mean 'tower'"), std::string::npos)
        << wrong.error().text();
    parameters_ = *sql::JsonReader().read(R"({"price":[1,2,3]})");
    EXPECT_FALSE(model_.bind(fork_, parameters_, rooms()));
}

TEST_F(WaterworksTest, AKeptCalibrationIsUsed) {
    const auto start = physics::test_start;
    const auto made = model_.calibrate(fork_, parameters_, start, start + week, rooms());
    ASSERT_TRUE(made) << made.error().text();
    const auto read = read_calibration(made->json);
    ASSERT_TRUE(read) << read.error().text();
    EXPECT_NEAR(read->works.tower.area, 250, 5);
    const auto again = read_calibration(calibration_text(*read));
    ASSERT_TRUE(again);
    EXPECT_EQ(calibration_text(*again), calibration_text(*read));
    auto kept = rooms();
    kept.calibration = made->json;
    const auto bound = model_.bind(fork_, parameters_, kept);
    ASSERT_TRUE(bound) << bound.error().text();
    EXPECT_NEAR(run(**bound, fork_).figure("energy")->value,
                run(*this->bound(), fork_).figure("energy")->value, 50);
    EXPECT_FALSE(model_.calibrate(fork_, parameters_, start, start + seconds(3600), rooms()));
}

}  // namespace
}  // namespace hw::scenario

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <cmath>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "base/time.h"
#include "bench/twin_forecast_src/works_recorder.h"
#include "physics/calibrate.h"
#include "physics/works_model.h"

// Calibrates the works' model on the first days of the simulated works, forecasts the day after,
// and compares it with what the simulated works then does: once as it would go on, once with
// something changed on both sides.
namespace hw::bench {

namespace {

constexpr size_t rows_a_day = 1440;
constexpr size_t days = 7;

using Change = std::function<void(sim::Waterworks&)>;

struct History {
    physics::WorksData data;
    double energy = 0;                         // kWh of the last day, by the meter inside
    double raw = 0, supplied = 0, demand = 0;  // m3 of the last day
};

// Eight days of readings; `change` is made at the start of the eighth.
History simulate(Time start, uint64_t seed, const Change& change) {
    sim::Telemetry telemetry({.start = start, .seed = seed, .interval = seconds(60)});
    WorksRecorder recorder(telemetry, (days + 1) * rows_a_day + 1);
    double energy = 0, raw = 0, supplied = 0, demand = 0;
    for (size_t row = 1; row < recorder.data().rows; ++row) {
        if (row == days * rows_a_day + 1) {
            const auto& works = telemetry.works();
            energy = works.total_energy();
            raw = works.raw_volume();
            supplied = works.zone().volume_in();
            demand = works.zone().volume_delivered();
            if (change) change(telemetry.works());
        }
        telemetry.advance();
        recorder.take(row);
    }
    const auto& works = telemetry.works();
    return {.data = std::move(recorder.data()),
            .energy = works.total_energy() - energy,
            .raw = works.raw_volume() - raw,
            .supplied = works.zone().volume_in() - supplied,
            .demand = works.zone().volume_delivered() - demand};
}

struct Error {
    double rmse = 0, most = 0;
};

Error compare(const physics::Forecast& forecast, std::string_view key,
              const physics::Column& actual, size_t from) {
    Error error;
    const auto* series = forecast.find(key);
    for (size_t i = 1; i < forecast.rows; ++i) {
        const double e = series->values[i] - actual[from + i];
        error.rmse += e * e;
        error.most = std::max(error.most, std::abs(e));
    }
    error.rmse = std::sqrt(error.rmse / static_cast<double>(forecast.rows - 1));
    return error;
}

double milliseconds_since(std::chrono::steady_clock::time_point start) {
    return std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - start)
        .count();
}

double percent(double value, double of) {
    return (value / of - 1) * 100;
}

// The first seven days, as one who lives at their end has them.
physics::WorksData past_of(const physics::WorksData& all) {
    physics::WorksData past = all;
    past.rows = days * rows_a_day + 1;
    return past;
}

struct Prepared {
    physics::Works works;
    physics::WorksState state;
};

Result<Prepared> prepare(const History& history, bool verbose) {
    const auto past = past_of(history.data);
    const auto begin = std::chrono::steady_clock::now();
    auto calibration = HW_TRY(physics::calibrate(past, WorksRecorder::sheet()));
    const double ms = milliseconds_since(begin);
    auto state = HW_TRY(physics::state_at(past, past.rows - 1, calibration.works));
    if (verbose) {
        fmt::print("calibration in {:.0f} ms\n", ms);
        for (const auto& report : calibration.reports)
            fmt::print(
                "  {:<44} n {:>7} out {:>6} rmse {:>9.4f} {:<6} R2 {:.3f} conf {:.2f} {}{}\n",
                report.what, report.n, report.left_out, report.rmse, report.unit, report.explained,
                report.confidence, report.assumed ? "ASSUMED " : "", report.note);
    }
    return Prepared{.works = std::move(calibration.works), .state = std::move(state)};
}

Result<physics::Forecast> run(const Prepared& prepared, Time start,
                              const physics::WorksInputs& inputs) {
    return physics::forecast(prepared.works, prepared.state, inputs, {.start = start});
}

struct Case {
    std::string_view name;
    Change change;
    std::function<void(physics::WorksInputs&)> inputs;
};

constexpr double day = 86'400;

std::vector<Case> cases() {
    std::vector<Case> all;
    all.push_back({"raw flow held at 200 l/s",
                   [](sim::Waterworks& w) {
                       w.controls().raw_flow = 0.200;
                       w.controls().raw_flow_automatic = false;
                   },
                   [](physics::WorksInputs& in) { in.raw_setpoint.add(0, day, 0.200); }});
    all.push_back({"raw pump 1 out of service",
                   [](sim::Waterworks& w) { w.controls().raw_pumps[0] = {false, false, 0}; },
                   [](physics::WorksInputs& in) {
                       in.raw_pumps.resize(3);
                       in.raw_pumps[0].available.add(0, day, 0);
                   }});
    all.push_back({"high-lift pumps 1 and 2 out of service",
                   [](sim::Waterworks& w) {
                       w.controls().high_lift_pumps[0] = {false, false, 0};
                       w.controls().high_lift_pumps[1] = {false, false, 0};
                   },
                   [](physics::WorksInputs& in) {
                       in.high_lift_pumps.resize(3);
                       in.high_lift_pumps[0].available.add(0, day, 0);
                       in.high_lift_pumps[1].available.add(0, day, 0);
                   }});
    all.push_back({"header pressure held at 55 m",
                   [](sim::Waterworks& w) {
                       w.controls().pressure = 55;
                       w.controls().pressure_automatic = false;
                   },
                   [](physics::WorksInputs& in) { in.pressure.add(0, day, 55); }});
    all.push_back({"clear well level aimed at 2.3 m",
                   [](sim::Waterworks& w) { w.controls().well_level = 2.3; },
                   [](physics::WorksInputs& in) { in.well_level.add(0, day, 2.3); }});
    return all;
}

void print_row(std::string_view what, const physics::Forecast& f, const History& h) {
    const size_t from = days * rows_a_day;
    const auto well = compare(f, "clear_well.level", h.data.clear_well_level, from);
    const auto tower = compare(f, "tower.level", h.data.tower_level, from);
    fmt::print(
        "{:<34} well {:.3f} / {:.3f} m  tower {:.3f} / {:.3f} m  energy {:+.2f} %  raw "
        "{:+.2f} %  supplied {:+.2f} %  demand {:+.2f} %  mass {:.1e}\n",
        what, well.rmse, well.most, tower.rmse, tower.most, percent(f.totals.energy, h.energy),
        percent(f.totals.raw_volume, h.raw), percent(f.totals.supplied_volume, h.supplied),
        percent(f.totals.demand_volume, h.demand), f.totals.mass_residual);
}

// kWh of the day that a station's pumps took by their meters.
double station_energy(const std::vector<physics::WorksData::Pump>& pumps, size_t from) {
    double energy = 0;
    for (const auto& pump : pumps)
        for (size_t row = from + 1; row < pump.power.size(); ++row)
            if (pump.power.has(row)) energy += pump.power[row] / 60;
    return energy;
}

// Hours of the day in which so many of a station's pumps ran.
std::string hours_by_pumps(const std::vector<physics::WorksData::Pump>& pumps, size_t from) {
    std::array<int, 4> rows{};
    for (size_t row = from + 1; row < pumps.front().running.size(); ++row) {
        size_t running = 0;
        for (const auto& pump : pumps)
            running += pump.running[row] > 0.5 ? 1 : 0;
        ++rows.at(running);
    }
    return fmt::format("{:.1f} {:.1f} {:.1f}", rows[1] / 60.0, rows[2] / 60.0, rows[3] / 60.0);
}

std::string hours_by_pumps(const physics::ForecastSeries& running) {
    std::array<int, 4> rows{};
    for (size_t row = 1; row < running.values.size(); ++row)
        ++rows.at(static_cast<size_t>(running.values[row]));
    return fmt::format("{:.1f} {:.1f} {:.1f}", rows[1] / 60.0, rows[2] / 60.0, rows[3] / 60.0);
}

void print_energy(const physics::Forecast& f, const History& h) {
    const size_t from = days * rows_a_day;
    const double raw = station_energy(h.data.raw_pumps, from);
    const double high_lift = station_energy(h.data.high_lift_pumps, from);
    fmt::print(
        "  energy, forecast / works: raw {:.0f} / {:.0f}  high-lift {:.0f} / {:.0f}  other "
        "{:.0f} / {:.0f} kWh\n",
        f.totals.raw_energy, raw, f.totals.high_lift_energy, high_lift, f.totals.other_energy,
        h.energy - raw - high_lift);
    fmt::print("  hours with 1 2 3 pumps, forecast / works: raw {} / {}  high-lift {} / {}\n",
               hours_by_pumps(*f.find("raw.running")), hours_by_pumps(h.data.raw_pumps, from),
               hours_by_pumps(*f.find("high_lift.running")),
               hours_by_pumps(h.data.high_lift_pumps, from));
}

double end_of(const physics::Column& column) {
    return column[column.size() - 1];
}

// The difference that a change makes, in the simulated works and in the model.
void print_difference(const Case& one, const physics::Forecast& base, const physics::Forecast& with,
                      const History& was, const History& is) {
    fmt::print(
        "  {:<40} energy {:+8.1f} / {:+8.1f} kWh  well at end {:+.3f} / {:+.3f} m  tower at "
        "end {:+.3f} / {:+.3f} m  raw {:+8.1f} / {:+8.1f} m3\n",
        one.name, is.energy - was.energy, with.totals.energy - base.totals.energy,
        end_of(is.data.clear_well_level) - end_of(was.data.clear_well_level),
        with.totals.clear_well.end - base.totals.clear_well.end,
        end_of(is.data.tower_level) - end_of(was.data.tower_level),
        with.totals.tower.end - base.totals.tower.end, is.raw - was.raw,
        with.totals.raw_volume - base.totals.raw_volume);
}

Result<void> one_start(Time start, uint64_t seed, bool what_if, bool verbose) {
    const auto history = simulate(start, seed, {});
    const auto prepared = HW_TRY(prepare(history, verbose));
    const Time now = history.data.time(days * rows_a_day);
    const auto begin = std::chrono::steady_clock::now();
    const auto forecast = HW_TRY(run(prepared, now, {}));
    const double ms = milliseconds_since(begin);
    print_row(fmt::format("{} seed {} ({:.1f} ms)", format_rfc3339(now).substr(0, 10), seed, ms),
              forecast, history);
    print_energy(forecast, history);
    if (!what_if) return {};
    for (const auto& one : cases()) {
        physics::WorksInputs inputs;
        one.inputs(inputs);
        const auto changed = simulate(start, seed, one.change);
        const auto with = HW_TRY(run(prepared, now, inputs));
        print_difference(one, forecast, with, history, changed);
    }
    return {};
}

}  // namespace

}  // namespace hw::bench

int main(int argc, char** argv) {
    bool what_if = false, verbose = false;
    uint64_t seeds = 3;
    for (int i = 1; i < argc; ++i) {
        const std::string_view option = argv[i];
        if (option == "--what-if") what_if = true;
        if (option == "--verbose") verbose = true;
        if (option == "--one-seed") seeds = 1;
    }
    // The forecast's day: a Monday, a Wednesday, a Saturday and a Sunday, in winter and in summer.
    for (const auto* start : {"2026-03-02T00:00:00Z", "2026-07-08T00:00:00Z",
                              "2026-09-05T00:00:00Z", "2026-11-01T06:00:00Z"})
        for (uint64_t seed = 1; seed <= seeds; ++seed) {
            const auto done = hw::bench::one_start(*hw::parse_rfc3339(start), seed, what_if,
                                                   verbose && seed == 1);
            if (!done) {
                fmt::print(stderr, "{} seed {}: {}\n", start, seed, done.error().text());
                return 1;
            }
        }
    return 0;
}

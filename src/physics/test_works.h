#pragma once

#include <cmath>
#include <functional>
#include <string>

#include "base/random.h"
#include "physics/works_data.h"
#include "physics/works_model.h"

namespace hw::physics {

// A small works with every parameter known, for tests.
inline Works test_works() {
    Works works;
    for (int i = 1; i <= 2; ++i)
        works.raw_station.pumps.push_back({.name = "raw" + std::to_string(i),
                                           .curve = {.shutoff_head = 26,
                                                     .droop = 380,
                                                     .efficiency_slope = 11.5,
                                                     .efficiency_droop = 44}});
    for (int i = 1; i <= 3; ++i)
        works.high_lift.pumps.push_back({.name = "lift" + std::to_string(i),
                                         .curve = {.shutoff_head = 74,
                                                   .droop = 620,
                                                   .efficiency_slope = 9.4,
                                                   .efficiency_droop = 28.5}});
    works.raw_main = {.lift = 12, .resistance = 90};
    works.network = {.base = 42,
                     .header_ground = 1,
                     .trunk = 150,
                     .riser = 200,
                     .inlet_opening = {{4.6, 5.6, 5.85, 6.85}, {1, 1, 0, 0}},
                     .low_level_stop = 0.2};
    for (int i = 0; i < 4; ++i) {
        works.filters.names.push_back("filter" + std::to_string(i + 1));
        works.filters.beds.push_back({.clean = 8, .growth = 0.006, .curve = 4e-7});
    }
    works.filters.wash_tank = {.area = 60, .floor = 0, .full = 4};
    works.filters.fill_start = 3.3;
    works.filters.fill_stop = 3.7;
    works.filters.fill_flow = 0.022;
    works.filters.fill_power = 4;
    works.filters.blower_power = 30;
    works.clear_well = {.area = 1000, .floor = 0, .full = 4};
    works.tower = {.area = 250, .floor = 0, .full = 6};
    works.throughput.quantum = 0.005;
    works.throughput.of_level = {{1.8, 2.8, 3.8}, {0.04, 0.005, -0.04}};
    works.throughput.least = 0.1;
    works.throughput.most = 0.3;
    works.throughput.level_setpoint = 2.8;
    works.pressure = {.at_zero = 62.5, .slope = -2.5, .least = 46, .most = 57};
    for (size_t slot = 0; slot < WeekPattern::slots; ++slot) {
        const double part = static_cast<double>(slot % 48) / 48;
        const double weekend = slot >= 240 ? 0.9 : 1.0;
        works.demand.pattern.value.at(slot) =
            0.2 * weekend * (1 + 0.35 * std::sin(6.2832 * (part - 0.3)));
        works.other_power.value.at(slot) = 30;
    }
    works.sludge_flow = 0.0008;
    return works;
}

inline WorksState test_state(const Works& works) {
    WorksState state;
    state.clear_well_level = 2.8;
    state.tower_level = 4.4;
    state.wash_tank_level = 3.6;
    state.source_level = 1.2;
    state.raw_setpoint = 0.2;
    state.mean_outflow = 0.2;
    for (size_t i = 0; i < works.raw_station.pumps.size(); ++i)
        state.raw_pumps.push_back({.running = true, .hours = 100.0 * static_cast<double>(i)});
    for (size_t i = 0; i < works.high_lift.pumps.size(); ++i)
        state.high_lift_pumps.push_back({.running = i < 2, .hours = 50.0 * static_cast<double>(i)});
    for (size_t i = 0; i < works.filters.beds.size(); ++i)
        state.filters.push_back({.phase = FilterPhase::filtering,
                                 .filtered = 1500.0 * static_cast<double>(i),
                                 .run_seconds = 36'000.0 * static_cast<double>(i),
                                 .box = works.filters.box_area * works.filters.normal_level});
    return state;
}

inline constexpr Time test_start{int64_t{1'772'409'600} * 1'000'000'000};  // Monday 2026-03-02

// What the instruments of that works would show, from a run of its own model; `noise` is relative
// to each gauge's usual error.
inline WorksData observe(const Works& works, const Forecast& run, double noise, uint64_t seed) {
    Random random(seed);
    WorksData data;
    data.start = run.start;
    data.step = run.step;
    data.rows = run.rows;
    const auto read = [&](const std::string& key, Column& to, double error) {
        to = Column(run.rows);
        const auto& values = run.find(key)->values;
        for (size_t row = 0; row < run.rows; ++row)
            to.set(row, values[row] + noise * error * random.normal());
    };
    read("raw.flow", data.raw_flow, 4e-4);
    read("raw.setpoint", data.raw_setpoint, 0);
    data.source_level = Column(run.rows);
    for (size_t row = 0; row < run.rows; ++row)
        data.source_level.set(row, 1.2);
    const auto read_pumps = [&](const std::string& station, std::vector<WorksData::Pump>& pumps,
                                size_t count) {
        pumps.resize(count);
        for (size_t i = 0; i < count; ++i) {
            const std::string key = station + ".pump" + std::to_string(i + 1);
            read(key + ".running", pumps[i].running, 0);
            read(key + ".speed", pumps[i].speed, 5e-4);
            read(key + ".flow", pumps[i].flow, 2e-4);
            read(station + ".head", pumps[i].head, 0.05);
            read(key + ".power", pumps[i].power, 0.3);
            pumps[i].hours = Column(run.rows);
        }
    };
    read_pumps("raw", data.raw_pumps, works.raw_station.pumps.size());
    read_pumps("high_lift", data.high_lift_pumps, works.high_lift.pumps.size());
    data.filters.resize(works.filters.beds.size());
    for (size_t i = 0; i < data.filters.size(); ++i) {
        const std::string key = "filter" + std::to_string(i + 1);
        read(key + ".phase", data.filters[i].phase, 0);
        read(key + ".flow", data.filters[i].flow, 1e-4);
        read(key + ".head_loss", data.filters[i].head_loss, 0.003);
        read(key + ".run_hours", data.filters[i].run_hours, 0);
    }
    read("wash_tank.level", data.wash_tank_level, 0.002);
    read("wash.flow", data.wash_flow, 0);
    read("wash_tank.fill_flow", data.fill_flow, 0);
    read("waste.flow", data.waste_flow, 0);
    read("clear_well.level", data.clear_well_level, 0.002);
    read("high_lift.pressure", data.header_pressure, 0.05);
    read("high_lift.setpoint", data.pressure_setpoint, 0);
    read("high_lift.flow", data.supply_flow, 4e-4);
    read("tower.level", data.tower_level, 0.002);
    read("tower.flow", data.tower_flow, 3e-4);
    read("demand.delivered", data.demand, 5e-4);
    read("power.total", data.total_power, 0.5);
    return data;
}

}  // namespace hw::physics

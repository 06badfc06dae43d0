#pragma once

#include <cmath>
#include <cstddef>
#include <limits>
#include <vector>

#include "base/time.h"

namespace hw::physics {

// A measured value over time, one a row; NaN where there is none that can be trusted. An empty
// column: nobody measures it.
class Column {
  public:
    Column() = default;
    explicit Column(size_t rows) : values_(rows, std::numeric_limits<double>::quiet_NaN()) {}

    double operator[](size_t row) const {
        return row < values_.size() ? values_[row] : std::numeric_limits<double>::quiet_NaN();
    }
    bool has(size_t row) const { return !std::isnan((*this)[row]); }
    bool empty() const { return values_.empty(); }
    size_t size() const { return values_.size(); }
    void set(size_t row, double value) { values_[row] = value; }
    // The newest value at `row` or at most `rows` before it; NaN: none.
    double last(size_t row, size_t rows) const {
        for (size_t back = 0; back <= rows && back <= row; ++back)
            if (has(row - back)) return (*this)[row - back];
        return std::numeric_limits<double>::quiet_NaN();
    }

  private:
    std::vector<double> values_;
};

// What the works' instruments said, in the models' units (units.h), at equal distances of time.
struct WorksData {
    Time start;
    Duration step = seconds(60);
    size_t rows = 0;

    struct Pump {
        Column running, speed, flow, head, power, hours;
    };
    struct Filter {
        Column phase;  // FilterPhase as a number
        Column flow, level, head_loss, run_hours;
    };
    Column raw_flow, raw_setpoint, raw_valve, source_level, screen_loss;
    std::vector<Pump> raw_pumps, high_lift_pumps;
    std::vector<Filter> filters;
    Column wash_tank_level, wash_flow, fill_flow, waste_flow, blower_power;
    std::vector<Column> sludge_volumes;  // totalisers, m3
    Column clear_well_level;
    Column header_pressure, pressure_setpoint;  // m
    Column supply_flow, tower_level, tower_flow, inlet_opening, demand;
    Column total_power;

    Time time(size_t row) const { return start + Duration{step.ns * static_cast<int64_t>(row)}; }
    double step_seconds() const { return static_cast<double>(step.ns) / 1e9; }
    size_t rows_of(double seconds) const {
        return static_cast<size_t>(std::max(1.0, seconds / step_seconds() + 0.5));
    }
};

}  // namespace hw::physics

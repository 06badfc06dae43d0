#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "base/error.h"
#include "base/time.h"
#include "physics/curve.h"
#include "physics/pump.h"

namespace hw::physics {

// A waterworks as mass and energy balance: river or well, raw-water pumps, raw main, settling,
// filters with their wash, clear well, high-lift pumps, network with tower, demand. Parameters come
// from data sheets and from calibration (calibrate.h), never from here.

struct TankParameters {
    double area = 0;   // m2
    double floor = 0;  // m, level below which it gives nothing
    double full = 0;   // m, level of its overflow
};

// h = lift + k Q^2; the lift falls with the source's level where that is known.
struct MainParameters {
    double lift = 0;        // m, at source level 0
    double resistance = 0;  // m/(m3/s)^2
};

// Header head above the clear well's datum = base + tower level + trunk Q^2 + riser Qt |Qt|, with
// Qt the flow into the tower; its float valve takes flow in as Qt / opening.
struct NetworkParameters {
    double base = 0;             // m, tower floor above the clear well's floor
    double header_ground = 0;    // m, the pressure gauge above the clear well's floor
    double trunk = 0;            // m/(m3/s)^2
    double riser = 0;            // m/(m3/s)^2
    PolyLine inlet_opening;      // share over tower level; empty: always open
    double low_level_stop = -1;  // m in the clear well below which what draws on it stands
};

enum class FilterPhase : uint8_t { filtering, draining, air_scour, backwash, ripening, out };

// Head loss of a bed that has taken V m3 since its wash: Q (clean + growth V + curve V^2). Darcy
// through the clean bed and a deposit that grows with what was filtered (Ives 1970).
struct BedParameters {
    double clean = 0;   // m/(m3/s)
    double growth = 0;  // per m3
    double curve = 0;   // per m6
};

struct FilterParameters {
    std::vector<std::string> names;
    std::vector<BedParameters> beds;
    double box_area = 25;  // m2
    double normal_level = 1.8, drained_level = 0.2, trough_level = 0.9;
    double head_loss_limit = 2.4;          // m; a wash begins
    double run_seconds_limit = 48 * 3600;  // likewise
    double drain_flow = 0.09;              // m3/s
    double air_seconds = 180, wash_seconds = 480, ripening_seconds = 1200;
    double wash_flow = 0.278;  // m3/s
    double blower_power = 0;   // kW
    TankParameters wash_tank;
    double fill_start = 0, fill_stop = 0;  // m, levels of the wash tank
    double fill_flow = 0;                  // m3/s
    double fill_power = 0;                 // kW
    double wash_reserve = 1.2;             // of a wash's volume, before one begins
};

// The throughput is set anew every `every` seconds: gain times the mean outflow of late plus a
// function of the clear well's level, in whole steps of `quantum`.
struct ThroughputRule {
    double every = 900;           // s
    double phase = 0;             // s of the clock (UTC) at which a decision falls, modulo every
    double quantum = 0;           // m3/s; 0: any value
    double gain = 1;              // of the mean outflow
    double mean_seconds = 86400;  // time constant of that mean
    PolyLine of_level;            // m3/s over the clear well's level
    double least = 0, most = 1e9;
    double level_setpoint = 0;  // m, what of_level was fitted at; 0: not known
};

// Header pressure as head in m over the tower's level.
struct PressureRule {
    double at_zero = 0;  // m
    double slope = 0;    // m a metre
    double least = 0, most = 1e9;
};

struct DemandParameters {
    WeekPattern pattern;     // m3/s
    double level = 1;        // of the last days against the pattern
    double error = 0;        // share by which the demand of the last hours is above that
    double error_hours = 3;  // in which that fades to 1/e
};

struct Works {
    StationParameters raw_station, high_lift;
    MainParameters raw_main;
    NetworkParameters network;
    FilterParameters filters;
    TankParameters clear_well, tower;
    ThroughputRule throughput;
    PressureRule pressure;
    DemandParameters demand;
    double sludge_flow = 0;        // m3/s out of the settling tanks, on average
    WeekPattern other_power;       // kW: mixers, paddles, building
    double other_power_error = 0;  // kW, how far it is above that of late: the weather
    static constexpr double other_power_error_hours = 48;  // in which that fades to 1/e
    // Errors name what is missing or cannot be.
    Result<void> check() const;
};

struct FilterState {
    FilterPhase phase = FilterPhase::filtering;
    double in_phase = 0;     // s
    double filtered = 0;     // m3 since the wash
    double run_seconds = 0;  // since the wash
    double box = 0;          // m3 of water over the bed
};

struct WorksState {
    double clear_well_level = 0, tower_level = 0, wash_tank_level = 0;
    double source_level = 0;  // m, of the river at the gauge, less the loss of the screen
    double raw_setpoint = 0;  // m3/s
    double mean_outflow = 0;  // m3/s, of the throughput rule
    bool filling = false;     // the wash tank
    std::vector<PumpState> raw_pumps, high_lift_pumps;
    std::vector<FilterState> filters;
};

// What somebody sets for the time to come. Empty: as the rules have it.
struct WorksInputs {
    Schedule raw_setpoint;  // m3/s
    Schedule pressure;      // m at the header
    Schedule well_level;    // m, set-point of the throughput rule
    Schedule demand_factor;
    Schedule demand;        // m3/s added
    Schedule source_level;  // m
    Schedule price;         // money a kWh
    struct Pump {
        Schedule available;  // 0: out of service
        Schedule speed;      // manual; 0 stands
    };
    std::vector<Pump> raw_pumps, high_lift_pumps;  // empty, or one a pump
    std::vector<Schedule> filter_available;        // likewise; 0: out of service
};

struct ForecastSeries {
    std::string key;   // "clear_well.level", "high_lift.pump2.power"
    std::string unit;  // m, m3/s, kW, h, 1
    std::vector<double> values;
    bool of_moment = false;  // of the row's time; else the mean of the step before it
};

struct ForecastEvent {
    double time = 0;  // s
    std::string key;  // "clear_well.full", "high_lift.pump2.start", "filter3.wash"
};

struct TankSummary {
    double least = 0, most = 0, end = 0;
    double least_at = 0, most_at = 0;  // s
    double overflow = 0;               // m3
};

struct ForecastTotals {
    double energy = 0, raw_energy = 0, high_lift_energy = 0, other_energy = 0;  // kWh
    double cost = 0;
    double raw_volume = 0, supplied_volume = 0, demand_volume = 0;  // m3
    double wash_volume = 0, waste_volume = 0, sludge_volume = 0;    // m3
    double shortfall = 0;                                           // m3 wanted and not there
    TankSummary clear_well, tower, wash_tank;
    int64_t raw_starts = 0, high_lift_starts = 0, washes = 0;
    double short_seconds = 0;  // a station could not give what was asked of it
    // (in - out - change of what is stored) / in; what the arithmetic lost.
    double mass_residual = 0;
};

struct Forecast {
    Time start;
    Duration step;
    size_t rows = 0;  // row 0 is the start
    std::vector<ForecastSeries> series;
    std::vector<ForecastEvent> events;  // at most events_limit
    static constexpr size_t events_limit = 10'000;
    ForecastTotals totals;
    std::vector<std::string> warnings;

    const ForecastSeries* find(std::string_view key) const;
};

struct ForecastOptions {
    Time start;
    Duration horizon = seconds(86'400);
    Duration step = seconds(60);
    // Asked once a step with the share done; true: give up (cancelled).
    std::function<bool(double)> stop = {};
    static constexpr size_t rows_limit = 100'000;
};

// Runs the model. Within a step the flows are constant; a step is cut where a tank becomes full,
// empty or crosses a level at which something switches, where a pump starts or a set value changes,
// so that limits are met to the moment. A day in steps of a minute takes some milliseconds. Errors:
// invalid_argument (parameters, sizes); limit_exceeded; cancelled.
Result<Forecast> forecast(const Works& works, const WorksState& state, const WorksInputs& inputs,
                          const ForecastOptions& options);

}  // namespace hw::physics

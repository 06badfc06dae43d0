#include "physics/works_model.h"

#include <algorithm>
#include <cmath>
#include <string_view>

#include "physics/works_run.h"

namespace hw::physics {

namespace {

std::unexpected<Error> wrong(std::string text) {
    return fail(ErrorCode::invalid_argument, std::move(text));
}

Result<void> check_tank(std::string_view name, const TankParameters& tank) {
    if (!(tank.area > 0) || !std::isfinite(tank.area))
        return wrong(std::string(name) + " has no area; give it in m2 or calibrate it");
    if (!(tank.full > tank.floor))
        return wrong(std::string(name) + " is full at " + std::to_string(tank.full) +
                     " m, not above its floor at " + std::to_string(tank.floor) + " m");
    return {};
}

Result<void> check_station(std::string_view name, const StationParameters& station) {
    if (station.pumps.empty()) return wrong(std::string(name) + " has no pumps");
    for (const auto& pump : station.pumps) {
        const auto& curve = pump.curve;
        if (!(curve.shutoff_head > 0) || !(curve.droop > 0) || !(curve.efficiency_slope > 0) ||
            !(curve.efficiency_droop >= 0))
            return wrong("pump '" + pump.name + "' of " + std::string(name) +
                         " has no curve; calibrate it or give shutoff_head, droop, "
                         "efficiency_slope and efficiency_droop");
    }
    const auto& staging = station.staging;
    if (!(staging.most_speed > 0) || !(staging.least_speed >= 0) ||
        !(staging.least_speed <= staging.most_speed))
        return wrong(std::string(name) + " has speeds from " + std::to_string(staging.least_speed) +
                     " to " + std::to_string(staging.most_speed) + "; the least must be 0 or more");
    return {};
}

Result<void> check_filters(const FilterParameters& filters) {
    if (filters.beds.empty()) return wrong("the works have no filters");
    for (size_t i = 0; i < filters.beds.size(); ++i) {
        const auto& bed = filters.beds[i];
        if (!(bed.clean >= 0) || !(bed.growth >= 0) || !(bed.curve >= 0))
            return wrong("filter " + std::to_string(i + 1) + " has a negative resistance");
    }
    if (!(filters.box_area > 0) || !(filters.drained_level < filters.normal_level) ||
        !(filters.trough_level <= filters.normal_level))
        return wrong("the filters' levels are not in order: drained < normal, trough <= normal");
    if (!(filters.drain_flow > 0) || !(filters.wash_flow > 0) || !(filters.wash_seconds > 0))
        return wrong("the filters' drain_flow, wash_flow and wash_seconds must be above 0");
    if (!(filters.fill_start < filters.fill_stop))
        return wrong("the wash tank's filling stops at " + std::to_string(filters.fill_stop) +
                     " m, not above its start at " + std::to_string(filters.fill_start) + " m");
    return check_tank("the wash tank", filters.wash_tank);
}

Result<void> check_state(const Works& works, const WorksState& state, const WorksInputs& inputs) {
    if (state.raw_pumps.size() != works.raw_station.pumps.size() ||
        state.high_lift_pumps.size() != works.high_lift.pumps.size() ||
        state.filters.size() != works.filters.beds.size())
        return wrong("the state has other numbers of pumps or filters than the works");
    const auto fits = [](size_t given, size_t there) { return given == 0 || given == there; };
    if (!fits(inputs.raw_pumps.size(), state.raw_pumps.size()) ||
        !fits(inputs.high_lift_pumps.size(), state.high_lift_pumps.size()) ||
        !fits(inputs.filter_available.size(), state.filters.size()))
        return wrong("the inputs have other numbers of pumps or filters than the works");
    for (const double value : {state.clear_well_level, state.tower_level, state.wash_tank_level,
                               state.source_level, state.raw_setpoint, state.mean_outflow})
        if (!std::isfinite(value)) return wrong("a level or flow of the state is not a number");
    return {};
}

}  // namespace

Result<void> Works::check() const {
    HW_TRY(check_station("the raw-water station", raw_station));
    HW_TRY(check_station("the high-lift station", high_lift));
    HW_TRY(check_tank("the clear well", clear_well));
    HW_TRY(check_tank("the tower", tower));
    HW_TRY(check_filters(filters));
    if (!(raw_main.resistance >= 0) || !(network.trunk >= 0) || !(network.riser >= 0))
        return wrong("a main has a negative resistance");
    if (!(throughput.every >= 1) || !(throughput.mean_seconds > 0))
        return wrong("the throughput rule decides every " + std::to_string(throughput.every) +
                     " s; at least 1 s");
    if (!(demand.error_hours > 0)) return wrong("the demand's error_hours must be above 0");
    return {};
}

const ForecastSeries* Forecast::find(std::string_view key) const {
    for (const auto& one : series)
        if (one.key == key) return &one;
    return nullptr;
}

Result<Forecast> forecast(const Works& works, const WorksState& state, const WorksInputs& inputs,
                          const ForecastOptions& options) {
    HW_TRY(works.check());
    HW_TRY(check_state(works, state, inputs));
    if (options.step < seconds(1) || options.horizon < options.step)
        return wrong("the horizon of " + format_duration(options.horizon) + " in steps of " +
                     format_duration(options.step) +
                     " is too short; a step takes at least 1s and the horizon one step");
    const auto rows = static_cast<size_t>(options.horizon.ns / options.step.ns);
    if (rows > ForecastOptions::rows_limit)
        return fail(ErrorCode::limit_exceeded,
                    "the horizon of " + format_duration(options.horizon) + " has " +
                        std::to_string(rows) + " steps of " + format_duration(options.step) +
                        ", at most " + std::to_string(ForecastOptions::rows_limit) +
                        " are allowed; take longer steps");
    // A tank that reads above its overflow is full.
    WorksState from = state;
    from.clear_well_level =
        std::clamp(from.clear_well_level, works.clear_well.floor, works.clear_well.full);
    from.tower_level = std::clamp(from.tower_level, works.tower.floor, works.tower.full);
    const auto& wash_tank = works.filters.wash_tank;
    from.wash_tank_level = std::clamp(from.wash_tank_level, wash_tank.floor, wash_tank.full);
    return WorksRun(works, from, inputs, options).run();
}

}  // namespace hw::physics

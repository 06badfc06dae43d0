#include <algorithm>
#include <cmath>

#include "physics/calibrate.h"
#include "physics/units.h"

namespace hw::physics {

namespace {

constexpr size_t least_samples = 120;

// The head that the station's running pumps show, as a mean.
double station_head(const std::vector<WorksData::Pump>& pumps, size_t row) {
    double sum = 0, count = 0;
    for (const auto& pump : pumps) {
        if (pump.running.empty() ? !(pump.speed[row] > 0.3) : !(pump.running[row] > 0.5)) continue;
        if (!(pump.flow[row] > 0) || !pump.head.has(row)) continue;
        sum += pump.head[row];
        count += 1;
    }
    return count > 0 ? sum / count : std::nan("");
}

double or_zero(double value) {
    return std::isnan(value) ? 0.0 : value;
}

}  // namespace

Result<void> Calibrator::raw_main() {
    auto& main = works.raw_main;
    if (main.resistance > 0) return {};
    LinearFit fit(2);
    for (size_t row = 0; row < data.rows; ++row) {
        if (data.raw_valve.has(row) && data.raw_valve[row] < 0.95) continue;
        const double flow = data.raw_flow[row];
        const double source = or_zero(data.source_level[row]) - or_zero(data.screen_loss[row]);
        if (flow > 0) fit.add({1.0, flow * flow}, station_head(data.raw_pumps, row) + source);
    }
    auto found = fit.solve("raw main", "m", least_samples);
    if (!found) return fail(found.error());
    // A steady works shows one point of the curve; then all of it counts as lift.
    if (found->value[1] < 0) {
        found->report.note = "the flow hardly changed; all head counts as lift";
        found->value = {found->value[0] + found->value[1] * 0.05, 0};
    }
    main = {.lift = found->value[0], .resistance = found->value[1]};
    reports.push_back(found->report);
    return {};
}

Result<void> Calibrator::network() {
    auto& network = works.network;
    std::vector<double> ground;
    LinearFit fit(3);
    LinearFit inlet(2);
    for (size_t row = 0; row < data.rows; ++row) {
        const double header = station_head(data.high_lift_pumps, row) + data.clear_well_level[row];
        if (const double gap = header - data.header_pressure[row]; !std::isnan(gap))
            ground.push_back(gap);
        const double opening = data.inlet_opening[row];
        if (opening > 0.02 && opening < 0.98) inlet.add({1.0, data.tower_level[row]}, opening);
        const double into = data.tower_flow[row];
        if (into > 0 && opening < 0.99) continue;
        const double flow = data.supply_flow[row];
        if (flow > 0)
            fit.add({1.0, flow * flow, into * std::abs(into)}, header - data.tower_level[row]);
    }
    if (network.trunk <= 0 && network.riser <= 0) {
        network.header_ground = median(std::move(ground));
        const auto found = HW_TRY(fit.solve("network between pumps and tower", "m", least_samples));
        network.base = found.value[0];
        network.trunk = std::max(0.0, found.value[1]);
        network.riser = std::max(0.0, found.value[2]);
        reports.push_back(found.report);
    }
    if (!network.inlet_opening.x.empty() || data.inlet_opening.empty()) return {};
    const auto shut = inlet.solve("tower inlet valve over its level", "1", 10);
    if (!shut || !(shut->value[1] < 0)) {
        assume("tower inlet valve", "it hardly ever closed; taken as open");
        return {};
    }
    const double slope = shut->value[1];
    network.inlet_opening.x = {(1 - shut->value[0]) / slope - 1, (1 - shut->value[0]) / slope,
                               -shut->value[0] / slope, -shut->value[0] / slope + 1};
    network.inlet_opening.y = {1, 1, 0, 0};
    reports.push_back(shut->report);
    return {};
}

namespace {

struct Balance {
    const WorksData& data;
    std::string name;
    const Column& level;
    double (*net)(const WorksData&, size_t);  // m3/s into the tank
};

double clear_well_net(const WorksData& data, size_t row) {
    double in = 0;
    for (const auto& filter : data.filters)
        if (static_cast<FilterPhase>(filter.phase[row]) == FilterPhase::filtering)
            in += filter.flow[row];
    return in - data.supply_flow[row] - or_zero(data.fill_flow[row]);
}

double tower_net(const WorksData& data, size_t row) {
    return data.tower_flow.has(row) ? data.tower_flow[row]
                                    : data.supply_flow[row] - data.demand[row];
}

double wash_tank_net(const WorksData& data, size_t row) {
    return or_zero(data.fill_flow[row]) - or_zero(data.wash_flow[row]);
}

// Water that came in against the change of level, over windows of half an hour: longer ones leave
// too few, shorter ones drown in the noise of the level.
Result<LinearFit::Solution> balance(const Balance& tank) {
    const size_t window = tank.data.rows_of(1800);
    LinearFit fit(2);
    for (size_t row = 0; row + window < tank.data.rows; row += window) {
        double volume = 0;
        for (size_t i = row; i < row + window; ++i)
            volume += 0.5 * (tank.net(tank.data, i) + tank.net(tank.data, i + 1)) *
                      tank.data.step_seconds();
        fit.add({tank.level[row + window] - tank.level[row], 1.0}, volume);
    }
    return fit.solve("area of " + tank.name, "m3", 24);
}

}  // namespace

Result<void> Calibrator::tanks() {
    const auto one = [&](TankParameters& tank, const Balance& what) -> Result<void> {
        auto found = balance(what);
        if (tank.area > 0) {
            if (!found) return {};
            found->report.note = "given as " + std::to_string(tank.area) +
                                 " m2; the balance says " + std::to_string(found->value[0]);
        } else {
            if (!found) return fail(found.error());
            tank.area = found->value[0];
        }
        reports.push_back(found->report);
        if (tank.full > tank.floor) return {};
        std::vector<double> levels;
        for (size_t row = 0; row < data.rows; ++row)
            if (what.level.has(row)) levels.push_back(what.level[row]);
        tank.full = quantile(std::move(levels), 1);
        assume(what.name + " overflow",
               "not given; taken as the highest level seen, " + std::to_string(tank.full) + " m");
        return {};
    };
    HW_TRY(one(works.clear_well,
               Balance{data, "the clear well", data.clear_well_level, clear_well_net}));
    HW_TRY(one(works.tower, Balance{data, "the tower", data.tower_level, tower_net}));
    HW_TRY(one(works.filters.wash_tank,
               Balance{data, "the wash tank", data.wash_tank_level, wash_tank_net}));
    return {};
}

Result<void> Calibrator::pressure() {
    auto& rule = works.pressure;
    if (rule.at_zero > 0) return {};
    std::vector<double> seen;
    for (size_t row = 0; row < data.rows; ++row)
        if (data.pressure_setpoint.has(row)) seen.push_back(data.pressure_setpoint[row]);
    if (seen.size() < least_samples)
        return fail(ErrorCode::invalid_argument,
                    "pressure rule: the header's pressure set-point has " +
                        std::to_string(seen.size()) +
                        " usable samples; bind it, or give the rule's at_zero and slope");
    // A limit shows as a heap of equal values at the end of what was seen.
    const double low = quantile(seen, 0);
    const double high = quantile(seen, 1);
    const auto heap = [&](double at) {
        return std::count_if(seen.begin(), seen.end(), [at](double v) {
                   return std::abs(v - at) < 0.02;
               }) > static_cast<ptrdiff_t>(seen.size() / 50);
    };
    const bool has_low = heap(low) && high - low > 0.1;
    const bool has_high = heap(high) && high - low > 0.1;
    LinearFit fit(2);
    for (size_t row = 0; row < data.rows; ++row) {
        const double value = data.pressure_setpoint[row];
        if ((has_low && value < low + 0.1) || (has_high && value > high - 0.1)) continue;
        fit.add({1.0, data.tower_level[row]}, value);
    }
    auto found = fit.solve("pressure rule over the tower's level", "m", least_samples);
    if (!found) {  // it never moved
        rule.at_zero = median(seen);
        rule.slope = 0;
        assume("pressure rule", "the set-point hardly moved; it stays where it was");
        return {};
    }
    rule.at_zero = found->value[0];
    rule.slope = found->value[1];
    if (has_low) rule.least = low;
    if (has_high) rule.most = high;
    reports.push_back(found->report);
    return {};
}

}  // namespace hw::physics

#include <algorithm>
#include <cmath>
#include <optional>
#include <tuple>

#include "physics/calibrate.h"
#include "physics/units.h"

namespace hw::physics {

namespace {

using Pumps = std::vector<WorksData::Pump>;

constexpr double steady = 0.02;      // change of speed a row that still counts as steady
constexpr double least_speed = 0.3;  // below it a drive ramps
constexpr size_t least_samples = 60;
constexpr double pool_weight = 30;  // samples that the station's other pumps count for

bool runs(const WorksData::Pump& pump, size_t row) {
    return pump.running.empty() ? pump.speed[row] > least_speed : pump.running[row] > 0.5;
}

size_t running(const Pumps& pumps, size_t row) {
    size_t count = 0;
    for (const auto& pump : pumps)
        count += runs(pump, row) ? 1 : 0;
    return count;
}

struct Point {
    double flow, head, speed, power;
};

// The pump's working point at a row where it runs steadily.
std::optional<Point> point_at(const Pumps& pumps, size_t index, const Column& header_flow,
                              size_t row) {
    const auto& pump = pumps[index];
    if (row == 0 || !runs(pump, row) || !runs(pump, row - 1)) return std::nullopt;
    Point point{.flow = pump.flow[row],
                .head = pump.head[row],
                .speed = pump.speed.empty() ? 1.0 : pump.speed[row],
                .power = pump.power[row]};
    const double before = pump.speed.empty() ? 1.0 : pump.speed[row - 1];
    if (!(point.speed > least_speed) || !(std::abs(point.speed - before) < steady))
        return std::nullopt;
    // Without a meter of its own: equal shares of the header's flow.
    if (pump.flow.empty()) {
        if (running(pumps, row - 1) != running(pumps, row)) return std::nullopt;
        point.flow = header_flow[row] / static_cast<double>(running(pumps, row));
    }
    return point;
}

void add_head(LinearFit& fit, const Point& p) {
    if (p.flow > 0 && p.head > 0) fit.add({p.speed * p.speed, -p.flow * p.flow}, p.head);
}

void add_power(LinearFit& fit, const Point& p) {
    if (p.flow > 0 && p.head > 0 && p.power > 0)
        fit.add({1.0, -p.flow / p.speed}, water_power(p.speed, p.head) / p.power);
}

// Each pump is held to what the station's pumps have together, as firmly as `pool_weight` samples
// of it: narrow data shall bend the curve only as far as they know better.
void hold(LinearFit& fit, const std::vector<double>& pooled, const std::vector<double>& scale) {
    for (size_t i = 0; i < pooled.size(); ++i) {
        std::vector<double> x(pooled.size(), 0.0);
        x[i] = scale[i];
        fit.prefer(x, pooled[i] * scale[i], pool_weight);
    }
}

struct Pool {
    LinearFit::Solution head, power;
};

Result<Pool> pool(const Pumps& columns, const Column& header_flow, size_t rows,
                  const std::string& name) {
    LinearFit head(2), power(2);
    for (size_t i = 0; i < columns.size(); ++i)
        for (size_t row = 1; row < rows; ++row)
            if (const auto point = point_at(columns, i, header_flow, row)) {
                add_head(head, *point);
                add_power(power, *point);
            }
    auto of_head = HW_TRY(head.solve(name + " pumps' head curve", "m", least_samples));
    auto of_power = HW_TRY(power.solve(name + " pumps' efficiency", "1", least_samples));
    return Pool{.head = std::move(of_head), .power = std::move(of_power)};
}

PumpCurve curve_of(const std::vector<double>& head, const std::vector<double>& power) {
    return {.shutoff_head = head[0],
            .droop = head[1],
            .efficiency_slope = power[0],
            .efficiency_droop = std::max(0.0, power[1])};
}

}  // namespace

Result<void> Calibrator::pumps(const Pumps& columns, const Column& header_flow,
                               const std::string& name, StationParameters& station) {
    const bool given = std::all_of(station.pumps.begin(), station.pumps.end(), [](const auto& p) {
        return p.curve.shutoff_head > 0 && p.curve.efficiency_slope > 0;
    });
    if (given) return {};
    const Pool pooled = HW_TRY(pool(columns, header_flow, data.rows, name));
    reports.push_back(pooled.head.report);
    reports.push_back(pooled.power.report);
    const auto& h = pooled.head.value;
    const auto& e = pooled.power.value;
    if (!(h[0] > 0) || !(h[1] > 0) || !(e[0] > 0))
        return fail(ErrorCode::invalid_argument,
                    name + " pumps: the history gives a curve that no pump has (shut-off head " +
                        std::to_string(h[0]) + " m, droop " + std::to_string(h[1]) +
                        "); take a history with more variety, or give the data sheet's curve");
    for (size_t i = 0; i < columns.size(); ++i) {
        auto& pump = station.pumps[i];
        if (pump.curve.shutoff_head > 0 && pump.curve.efficiency_slope > 0) continue;
        LinearFit head(2), power(2);
        double flow = 0;
        for (size_t row = 1; row < data.rows; ++row)
            if (const auto point = point_at(columns, i, header_flow, row)) {
                add_head(head, *point);
                add_power(power, *point);
                flow = std::max(flow, point->flow);
            }
        if (head.size() < least_samples || power.size() < least_samples) {
            pump.curve = curve_of(h, e);
            assume(name + " pump '" + pump.name + "'",
                   "ran too little to have a curve of its own; it has the station's");
            continue;
        }
        hold(head, h, {1, flow * flow});
        hold(power, e, {1, flow});
        const auto own_head =
            HW_TRY(head.solve(name + " pump '" + pump.name + "' head", "m", least_samples));
        const auto own_power =
            HW_TRY(power.solve(name + " pump '" + pump.name + "' efficiency", "1", least_samples));
        pump.curve = curve_of(own_head.value, own_power.value);
        reports.push_back(own_head.report);
        reports.push_back(own_power.report);
    }
    return {};
}

namespace {

double common_speed(const Pumps& pumps, size_t row) {
    double speed = 0;
    for (const auto& pump : pumps)
        if (runs(pump, row)) speed = std::max(speed, pump.speed[row]);
    return speed;
}

// The flow against what one pump less would carry at its best.
double load(const Pumps& pumps, const StationParameters& station, size_t row) {
    double flow = 0, best = 0, all = 0;
    for (size_t i = 0; i < pumps.size(); ++i) {
        if (!runs(pumps[i], row)) continue;
        all += 1;
        flow += pumps[i].flow[row];
        best += station.pumps[i].curve.best_flow() * pumps[i].speed[row];
    }
    return all >= 2 && best > 0 ? flow / (best * (all - 1) / all) : std::nan("");
}

}  // namespace

void Calibrator::staging(const Pumps& columns, const std::string& name,
                         StationParameters& station) {
    auto& staging = station.staging;
    std::vector<double> speeds, up, down;
    const size_t early = data.rows_of(staging.down_seconds);
    for (size_t row = 1; row < data.rows; ++row) {
        const size_t before = running(columns, row - 1);
        const size_t now = running(columns, row);
        if (now > 0) speeds.push_back(common_speed(columns, row));
        if (before > 0 && now == before + 1) up.push_back(common_speed(columns, row - 1));
        if (now + 1 == before && now > 0 && row > early &&
            running(columns, row - early - 1) == before)
            if (const double share = load(columns, station, row - early); share > 0)
                down.push_back(share);
    }
    std::erase_if(speeds, [](double s) { return !(s > least_speed); });
    // The rated speed, unless more was seen: a station that starts another pump in time never shows
    // its limit.
    if (!speeds.empty()) staging.most_speed = std::max(staging.most_speed, quantile(speeds, 0.999));
    constexpr size_t enough = 4;
    if (up.size() >= enough)
        staging.up_speed = std::min(quantile(up, 0.1), staging.most_speed);
    else
        assume(name + " staging up", "only " + std::to_string(up.size()) +
                                         " starts seen; a pump more at speed " +
                                         std::to_string(staging.up_speed).substr(0, 4) + " for " +
                                         std::to_string(std::lround(staging.up_seconds)) + " s");
    if (down.size() >= enough)
        staging.down_load = std::clamp(median(down), 0.3, 1.5);
    else
        assume(name + " staging down",
               "only " + std::to_string(down.size()) + " stops seen; a pump less below " +
                   std::to_string(staging.down_load).substr(0, 4) + " of the others' best flow");
    for (const auto& [what, events, value] :
         {std::tuple{" staging up", &up, staging.up_speed},
          std::tuple{" staging down", &down, staging.down_load}})
        if (events->size() >= enough)
            reports.push_back({.what = name + what,
                               .n = events->size(),
                               .rmse = quantile(*events, 0.75) - quantile(*events, 0.25),
                               .unit = "1",
                               .explained = 1,
                               .confidence = 1 - 1 / static_cast<double>(events->size()),
                               .note = "at " + std::to_string(value).substr(0, 5)});
}

}  // namespace hw::physics

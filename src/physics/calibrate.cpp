#include "physics/calibrate.h"

#include <algorithm>
#include <cmath>

#include "physics/filter_gallery.h"

namespace hw::physics {

namespace {

constexpr double recent_seconds = 600;  // how old a value of the present state may be

// The median of the last rows: one noisy reading shall not start a forecast.
double recent(const WorksData& data, const Column& column, size_t row, double seconds) {
    std::vector<double> values;
    const size_t rows = data.rows_of(seconds);
    for (size_t back = 0; back < rows && back <= row; ++back)
        if (column.has(row - back)) values.push_back(column[row - back]);
    return values.empty() ? std::nan("") : median(std::move(values));
}

Result<double> needed(const WorksData& data, const Column& column, size_t row,
                      const std::string& what) {
    const double value = column.last(row, data.rows_of(recent_seconds));
    if (std::isnan(value))
        return fail(ErrorCode::invalid_argument,
                    what + " has no good value in the ten minutes before " +
                        format_rfc3339(data.time(row)) + "; bind it or start at another time");
    return value;
}

std::vector<PumpState> pumps_at(const WorksData& data, const std::vector<WorksData::Pump>& pumps,
                                size_t row) {
    std::vector<PumpState> states;
    for (const auto& pump : pumps) {
        const size_t back = data.rows_of(recent_seconds);
        const double speed = pump.speed.last(row, back);
        const double running =
            pump.running.empty() ? (speed > 0.3 ? 1.0 : 0.0) : pump.running.last(row, back);
        const double hours = pump.hours.last(row, data.rows);
        states.push_back({.running = running > 0.5, .hours = std::isnan(hours) ? 0.0 : hours});
    }
    return states;
}

FilterState filter_at(const WorksData& data, const Works& works, size_t index, size_t row) {
    const auto& filter = data.filters[index];
    const auto& parameters = works.filters;
    FilterState state;
    const double phase = filter.phase.last(row, data.rows_of(recent_seconds));
    state.phase = std::isnan(phase) ? FilterPhase::filtering : static_cast<FilterPhase>(phase);
    for (size_t back = 0; back < row && filter.phase[row - back] == phase; ++back)
        state.in_phase = static_cast<double>(back) * data.step_seconds();
    const double level = filter.level.last(row, data.rows_of(recent_seconds));
    state.box = parameters.box_area * (std::isnan(level) ? parameters.normal_level : level);
    // Within the band in which its outlet valve works, the level is what the balance calls normal.
    if (state.phase == FilterPhase::filtering &&
        std::abs(state.box - parameters.box_area * parameters.normal_level) <
            0.3 * parameters.box_area)
        state.box = parameters.box_area * parameters.normal_level;
    const double hours = filter.run_hours.last(row, data.rows_of(recent_seconds));
    if (!std::isnan(hours)) state.run_seconds = hours * 3600;
    const double loss = recent(data, filter.head_loss, row, 300);
    const double flow = recent(data, filter.flow, row, 300);
    if (state.phase == FilterPhase::filtering && flow > 1e-3 && !std::isnan(loss))
        state.filtered = FilterGallery::filtered_at(parameters.beds[index], loss / flow);
    return state;
}

// The demand's level of the last days and its error of the last hour, against the pattern.
void adapt_demand(const WorksData& data, size_t row, DemandParameters& demand) {
    const auto share = [&](double seconds) {
        double is = 0, usual = 0, count = 0;
        const size_t rows = data.rows_of(seconds);
        for (size_t back = 0; back < rows && back <= row; ++back) {
            const double value = demand_at(data, row - back);
            if (std::isnan(value)) continue;
            is += value;
            usual += demand.pattern.at(data.time(row - back));
            count += 1;
        }
        return count * 2 > static_cast<double>(rows) && usual > 0 ? is / usual : 1.0;
    };
    // Half of it: a day's surplus is part habit, part chance.
    demand.level = 1 + 0.5 * (std::clamp(share(2 * 86'400.0), 0.5, 2.0) - 1);
    const double window = std::clamp(demand.error_hours, 0.25, 3.0) * 3600;
    demand.error = std::clamp(share(window) / demand.level - 1, -0.5, 0.5);
}

void adapt_other_power(const WorksData& data, size_t row, Works& works) {
    std::vector<double> errors;
    const size_t rows = data.rows_of(6 * 3600.0);
    for (size_t back = 0; back < rows && back <= row; ++back) {
        const double is = other_power_at(data, row - back, works.filters.fill_power);
        if (!std::isnan(is)) errors.push_back(is - works.other_power.at(data.time(row - back)));
    }
    works.other_power_error = errors.size() * 2 > rows ? median(std::move(errors)) : 0.0;
}

}  // namespace

void Calibrator::assume(std::string what, std::string note) {
    FitReport report;
    report.what = std::move(what);
    report.assumed = true;
    report.note = std::move(note);
    reports.push_back(std::move(report));
}

Result<Calibration> calibrate(const WorksData& data, Works sheet) {
    if (data.raw_pumps.size() != sheet.raw_station.pumps.size() ||
        data.high_lift_pumps.size() != sheet.high_lift.pumps.size() ||
        data.filters.size() != sheet.filters.beds.size())
        return fail(ErrorCode::invalid_argument,
                    "the history has other numbers of pumps or filters than the works");
    Calibrator calibrator{data, std::move(sheet), {}};
    auto& works = calibrator.works;
    HW_TRY(calibrator.pumps(data.raw_pumps, data.raw_flow, "raw", works.raw_station));
    HW_TRY(calibrator.pumps(data.high_lift_pumps, data.supply_flow, "high-lift", works.high_lift));
    calibrator.staging(data.raw_pumps, "raw", works.raw_station);
    calibrator.staging(data.high_lift_pumps, "high-lift", works.high_lift);
    HW_TRY(calibrator.raw_main());
    HW_TRY(calibrator.network());
    HW_TRY(calibrator.filters());
    HW_TRY(calibrator.tanks());
    calibrator.sludge();
    HW_TRY(calibrator.throughput());
    HW_TRY(calibrator.pressure());
    HW_TRY(calibrator.demand());
    HW_TRY(calibrator.other_power());
    HW_TRY(works.check());
    return Calibration{.works = std::move(works),
                       .reports = std::move(calibrator.reports),
                       .from = data.start,
                       .to = data.time(data.rows)};
}

Result<WorksState> state_at(const WorksData& data, size_t row, Works& works) {
    if (row >= data.rows)
        return fail(ErrorCode::invalid_argument, "the history ends before the start");
    WorksState state;
    state.clear_well_level =
        HW_TRY(needed(data, data.clear_well_level, row, "the clear well's level"));
    state.tower_level = HW_TRY(needed(data, data.tower_level, row, "the tower's level"));
    state.wash_tank_level =
        HW_TRY(needed(data, data.wash_tank_level, row, "the wash tank's level"));
    state.raw_setpoint = HW_TRY(needed(data, data.raw_setpoint, row, "the raw flow's set-point"));
    const double river = recent(data, data.source_level, row, 1800);
    const double screen = recent(data, data.screen_loss, row, 1800);
    state.source_level = (std::isnan(river) ? 0.0 : river) - (std::isnan(screen) ? 0.0 : screen);
    const auto means = mean_outflow(data, works.throughput.mean_seconds);
    state.mean_outflow = means[row];
    if (std::isnan(state.mean_outflow))
        return fail(ErrorCode::invalid_argument,
                    "the flow into supply has no value before the start; bind it");
    state.filling = data.fill_flow.last(row, 2) > 0.001;
    state.raw_pumps = pumps_at(data, data.raw_pumps, row);
    state.high_lift_pumps = pumps_at(data, data.high_lift_pumps, row);
    for (size_t i = 0; i < data.filters.size(); ++i)
        state.filters.push_back(filter_at(data, works, i, row));
    adapt_demand(data, row, works.demand);
    adapt_other_power(data, row, works);
    return state;
}

}  // namespace hw::physics

#include <algorithm>
#include <cmath>

#include "physics/calibrate.h"
#include "physics/filter_gallery.h"

namespace hw::physics {

namespace {

constexpr size_t least_samples = 120;

FilterPhase phase_at(const WorksData::Filter& filter, size_t row) {
    return filter.phase.has(row) ? static_cast<FilterPhase>(filter.phase[row]) : FilterPhase::out;
}

// What the washes that were seen tell of their course.
struct Washes {
    std::vector<double> head_loss, run_seconds;  // as each began
    std::vector<double> air, backwash, ripening;
    std::vector<double> normal, drained, trough;  // levels
    size_t count = 0;
};

void take_phase(const WorksData& data, const WorksData::Filter& filter, size_t begin, size_t end,
                Washes& washes) {
    const double seconds = static_cast<double>(end - begin) * data.step_seconds();
    const auto level = [&](size_t row, std::vector<double>& to) {
        if (filter.level.has(row)) to.push_back(filter.level[row]);
    };
    switch (phase_at(filter, begin)) {
        case FilterPhase::draining:
            ++washes.count;
            if (const double loss = filter.head_loss.last(begin - 1, 2); !std::isnan(loss))
                washes.head_loss.push_back(loss);
            if (const double hours = filter.run_hours.last(begin - 1, 2); !std::isnan(hours))
                washes.run_seconds.push_back(hours * 3600);
            return;
        case FilterPhase::air_scour:
            washes.air.push_back(seconds);
            level(begin, washes.drained);
            return;
        case FilterPhase::backwash:
            washes.backwash.push_back(seconds);
            level(end - 1, washes.trough);
            return;
        case FilterPhase::ripening:
            washes.ripening.push_back(seconds);
            return;
        case FilterPhase::filtering:
            for (size_t row = begin + data.rows_of(3600); row < end; row += data.rows_of(3600))
                level(row, washes.normal);
            return;
        case FilterPhase::out:
            return;
    }
}

Washes find_washes(const WorksData& data) {
    Washes washes;
    for (const auto& filter : data.filters) {
        size_t begin = 0;
        for (size_t row = 1; row <= data.rows; ++row) {
            if (row < data.rows && phase_at(filter, row) == phase_at(filter, begin)) continue;
            // The first and the last are cut off.
            if (begin > 0 && row < data.rows) take_phase(data, filter, begin, row, washes);
            begin = row;
        }
    }
    return washes;
}

void replace(double& value, const std::vector<double>& seen) {
    if (seen.size() >= 2) value = median(seen);
}

// A run ends by whichever limit is met first: the one at which most runs ended is seen.
void take_limits(const Washes& washes, FilterParameters& filters) {
    if (washes.head_loss.size() < 3) return;
    const double loss = quantile(washes.head_loss, 0.9);
    const auto near = std::count_if(washes.head_loss.begin(), washes.head_loss.end(),
                                    [&](double v) { return v > 0.93 * loss; });
    if (near * 2 >= static_cast<ptrdiff_t>(washes.head_loss.size())) filters.head_loss_limit = loss;
    if (washes.run_seconds.size() < 3) return;
    const double run = quantile(washes.run_seconds, 1);
    const auto long_ones = std::count_if(washes.run_seconds.begin(), washes.run_seconds.end(),
                                         [&](double v) { return v > 0.98 * run; });
    if (long_ones * 3 >= static_cast<ptrdiff_t>(washes.run_seconds.size()))
        filters.run_seconds_limit = run;
}

// Resistance over the volume since the wash, of the runs that were seen from their start.
void add_runs(const WorksData& data, const WorksData::Filter& filter, LinearFit& fit) {
    bool known = false;
    double volume = 0;
    const size_t every = data.rows_of(300);
    for (size_t row = 1; row < data.rows; ++row) {
        const auto phase = phase_at(filter, row);
        if (phase == FilterPhase::backwash) {
            known = true;
            volume = 0;
            continue;
        }
        if (phase != FilterPhase::filtering && phase != FilterPhase::ripening) continue;
        const double flow = filter.flow[row];
        if (std::isnan(flow)) {  // a gap: what went through is not known
            known = false;
            continue;
        }
        volume += flow * data.step_seconds();
        if (!known || row % every != 0 || !(flow > 1e-3)) continue;
        fit.add({1.0, volume, volume * volume}, filter.head_loss[row] / flow);
    }
}

}  // namespace

Result<void> Calibrator::filters() {
    auto& filters = works.filters;
    const Washes washes = find_washes(data);
    if (washes.count < 2) {
        assume("filter wash",
               std::to_string(washes.count) + " washes seen; limits and times are as on the sheet");
    } else {
        take_limits(washes, filters);
        replace(filters.air_seconds, washes.air);
        replace(filters.wash_seconds, washes.backwash);
        replace(filters.ripening_seconds, washes.ripening);
        replace(filters.normal_level, washes.normal);
        replace(filters.drained_level, washes.drained);
        replace(filters.trough_level, washes.trough);
        filters.trough_level = std::min(filters.trough_level, filters.normal_level);
        reports.push_back(
            {.what = "filter wash",
             .n = washes.count,
             .rmse = quantile(washes.head_loss, 0.75) - quantile(washes.head_loss, 0.25),
             .unit = "m",
             .explained = 1,
             .confidence = 1 - 1 / static_cast<double>(washes.count),
             .note = "begins at " + std::to_string(filters.head_loss_limit) + " m"});
    }
    std::vector<double> wash, fill, drain, blower;
    for (size_t row = 0; row < data.rows; ++row) {
        if (data.wash_flow[row] > 0.01) wash.push_back(data.wash_flow[row]);
        if (data.fill_flow[row] > 0.001) fill.push_back(data.fill_flow[row]);
        if (data.blower_power[row] > 0.5) blower.push_back(data.blower_power[row]);
        const auto draining =
            std::count_if(data.filters.begin(), data.filters.end(),
                          [&](const auto& f) { return phase_at(f, row) == FilterPhase::draining; });
        if (draining == 1 && data.waste_flow[row] > 0.001) drain.push_back(data.waste_flow[row]);
    }
    replace(filters.wash_flow, wash);
    replace(filters.fill_flow, fill);
    replace(filters.drain_flow, drain);
    replace(filters.blower_power, blower);
    // Levels at which the filling starts and stops.
    std::vector<double> starts, stops;
    for (size_t row = 1; row < data.rows; ++row) {
        const bool before = data.fill_flow[row - 1] > 0.001;
        const bool now = data.fill_flow[row] > 0.001;
        if (before != now && data.wash_tank_level.has(row))
            (now ? starts : stops).push_back(data.wash_tank_level[row]);
    }
    replace(filters.fill_start, starts);
    replace(filters.fill_stop, stops);
    LinearFit all(3);
    for (const auto& filter : data.filters)
        add_runs(data, filter, all);
    const auto pooled = HW_TRY(all.solve("filter beds", "m s/m3", least_samples));
    const auto bed_of = [](const LinearFit::Solution& found) {
        return BedParameters{.clean = std::max(0.0, found.value[0]),
                             .growth = std::max(0.0, found.value[1]),
                             .curve = std::max(0.0, found.value[2])};
    };
    reports.push_back(pooled.report);
    for (size_t i = 0; i < filters.beds.size(); ++i) {
        filters.beds[i] = bed_of(pooled);
        LinearFit own(3);
        add_runs(data, data.filters[i], own);
        const auto found = own.solve("filter " + std::to_string(i + 1), "m s/m3", least_samples);
        if (!found || !(found->value[0] > 0) || !(found->value[1] >= 0) || !(found->value[2] >= 0))
            continue;
        filters.beds[i] = bed_of(*found);
        reports.push_back(found->report);
    }
    return {};
}

void Calibrator::sludge() {
    if (works.sludge_flow > 0) return;
    double flow = 0;
    bool known = !data.sludge_volumes.empty();
    for (const auto& column : data.sludge_volumes) {
        size_t first = 0;
        while (first < data.rows && !column.has(first))
            ++first;
        const double end = data.rows > 0 ? column.last(data.rows - 1, data.rows) : 0.0;
        if (first >= data.rows || !(end >= column[first])) {
            known = false;
            break;
        }
        flow +=
            (end - column[first]) / (static_cast<double>(data.rows - first) * data.step_seconds());
    }
    if (known) {
        works.sludge_flow = flow;
        reports.push_back({.what = "sludge",
                           .n = data.rows,
                           .unit = "m3/s",
                           .explained = 1,
                           .confidence = 0.9,
                           .note = "of the totalisers"});
        return;
    }
    assume("sludge", "no totaliser; taken as nothing");
}

}  // namespace hw::physics

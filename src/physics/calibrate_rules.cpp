#include <algorithm>
#include <array>
#include <cmath>

#include "physics/calibrate.h"

namespace hw::physics {

namespace {

constexpr double day_seconds = 86'400;

double or_zero(double value) {
    return std::isnan(value) ? 0.0 : value;
}

double clock_seconds(Time time) {
    return static_cast<double>(time.ns / 1'000'000) / 1e3;
}

// The longest usual time between decisions that nearly all changes fit, and where they fall in it.
void find_clock(const WorksData& data, const std::vector<size_t>& changes, ThroughputRule& rule) {
    for (const double every : {3600.0, 1800.0, 1200.0, 900.0, 600.0, 300.0}) {
        if (every < data.step_seconds()) break;
        std::vector<double> phases;
        for (const size_t row : changes)
            phases.push_back(std::fmod(clock_seconds(data.time(row)), every));
        const double phase = median(phases);
        const auto fit = std::count_if(phases.begin(), phases.end(), [&](double p) {
            return std::abs(p - phase) <= data.step_seconds();
        });
        if (static_cast<double>(fit) < 0.95 * static_cast<double>(phases.size())) continue;
        rule.every = every;
        rule.phase = phase;
        return;
    }
    rule.every = std::max(60.0, data.step_seconds());
    rule.phase = 0;
}

// The step of a quantity that was set in whole steps; 0 where it was not.
double find_quantum(std::vector<double> values) {
    std::sort(values.begin(), values.end());
    double least = 0;
    for (size_t i = 1; i < values.size(); ++i) {
        const double gap = values[i] - values[i - 1];
        if (gap > 1e-4 && (least == 0 || gap < least)) least = gap;
    }
    if (least == 0) return 0;
    const auto whole = std::count_if(values.begin(), values.end(), [&](double v) {
        return std::abs(v / least - std::round(v / least)) < 0.1;
    });
    return static_cast<double>(whole) > 0.9 * static_cast<double>(values.size()) ? least : 0.0;
}

// Weights of the two knots next to x.
void nodal(const std::vector<double>& knots, double x, std::span<double> out) {
    std::fill(out.begin(), out.end(), 0.0);
    const auto above = std::upper_bound(knots.begin() + 1, knots.end() - 1, x);
    const auto i = static_cast<size_t>(above - knots.begin());
    const double part = (x - knots[i - 1]) / (knots[i] - knots[i - 1]);
    out[i - 1] = 1 - part;
    out[i] = part;
}

}  // namespace

double demand_at(const WorksData& data, size_t row) {
    if (data.demand.has(row)) return data.demand[row];
    return data.supply_flow[row] - data.tower_flow[row];
}

std::vector<double> mean_outflow(const WorksData& data, double mean_seconds) {
    std::vector<double> means(data.rows);
    double sum = 0, count = 0;
    const size_t day = std::min(data.rows, data.rows_of(day_seconds));
    for (size_t row = 0; row < day; ++row)
        if (data.supply_flow.has(row)) {
            sum += data.supply_flow[row];
            count += 1;
        }
    double mean = count > 0 ? sum / count : std::nan("");
    const double share = 1 - std::exp(-data.step_seconds() / mean_seconds);
    for (size_t row = 0; row < data.rows; ++row) {
        if (data.supply_flow.has(row)) mean += (data.supply_flow[row] - mean) * share;
        means[row] = mean;
    }
    return means;
}

Result<void> Calibrator::throughput() {
    auto& rule = works.throughput;
    std::vector<size_t> changes;
    std::vector<double> values, levels;
    for (size_t row = 1; row < data.rows; ++row) {
        if (!data.raw_setpoint.has(row)) continue;
        values.push_back(data.raw_setpoint[row]);
        if (data.clear_well_level.has(row)) levels.push_back(data.clear_well_level[row]);
        if (std::abs(data.raw_setpoint[row] - data.raw_setpoint[row - 1]) > 1e-5)
            changes.push_back(row);
    }
    if (!rule.of_level.x.empty()) return {};
    constexpr size_t few = 8;
    if (values.size() < 100)
        return fail(ErrorCode::invalid_argument,
                    "throughput rule: the raw flow's set-point has " +
                        std::to_string(values.size()) +
                        " usable samples, at least 100 are needed; bind it, or give the rule");
    if (changes.size() < few) {
        rule.gain = 0;
        rule.of_level = {{0}, {median(values)}};
        assume("throughput rule", "the set-point changed " + std::to_string(changes.size()) +
                                      " times; taken as constant");
        return {};
    }
    find_clock(data, changes, rule);
    rule.quantum = find_quantum(values);
    const double low = quantile(levels, 0.005);
    const double high = std::max(low + 0.1, quantile(levels, 0.995));
    const auto spans = static_cast<size_t>(std::clamp((high - low) / 0.25, 2.0, 12.0));
    std::vector<double> knots;
    for (size_t i = 0; i <= spans; ++i)
        knots.push_back(low + (high - low) * static_cast<double>(i) / static_cast<double>(spans));
    const auto means = mean_outflow(data, rule.mean_seconds);
    LinearFit fit(1 + knots.size());
    std::vector<double> x(1 + knots.size());
    for (size_t row = 1; row < data.rows; ++row) {
        const double phase =
            std::fmod(clock_seconds(data.time(row)) - rule.phase + rule.every, rule.every);
        if (phase > 0.5 * data.step_seconds() && rule.every > data.step_seconds()) continue;
        if (!data.clear_well_level.has(row)) continue;
        x[0] = means[row];
        nodal(knots, data.clear_well_level[row], std::span(x).subspan(1));
        fit.add(x, data.raw_setpoint[row]);
    }
    // The mean outflow hardly changes within a week: it should pass through as it is, and the rest
    // bend no more than the data ask for.
    const auto n = static_cast<double>(fit.size());
    const double mean = means.back();
    std::fill(x.begin(), x.end(), 0.0);
    x[0] = mean;
    fit.prefer(x, mean, 0.05 * n);
    for (size_t i = 2; i < knots.size(); ++i) {
        std::fill(x.begin(), x.end(), 0.0);
        x[i - 1] = 1;
        x[i] = -2;
        x[i + 1] = 1;
        fit.prefer(x, 0, 0.02 * n);
    }
    auto found = fit.solve("throughput rule", "m3/s", 2 * knots.size());
    if (!found) return fail(found.error());
    rule.gain = found->value[0];
    rule.of_level = {knots, {found->value.begin() + 1, found->value.end()}};
    if (rule.least <= 0) rule.least = std::max(0.0, quantile(values, 0));
    found->report.note = "decides every " + std::to_string(std::lround(rule.every)) + " s";
    reports.push_back(found->report);
    return {};
}

namespace {

bool weekend(size_t slot) {
    return slot / WeekPattern::slots_a_day >= 5;
}

struct SlotSums {
    std::array<double, WeekPattern::slots> sum{}, count{};

    void add(size_t slot, double value) {
        sum.at(slot) += value;
        count.at(slot) += 1;
    }
};

size_t slot_of(Time time, Duration offset) {
    return static_cast<size_t>(WeekPattern::seconds_of_week(time, offset) /
                               WeekPattern::slot_seconds) %
           WeekPattern::slots;
}

// Means of the slots, each drawn towards what all days of its kind (working days, weekend) have at
// that time: `pull` counts as so many weeks. Slots that were never seen take their kind's, or the
// whole day's.
void fill_pattern(const SlotSums& sums, double samples_a_slot, double pull, WeekPattern& pattern) {
    constexpr size_t day = WeekPattern::slots_a_day;
    for (size_t at = 0; at < day; ++at) {
        std::array<double, 2> sum{}, count{};
        for (size_t slot = at; slot < WeekPattern::slots; slot += day) {
            sum.at(weekend(slot)) += sums.sum.at(slot);
            count.at(weekend(slot)) += sums.count.at(slot);
        }
        const double all = (sum[0] + sum[1]) / std::max(1.0, count[0] + count[1]);
        for (size_t slot = at; slot < WeekPattern::slots; slot += day) {
            const auto kind = static_cast<size_t>(weekend(slot));
            const double usual = count.at(kind) > 0 ? sum.at(kind) / count.at(kind) : all;
            const double weeks = sums.count.at(slot) / samples_a_slot;
            const double own =
                sums.count.at(slot) > 0 ? sums.sum.at(slot) / sums.count.at(slot) : usual;
            pattern.value.at(slot) = (weeks * own + pull * usual) / (weeks + pull);
        }
    }
}

}  // namespace

Result<void> Calibrator::demand() {
    auto& pattern = works.demand.pattern;
    SlotSums sums;
    size_t n = 0;
    for (size_t row = 0; row < data.rows; ++row) {
        const double demand = demand_at(data, row);
        if (std::isnan(demand)) continue;
        sums.add(slot_of(data.time(row), pattern.offset), demand);
        ++n;
    }
    const size_t day = data.rows_of(day_seconds);
    if (n < 2 * day)
        return fail(ErrorCode::invalid_argument,
                    "demand: " + std::to_string(n) + " usable samples, at least " +
                        std::to_string(2 * day) + " (two days) are needed; take a longer history");
    const double a_slot = WeekPattern::slot_seconds / data.step_seconds();
    fill_pattern(sums, a_slot, 2, pattern);
    // The error of half hours, and how long one lasts.
    std::vector<double> errors;
    double sum = 0, count = 0;
    const size_t rows = data.rows_of(WeekPattern::slot_seconds);
    for (size_t row = 0; row < data.rows; ++row) {
        const double demand = demand_at(data, row);
        const double usual = pattern.at(data.time(row));
        if (!std::isnan(demand) && usual > 0) {
            sum += demand / usual - 1;
            count += 1;
        }
        if ((row + 1) % rows != 0) continue;
        errors.push_back(count > 0 ? sum / count : 0.0);
        sum = count = 0;
    }
    double here = 0, next = 0;
    for (size_t i = 0; i + 1 < errors.size(); ++i) {
        here += errors[i] * errors[i];
        next += errors[i] * errors[i + 1];
    }
    const double likeness = here > 0 ? std::clamp(next / here, 0.05, 0.97) : 0.05;
    works.demand.error_hours = std::clamp(-0.5 / std::log(likeness), 0.2, 12.0);
    reports.push_back(
        {.what = "demand by the hour of the week",
         .n = n,
         .rmse = std::sqrt(here / std::max<double>(1, static_cast<double>(errors.size()))),
         .unit = "1",
         .explained = 1,
         .confidence = std::min(1.0, static_cast<double>(n) / static_cast<double>(7 * day)),
         .note = n < 7 * day ? "less than a week: days that were not seen are as their kind" : ""});
    return {};
}

double other_power_at(const WorksData& data, size_t row, double fill_power) {
    double power = data.total_power[row] - or_zero(data.blower_power[row]);
    if (or_zero(data.fill_flow[row]) > 0.001) power -= fill_power;
    for (const auto* station : {&data.raw_pumps, &data.high_lift_pumps})
        for (const auto& pump : *station)  // one that stands needs no reading
            power -= pump.running[row] < 0.5 ? or_zero(pump.power[row]) : pump.power[row];
    return power;
}

Result<void> Calibrator::other_power() {
    auto& filters = works.filters;
    if (data.total_power.empty()) {
        assume("other power", "the works' meter is not bound; taken as nothing");
        return {};
    }
    const auto rest = [&](size_t row) { return other_power_at(data, row, 0); };
    std::vector<double> jumps;
    for (size_t row = 1; row < data.rows; ++row) {
        const bool before = or_zero(data.fill_flow[row - 1]) > 0.001;
        const bool now = or_zero(data.fill_flow[row]) > 0.001;
        if (before == now) continue;
        const double jump = (rest(row) - rest(row - 1)) * (now ? 1 : -1);
        if (std::isfinite(jump)) jumps.push_back(jump);
    }
    if (filters.fill_power <= 0 && jumps.size() >= 4)
        filters.fill_power = std::max(0.0, median(jumps));
    // The newest days count; the week's days are alike.
    SlotSums sums;
    std::vector<double> all;
    const size_t from =
        data.rows > data.rows_of(3 * day_seconds) ? data.rows - data.rows_of(3 * day_seconds) : 0;
    for (size_t row = from; row < data.rows; ++row) {
        const double power = other_power_at(data, row, filters.fill_power);
        if (!std::isfinite(power)) continue;
        all.push_back(power);
        const size_t at =
            slot_of(data.time(row), works.demand.pattern.offset) % WeekPattern::slots_a_day;
        for (size_t slot = at; slot < WeekPattern::slots; slot += WeekPattern::slots_a_day)
            sums.add(slot, power);
    }
    if (all.empty()) {
        assume("other power", "no row where the meter and all pumps have a value");
        return {};
    }
    works.other_power.offset = works.demand.pattern.offset;
    const double middle = median(all);
    for (size_t slot = 0; slot < WeekPattern::slots; ++slot)
        works.other_power.value.at(slot) =
            sums.count.at(slot) > 0 ? sums.sum.at(slot) / sums.count.at(slot) : middle;
    reports.push_back({.what = "other power",
                       .n = all.size(),
                       .rmse = 0.7413 * (quantile(all, 0.75) - quantile(all, 0.25)),
                       .unit = "kW",
                       .explained = 1,
                       .confidence = 0.9,
                       .note = "mean of the last days by the time of day"});
    return {};
}

}  // namespace hw::physics

#include "sim/plant/demand.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <numbers>

#include "sim/plant/units.h"

namespace hw::sim {

namespace {

using Day = std::array<double, 24>;

constexpr Day working_day{0.40, 0.33, 0.30, 0.31, 0.40, 0.70, 1.25, 1.62, 1.55, 1.32, 1.18, 1.12,
                          1.15, 1.10, 1.02, 0.98, 1.05, 1.22, 1.45, 1.52, 1.34, 1.10, 0.84, 0.55};
constexpr Day weekend_day{0.52, 0.42, 0.36, 0.33, 0.34, 0.42, 0.62, 0.98, 1.36, 1.60, 1.62, 1.50,
                          1.40, 1.26, 1.12, 1.06, 1.10, 1.22, 1.36, 1.40, 1.28, 1.08, 0.88, 0.67};
constexpr Day office_day{0.15, 0.12, 0.12, 0.12, 0.18, 0.40, 0.95, 1.70, 2.10, 2.15, 2.05, 2.00,
                         1.90, 1.85, 1.85, 1.75, 1.50, 1.10, 0.70, 0.45, 0.35, 0.25, 0.18, 0.13};

int64_t whole_seconds(Time now) {
    return now.ns / 1'000'000'000;
}

// 1970-01-01 was a Thursday.
bool is_weekend(Time now) {
    const int64_t day = (whole_seconds(now) / 86'400 + 4) % 7;  // 0 = Sunday
    return day == 0 || day == 6;
}

double at(const Day& day, Time now) {
    const double hours = static_cast<double>(whole_seconds(now) % 86'400) / seconds_per_hour;
    // Each figure stands for the middle of its hour.
    const double x = hours - 0.5 + 24.0;
    const auto i = static_cast<size_t>(x);
    const double part = x - static_cast<double>(i);
    return day.at(i % 24) * (1 - part) + day.at((i + 1) % 24) * part;
}

}  // namespace

double household_factor(Time now) {
    return at(is_weekend(now) ? weekend_day : working_day, now);
}

double business_factor(Time now) {
    return (is_weekend(now) ? 0.35 : 1.25) * at(office_day, now);
}

double season_factor(Time now) {
    const double day = std::fmod(static_cast<double>(whole_seconds(now)) / seconds_per_day, 365.25);
    return 1.0 + 0.10 * std::cos(2 * std::numbers::pi * (day - 200) / 365.25);
}

double leakage(double flow_at_reference, double pressure) {
    return flow_at_reference * std::pow(std::max(0.0, pressure) / reference_pressure, 1.1);
}

void District::step(Time now, double pressure, double dt, Random& random) {
    const double noise = 1 + 0.035 * slow_.step(dt, random) + 0.012 * fast_.step(dt, random);
    const double factor = 0.85 * household_factor(now) + 0.15 * business_factor(now);
    wanted_ = use_ * factor * season_factor(now) * std::max(0.2, noise) + leakage(leak_, pressure);
}

}  // namespace hw::sim

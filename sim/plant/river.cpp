#include "sim/plant/river.h"

#include <algorithm>
#include <cmath>
#include <numbers>

#include "sim/plant/units.h"

namespace hw::sim {

namespace {

constexpr double year_seconds = 365.25 * seconds_per_day;

// 1 at the warmest moment of the cycle, -1 at the coldest.
double cycle(Time now, double period, double warmest) {
    const double t = static_cast<double>(now.ns / 1'000'000'000);
    return std::cos(2 * std::numbers::pi * (std::fmod(t, period) - warmest) / period);
}

double season(Time now) {
    return cycle(now, year_seconds, 205 * seconds_per_day);
}

}  // namespace

River::River(Time start, Random& random) {
    // Somebody who watches a demonstration should see a shower on its first day.
    until_shower_ = (1 + 11 * random.uniform()) * seconds_per_hour;
    storm_ = 3 * random.uniform();
    temperature_ = 12 + 8 * season(start);
}

void River::step_rain(double dt, Random& random) {
    if (shower_left_ > 0) {
        shower_left_ -= dt;
        rain_ = std::max(0.0, shower_rate_ * (1 + 0.5 * gust_.value()));
        return;
    }
    rain_ = 0;
    until_shower_ -= dt;
    if (until_shower_ > 0) return;
    shower_left_ = (1.5 + 5 * random.uniform()) * seconds_per_hour;
    shower_rate_ = 1 + 6 * random.uniform();
    until_shower_ = -3 * seconds_per_day * std::log(1 - random.uniform());
}

void River::step(Time now, double dt, Random& random) {
    gust_.step(dt, random);
    slow_.step(dt, random);
    step_rain(dt, random);
    const double day = cycle(now, seconds_per_day, 15 * seconds_per_hour);
    air_temperature_ = 11 + 10 * season(now) + 4 * day + 0.8 * slow_.value();
    temperature_ += (12 + 8 * season(now) + 0.6 * day - temperature_) * dt / (6 * 3600);
    // 2.2 NTU a millimetre of rain, at most some 60 NTU on top of the base load.
    storm_ += 2.2 * rain_ * dt / seconds_per_hour * std::max(0.0, 1 - storm_ / 60);
    storm_ -= storm_ * dt / (10 * seconds_per_hour);
    turbidity_ = std::max(3.0, 6.5 + 0.8 * slow_.value() + storm_);
    level_ += (1.6 + 0.018 * storm_ + 0.05 * slow_.value() - level_) * dt / (2 * 3600);
}

}  // namespace hw::sim

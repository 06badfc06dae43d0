#include "physics/curve.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "base/assert.h"

namespace hw::physics {

double PolyLine::at(double where) const {
    HW_ASSERT(x.size() == y.size());
    if (x.empty()) return 0;
    if (x.size() == 1) return y.front();
    const auto above = std::upper_bound(x.begin() + 1, x.end() - 1, where);
    const auto i = static_cast<size_t>(above - x.begin());
    const double width = x[i] - x[i - 1];
    const double part = width > 0 ? (where - x[i - 1]) / width : 0.0;
    return y[i - 1] + (y[i] - y[i - 1]) * part;
}

void Schedule::add(double from, double to, double value) {
    if (to > from) spans_.push_back({from, to, value});
}

std::optional<double> Schedule::at(double time) const {
    for (auto span = spans_.rbegin(); span != spans_.rend(); ++span)
        if (time >= span->from && time < span->to) return span->value;
    return std::nullopt;
}

double Schedule::next_change(double time) const {
    double next = std::numeric_limits<double>::infinity();
    for (const auto& span : spans_) {
        if (span.from > time) next = std::min(next, span.from);
        if (span.to > time) next = std::min(next, span.to);
    }
    return next;
}

double WeekPattern::seconds_of_week(Time time, Duration offset) {
    constexpr int64_t week = int64_t{7} * 86'400 * 1'000'000'000;
    constexpr int64_t monday = int64_t{4} * 86'400 * 1'000'000'000;  // 1970-01-05
    int64_t ns = (time.ns + offset.ns - monday) % week;
    if (ns < 0) ns += week;
    return static_cast<double>(ns) / 1e9;
}

double WeekPattern::at(Time time) const {
    const double position = seconds_of_week(time, offset) / slot_seconds - 0.5 + slots;
    const auto whole = static_cast<size_t>(position);
    const double part = position - static_cast<double>(whole);
    return value.at(whole % slots) * (1 - part) + value.at((whole + 1) % slots) * part;
}

}  // namespace hw::physics

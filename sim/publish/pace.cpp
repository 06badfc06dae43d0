#include "sim/publish/pace.h"

#include <algorithm>
#include <cmath>

namespace hw::sim {

Pace::Pace(Time start, double speed, Duration interval)
    : gap_ns_(speed > 0 ? static_cast<double>(interval.ns) / speed : 0.0), next_(start) {}

Duration Pace::wait(Time now) const {
    return unlimited() ? Duration{0} : next_ - now;
}

void Pace::done(Time now) {
    const double gap = gap_ns_ + rest_;
    const double whole = std::floor(gap);
    rest_ = gap - whole;
    next_ = next_ + Duration{static_cast<int64_t>(whole)};
    if (now - next_ > seconds(2)) next_ = now;
}

Duration Backoff::next(Random& random) {
    const double full = std::min(15.0, 0.5 * std::pow(2.0, tries_));
    tries_ = std::min(tries_ + 1, 10);
    return {static_cast<int64_t>(full * (1 - 0.25 * random.uniform()) * 1e9)};
}

}  // namespace hw::sim

#include "sim/plant/analyzer.h"

#include <algorithm>
#include <cmath>

#include "base/assert.h"
#include "sim/plant/units.h"

namespace hw::sim {

namespace {

double until_cleaning(Random& random) {
    return 600 - 8 * seconds_per_hour * std::log(1 - random.uniform());
}

}  // namespace

std::string_view to_string(Trust trust) {
    switch (trust) {
        case Trust::good:
            return "good";
        case Trust::uncertain:
            return "uncertain";
        case Trust::bad:
            return "bad";
    }
    HW_UNREACHABLE();
}

Analyzer::Analyzer(double value, Random& random) : value_(value), left_(until_cleaning(random)) {}

void Analyzer::step(double truth, double dt, Random& random) {
    left_ -= dt;
    if (left_ <= 0) {
        if (trust_ == Trust::good) {
            trust_ = Trust::bad;
            left_ = 360 + 540 * random.uniform();
        } else if (trust_ == Trust::bad) {
            trust_ = Trust::uncertain;
            left_ = 300;
        } else {
            trust_ = Trust::good;
            left_ = until_cleaning(random);
        }
    }
    // The sample line and the meter's own averaging lag by half a minute.
    if (trust_ != Trust::bad) value_ += (truth - value_) * std::min(1.0, dt / 30.0);
}

}  // namespace hw::sim

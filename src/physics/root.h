#pragma once

#include <cmath>

namespace hw::physics {

// Where a falling function crosses zero between `low` (value not below 0) and `high` (not above).
// False position with the Illinois step (Dowell and Jarratt 1971), which halves the weight of an
// end that stays; every third round halves the bracket instead, since against a wall (a valve that
// shuts) false position alone creeps. Never leaves the bracket. An end that has the wrong sign
// already is the answer.
template <class Function>
double falling_root(double low, double high, double tolerance, Function&& function) {
    double at_low = function(low);
    if (!(at_low > 0)) return low;
    double at_high = function(high);
    if (!(at_high < 0)) return high;
    double middle = low;
    for (int i = 0; i < 120 && high - low > tolerance; ++i) {
        middle = (low * at_high - high * at_low) / (at_high - at_low);
        if (i % 3 == 2 || !(middle > low && middle < high)) middle = 0.5 * (low + high);
        const double value = function(middle);
        if (std::abs(value) <= tolerance * 1e-3) return middle;
        if (value > 0) {
            low = middle;
            at_low = value;
            at_high *= 0.5;
        } else {
            high = middle;
            at_high = value;
            at_low *= 0.5;
        }
    }
    return middle;
}

}  // namespace hw::physics

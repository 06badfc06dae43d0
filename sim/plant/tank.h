#pragma once

#include <algorithm>

namespace hw::sim {

// An upright tank with an overflow at its top. Never below empty, never above full: what does not
// fit is counted in overflow(), what is not there is not given.
class Tank {
  public:
    Tank(double area, double height, double level)
        : area_(area), height_(height), volume_(area * level) {}

    // Takes `in` and gives at most `out_wanted` (m3/s) for dt seconds. Returns the flow given.
    double step(double in, double out_wanted, double dt) {
        const double out = std::clamp(out_wanted, 0.0, volume_ / dt + in);
        volume_ = std::max(0.0, volume_ + (in - out) * dt);
        spilled_ = std::max(0.0, volume_ - area_ * height_);
        volume_ -= spilled_;
        overflow_ += spilled_;
        return out;
    }

    double volume() const { return volume_; }
    double level() const { return volume_ / area_; }
    double area() const { return area_; }
    double height() const { return height_; }
    // Spilled since the start, m3; and in the last step.
    double overflow() const { return overflow_; }
    double spilled() const { return spilled_; }

  private:
    double area_;
    double height_;
    double volume_;
    double overflow_ = 0;
    double spilled_ = 0;
};

}  // namespace hw::sim

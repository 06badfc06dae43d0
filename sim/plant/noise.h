#pragma once

#include <cmath>

#include "base/random.h"

namespace hw::sim {

// Noise with a memory of `time_constant` seconds (an Ornstein-Uhlenbeck process), mean 0,
// standard deviation 1. Exact for any step.
class Noise {
  public:
    explicit Noise(double time_constant) : time_constant_(time_constant) {}

    double step(double dt, Random& random) {
        const double keep = std::exp(-dt / time_constant_);
        value_ = keep * value_ + std::sqrt(1.0 - keep * keep) * random.normal();
        return value_;
    }
    double value() const { return value_; }

  private:
    double time_constant_;
    double value_ = 0;
};

}  // namespace hw::sim

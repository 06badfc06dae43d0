#pragma once

#include <algorithm>

namespace hw::sim {

// A PI controller with a bounded output; the integral stops at the bound (no wind-up).
class PiController {
  public:
    struct Tuning {
        double proportional;
        double integral;  // per second
        double least;
        double most;
    };

    PiController(Tuning tuning, double output) : tuning_(tuning), integral_(output) {}

    double step(double error, double dt) {
        integral_ =
            std::clamp(integral_ + tuning_.integral * error * dt, tuning_.least, tuning_.most);
        return std::clamp(integral_ + tuning_.proportional * error, tuning_.least, tuning_.most);
    }

  private:
    Tuning tuning_;
    double integral_;
};

}  // namespace hw::sim

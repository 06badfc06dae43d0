#pragma once

#include "base/random.h"
#include "base/time.h"
#include "sim/plant/noise.h"

namespace hw::sim {

// Water as it flows from one process to the next. Turbidity is carried as if it were a mass
// (1 NTU = 1.3 mg/l of solids, the middle of the range in AWWA, Water Quality & Treatment).
struct Water {
    double flow = 0;         // m3/s
    double turbidity = 0;    // NTU
    double temperature = 0;  // degrees Celsius
    double ph = 7;
};

inline constexpr double solids_per_ntu = 1.3;  // mg/l

// Rain and the river it falls into. Rain comes in showers (Poisson, on average every three days);
// it raises the river and washes soil into it, which then settles over about ten hours.
class River {
  public:
    River(Time start, Random& random);

    void step(Time now, double dt, Random& random);

    double rain() const { return rain_; }    // mm/h
    double level() const { return level_; }  // m above the intake's gauge zero
    double temperature() const { return temperature_; }
    double air_temperature() const { return air_temperature_; }
    double turbidity() const { return turbidity_; }
    double ph() const { return 7.75 - 0.004 * storm_ + 0.04 * slow_.value(); }
    double conductivity() const { return 430.0 - 1.6 * storm_ + 4.0 * slow_.value(); }  // uS/cm

  private:
    void step_rain(double dt, Random& random);

    double rain_ = 0;
    double shower_rate_ = 0;   // mm/h, of the shower under way
    double shower_left_ = 0;   // s
    double until_shower_ = 0;  // s
    double storm_ = 0;         // NTU washed in
    double level_ = 1.6;
    double temperature_ = 10;
    double air_temperature_ = 10;
    double turbidity_ = 7;
    Noise gust_{240};
    Noise slow_{4 * 3600};
};

}  // namespace hw::sim

#pragma once

#include "base/random.h"
#include "base/time.h"
#include "sim/plant/noise.h"

namespace hw::sim {

// Mean of a day = 1. Morning and evening peaks on working days, a later and flatter day at the
// weekend; the shape is that of DVGW W 410 for a town of 50,000 to 100,000.
double household_factor(Time now);
// Shops, schools and workshops: office hours.
double business_factor(Time now);
// Summer uses a tenth more than the mean, winter a tenth less.
double season_factor(Time now);

// A leak's flow under pressure: q = c p^1.1, the FAVAD exponent of a mixed network (Lambert 2001).
double leakage(double flow_at_reference, double pressure);
inline constexpr double reference_pressure = 42;  // m

// A district seen only at its inlet: thousands of customers as one curve, and leaks.
class District {
  public:
    District(double mean_flow, double leak_share)
        : use_(mean_flow * (1 - leak_share)), leak_(mean_flow * leak_share) {}

    void step(Time now, double pressure, double dt, Random& random);
    double wanted() const { return wanted_; }  // m3/s

  private:
    double use_;
    double leak_;
    double wanted_ = 0;
    Noise slow_{1500};
    Noise fast_{40};
};

}  // namespace hw::sim

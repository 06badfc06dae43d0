#pragma once

#include <cstdint>
#include <string_view>

#include "base/random.h"

namespace hw::sim {

// How far an instrument says it can be trusted.
enum class Trust : uint8_t { good, uncertain, bad };

std::string_view to_string(Trust trust);

// A water-quality analyser. Now and then somebody cleans it: its value stands still and reads bad,
// then it is uncertain while it settles. Every eight hours on average.
class Analyzer {
  public:
    Analyzer(double value, Random& random);

    void step(double truth, double dt, Random& random);

    double value() const { return value_; }
    Trust trust() const { return trust_; }

  private:
    double value_;
    Trust trust_ = Trust::good;
    double left_;  // s in this state
};

}  // namespace hw::sim

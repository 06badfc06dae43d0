#pragma once

#include <vector>

#include "base/random.h"
#include "base/time.h"
#include "sim/publish/reading.h"

namespace hw::sim {

// Reads a walk as instruments do: adds each gauge's noise, which is damped over five seconds, and
// rounds to its resolution. The noise has its own generator: how often one looks does not change
// the plant.
class Instruments final : public PointSink {
  public:
    Instruments(uint64_t seed, Duration interval);

    // Call before each walk.
    void begin_round();
    const std::vector<Reading>& readings() const { return readings_; }

    void asset(const Asset& asset, Form form) override;
    void analyzer(const Asset& asset, Form form, Trust trust) override;
    void number(const Gauge& gauge, double value) override;
    void count(const Label& label, int64_t value) override;
    void flag(const Label& label, bool value) override;
    void text(const Label& label, std::string_view value) override;

  private:
    double noise();

    Random random_;
    double keep_;   // share of the noise that survives an interval
    double fresh_;  // what keeps its variance at one
    Trust trust_ = Trust::good;
    std::vector<Reading> readings_;
    std::vector<double> noises_;  // by point
};

}  // namespace hw::sim

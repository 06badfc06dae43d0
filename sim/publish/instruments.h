#pragma once

#include <string>
#include <vector>

#include "base/random.h"
#include "base/time.h"
#include "sim/plant/faults.h"
#include "sim/publish/reading.h"

namespace hw::sim {

// Reads a walk as instruments do: adds each gauge's noise, which is damped over five seconds, and
// rounds to its resolution. The noise has its own generator: how often one looks does not change
// the plant.
class Instruments final : public PointSink {
  public:
    Instruments(uint64_t seed, Duration interval);

    // `faults` (which outlive this) drift and fail the sensors at `paths`, below the prefix, one a
    // point of the walk.
    void set_faults(Faults& faults, std::vector<std::string> paths);
    // Call before each walk.
    void begin_round(Time now);
    const std::vector<Reading>& readings() const { return readings_; }

    void asset(const Asset& asset, Form form) override;
    void analyzer(const Asset& asset, Form form, Trust trust) override;
    void number(const Gauge& gauge, double value) override;
    void count(const Label& label, int64_t value) override;
    void flag(const Label& label, bool value) override;
    void text(const Label& label, std::string_view value) override;

  private:
    double noise();
    // Applies what is wrong with the sensor. False when it has failed.
    bool tamper(double& value);

    Random random_;
    double keep_;   // share of the noise that survives an interval
    double fresh_;  // what keeps its variance at one
    Trust trust_ = Trust::good;
    std::vector<Reading> readings_;
    std::vector<double> noises_;  // by point
    Faults* faults_ = nullptr;
    std::vector<std::string> paths_;  // by point
    Time now_;
};

}  // namespace hw::sim

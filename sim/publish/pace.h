#pragma once

#include <cstdint>

#include "base/random.h"
#include "base/time.h"

namespace hw::sim {

// When the next round is due by the machine's monotonic clock. At speed 60 and an interval of 1 s a
// round is due every 1/60 s; without a limit one always is. Who falls behind by more than two
// seconds does not race to catch up: the plant's clock stays behind.
class Pace {
  public:
    // speed <= 0: as fast as it goes.
    Pace(Time start, double speed, Duration interval);

    bool due(Time now) const { return wait(now).ns <= 0; }
    Duration wait(Time now) const;
    void done(Time now);
    bool unlimited() const { return gap_ns_ <= 0; }

  private:
    double gap_ns_;
    Time next_;
    double rest_ = 0;  // part of a nanosecond that next_ could not take
};

// The wait before each try to connect: half a second, doubled up to 15 s, each shortened by up to a
// quarter at random so that many clients do not come back at once.
class Backoff {
  public:
    Duration next(Random& random);
    void reset() { tries_ = 0; }

  private:
    int tries_ = 0;
};

}  // namespace hw::sim

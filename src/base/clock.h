#pragma once

#include "base/time.h"

namespace hw {

// Where the time comes from. Handed in everywhere, so that tests and simulations own time.
// Any thread.
class Clock {
  public:
    virtual ~Clock() = default;
    // Wall time, UTC.
    virtual Time now() const = 0;
    // Never goes back; for intervals and deadlines only.
    virtual Time monotonic() const = 0;
};

class SystemClock final : public Clock {
  public:
    Time now() const override;
    Time monotonic() const override;
};

// Stands still until told. One thread.
class ManualClock final : public Clock {
  public:
    explicit ManualClock(Time start) : now_(start) {}
    Time now() const override { return now_; }
    Time monotonic() const override { return now_; }
    void advance(Duration by) { now_ = now_ + by; }

  private:
    Time now_;
};

}  // namespace hw

#pragma once

#include <algorithm>

#include "base/time.h"

namespace hw::app {

// Waits between attempts to connect: 0.2 s, doubled up to 10 s, from the start again after one
// that worked.
class BackOff {
  public:
    Duration next() {
        const Duration wait = wait_;
        wait_ = std::min(Duration{wait_.ns * 2}, seconds(10));
        return wait;
    }
    void worked() { wait_ = milliseconds(200); }

  private:
    Duration wait_ = milliseconds(200);
};

}  // namespace hw::app

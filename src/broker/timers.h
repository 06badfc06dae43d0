#pragma once

#include <cstdint>
#include <vector>

#include "base/time.h"

namespace hw::broker {

// What is to be looked at, and when: a heap, soonest first. Nothing is ever taken out early; who is
// called decides whether it still means something, and re-arms. So a keep-alive costs one entry per
// connection and nothing per packet. One thread.
class Timers {
  public:
    enum class Kind : uint8_t { connection, session, will };
    struct Timer {
        Time when;
        uint64_t serial = 0;
        Kind kind = Kind::connection;
    };

    void arm(Time when, Kind kind, uint64_t serial);
    // Takes out the next that is due; false if none is.
    bool pop(Time now, Timer& timer);
    // Drops those that mean nothing any more. Linear.
    template <class Keep>
    void keep_if(Keep&& keep) {
        std::erase_if(heap_, [&](const Timer& timer) { return !keep(timer); });
        restore();
    }
    size_t size() const { return heap_.size(); }

  private:
    void restore();

    std::vector<Timer> heap_;
};

}  // namespace hw::broker

#pragma once

#include <cstdint>
#include <span>
#include <string_view>

#include "twin/watch/watch.h"

namespace hw::twin {

// Somebody who takes a watch's events: a stream, or the broker. Called on the courier's thread.
class WatchSink {
  public:
    virtual ~WatchSink() = default;
    // It takes nothing any more.
    virtual bool gone() const = 0;
    // It can take more now. Where not it is asked again, at the latest at the next tick.
    virtual bool ready() const = 0;
    // It is heard from this sequence on.
    virtual void begin(const Watch& watch, uint64_t at) = 0;
    // `first`: the sequence of the first; 0 where they have none (the present state).
    virtual void events(const Watch& watch, std::span<const WatchEvent> events, uint64_t first) = 0;
    // So many events came too late for it.
    virtual void gap(uint64_t missed) = 0;
    // Nothing has come for a while.
    virtual void idle() = 0;
    // The subscription is gone.
    virtual void end(std::string_view why) = 0;
    // It tells itself, in the watch's counters, what it has delivered.
    virtual bool counts() const { return false; }
    // Sequences below this are delivered, for self-tests.
    virtual uint64_t delivered_to(uint64_t taken_to) const { return taken_to; }
};

}  // namespace hw::twin

#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <string>
#include <unordered_set>
#include <vector>

#include "base/mutex.h"
#include "base/time.h"
#include "twin/watch/outbox.h"
#include "twin/watch/watch_spec.h"
#include "twin/watch/where.h"

namespace hw::twin {

// Indices of twins that a sub-graph has.
using WatchMembers = std::unordered_set<uint32_t>;

// One subscription at work. Its spec never changes: another spec is another Watch.
struct Watch : std::enable_shared_from_this<Watch> {
    Watch(WatchSpec own_spec, uint32_t own_number, const Outbox::Settings& settings, uint64_t first)
        : spec(std::move(own_spec)), number(own_number), outbox(settings, first, counters) {}

    const WatchSpec spec;
    const uint32_t number;  // never used again
    WatchCounters counters;
    Outbox outbox;

    // Under the lock of Watches.
    std::unique_ptr<Where> condition;             // null: none
    std::shared_ptr<const WatchMembers> members;  // null: all twins; of a root that is not known
                                                  // yet: empty
    std::vector<WatchEvent> staged;               // of the running round
    bool live = false;                            // somebody takes its events
    uint32_t live_epoch = 0;                      // since when
    std::string last_error;                       // of the condition

    std::atomic<uint32_t> readers{0};
    std::atomic<bool> ready{false};  // is in the courier's list
};
using WatchPtr = std::shared_ptr<Watch>;

}  // namespace hw::twin

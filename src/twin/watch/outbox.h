#pragma once

#include <atomic>
#include <cstdint>
#include <deque>
#include <functional>
#include <optional>
#include <queue>
#include <unordered_map>
#include <utility>
#include <vector>

#include "base/mutex.h"
#include "base/time.h"
#include "twin/watch/watch_event.h"

namespace hw::twin {

// What a subscription counts. Any thread.
struct WatchCounters {
    std::atomic<uint64_t> matched{0};     // updates and happenings it follows
    std::atomic<uint64_t> delivered{0};   // events that readers and the broker took
    std::atomic<uint64_t> dropped{0};     // events that were gone before a reader took them
    std::atomic<uint64_t> throttled{0};   // replaced by a newer value within min_interval
    std::atomic<uint64_t> suppressed{0};  // no change, or within the deadband
    std::atomic<uint64_t> rejected{0};    // `where` said no
    std::atomic<uint64_t> failed{0};      // `where` could not be computed
    std::atomic<uint64_t> refused{0};     // by the broker
    std::atomic<int64_t> last_event_ns{0};
};

// The events of one subscription between the twins and its readers: deadband, throttle, and a ring
// whose places are a sequence, so that a reader finds its place again. What all readers have taken
// stays for a while, for resuming. Any thread; one lock, held for a batch of events.
class Outbox {
  public:
    struct Settings {
        size_t queue_limit = 10'000;
        size_t resume_limit = 1'000;  // events kept although all readers have them
        bool on_change = true;
        double deadband = 0;
        Duration min_interval = {};
    };
    // `first`: the sequence's first number, above that of any earlier life.
    Outbox(const Settings& settings, uint64_t first, WatchCounters& counters);

    // `now`: of a monotonic clock. Takes the events out of the list.
    void put(std::vector<WatchEvent>& events, Time now);
    // Past deadband and throttle; its sequence.
    uint64_t put_now(WatchEvent event);
    // Lets out what has waited for its interval's end. True: something came out.
    bool release(Time now);
    // When release() has something to do; none: nothing waits.
    std::optional<Time> due() const;

    // A place: the next event's sequence.
    uint64_t next() const;
    // Whether the sequence can be gone on from behind this one.
    bool resumable(uint64_t last) const;
    struct Taken {
        std::vector<WatchEvent> events;
        uint64_t first = 0;   // sequence of the first
        uint64_t missed = 0;  // events before it that are gone
    };
    // From the place `at`, which moves on. Empty: there is nothing new.
    void take(uint64_t& at, size_t limit, Taken& out);
    // All readers are at `at` or beyond.
    void trim(uint64_t at);
    // Forgets what is known of the slots: events come anew to whom nobody listened meanwhile.
    void forget();
    size_t size() const;
    size_t slots() const;

  private:
    // What is known of one slot; only where there is a deadband or an interval.
    struct Slot {
        sql::Datum sent;
        model::Quality quality = model::Quality::good;
        bool stale = false;
        bool known = false;
        bool waiting = false;
        Time sent_at;
        WatchEvent pending;
    };
    using Key = uint64_t;  // twin, path

    void put_one(WatchEvent&& event, Time now) HW_LOCKING(requires_capability(mutex_));
    bool same(const Slot& slot, const WatchEvent& event) const;
    void send(Slot& slot, WatchEvent&& event, Time now) HW_LOCKING(requires_capability(mutex_));
    void push(WatchEvent&& event) HW_LOCKING(requires_capability(mutex_));

    const Settings settings_;
    const uint64_t first_;
    WatchCounters& counters_;
    mutable Mutex mutex_;
    std::deque<WatchEvent> ring_ HW_LOCKING(guarded_by(mutex_));
    uint64_t begin_ HW_LOCKING(guarded_by(mutex_));  // sequence of the ring's first
    std::unordered_map<Key, Slot> slots_ HW_LOCKING(guarded_by(mutex_));
    // The earliest on top.
    using Waiting = std::pair<Time, Key>;
    std::priority_queue<Waiting, std::vector<Waiting>, std::greater<>> waiting_
        HW_LOCKING(guarded_by(mutex_));
};

}  // namespace hw::twin

#pragma once

#include <atomic>
#include <cstdint>
#include <deque>
#include <span>
#include <unordered_map>
#include <vector>

#include "base/mutex.h"
#include "base/time.h"
#include "model/sample_batch.h"
#include "sql/datum.h"
#include "twin/point_table.h"

namespace hw::twin {

// A sample on its way to the slots: 32 bytes and a long text's.
struct QueuedSample {
    sql::Datum value;
    int64_t time_ns = 0;
    uint32_t point = 0;
    model::Quality quality = model::Quality::good;
};

// Samples of bound points between the commit thread and the thread of the twins, numbered by tap.
// Beyond its limit only the newest sample of each point is kept, so that history never waits and
// the newest value is never lost; the others count as dropped.
class SampleQueue {
  public:
    SampleQueue(PointTable& points, size_t bytes_limit)
        : points_(points), bytes_limit_(bytes_limit) {}

    // The commit thread. `fresh`: points that were new with this tap and may be awaited.
    void tap(std::span<const model::SampleBatch* const> batches, std::vector<uint32_t> fresh);

    struct Work {
        std::vector<uint32_t> fresh;
        std::vector<QueuedSample> samples;
        uint32_t last_tap = 0;  // all taps until this one are in
    };
    // The thread of the twins. Waits until there is something, `until` (of the steady clock's wait)
    // has passed or stop(). False: there is nothing.
    bool take(Work& work, Duration wait);
    // What is there, without waiting.
    bool take_now(Work& work);
    // The work's samples are in the slots.
    void done(const Work& work);
    void wake();

    uint32_t queued() const { return queued_.load(std::memory_order_acquire); }
    // Whether a tap's samples still wait. Of the last tap of a point: also true while that tap is
    // still on its way, since the point's tap before it may wait too.
    bool waits(uint32_t tap) const {
        return static_cast<int32_t>(tap - applied_.load(std::memory_order_acquire)) > 0;
    }
    // Blocks until the taps up to this number are applied.
    void wait(uint32_t tap) const;

    uint64_t dropped() const { return dropped_.load(std::memory_order_relaxed); }
    size_t bytes() const { return bytes_.load(std::memory_order_relaxed); }

  private:
    void pick(const model::SampleBatch& batch, uint32_t tap);
    void append() HW_LOCKING(requires_capability(mutex_));
    void coalesce(QueuedSample&& sample) HW_LOCKING(requires_capability(mutex_));
    void take_locked(Work& work) HW_LOCKING(requires_capability(mutex_));

    PointTable& points_;
    const size_t bytes_limit_;
    std::vector<QueuedSample> picked_;  // the commit thread's
    size_t picked_bytes_ = 0;

    mutable Mutex mutex_;
    Condition ready_;
    std::vector<QueuedSample> samples_ HW_LOCKING(guarded_by(mutex_));
    std::vector<uint32_t> fresh_ HW_LOCKING(guarded_by(mutex_));
    // Where in samples_ a point's newest is, of those that came beyond the limit.
    std::unordered_map<uint32_t, size_t> newest_ HW_LOCKING(guarded_by(mutex_));
    bool woken_ HW_LOCKING(guarded_by(mutex_)) = false;
    std::atomic<uint32_t> queued_{0};
    std::atomic<uint32_t> applied_{0};
    std::atomic<uint64_t> dropped_{0};
    std::atomic<size_t> bytes_{0};
};

}  // namespace hw::twin

#pragma once

#include <atomic>
#include <cstdint>
#include <vector>

#include "base/mutex.h"
#include "history/history.h"

namespace hw::history {

// Batches on their way to the commit thread. Any thread pushes, one takes.
class CommitQueue {
  public:
    struct Pending {
        model::SampleBatch batch;
        Done done;
    };

    CommitQueue(uint64_t bytes_limit, uint64_t eager_bytes)
        : bytes_limit_(bytes_limit), eager_bytes_(eager_bytes) {}

    void push(model::SampleBatch batch, Done done);
    void stop();

    // Waits until there is something, then until `not_before` unless eager_bytes have come, then
    // takes all. Empty after `idle` without any, or when stopped. Taken bytes still count.
    std::vector<Pending> take(Time not_before, Duration idle, const Clock& clock);
    // What was taken is done with; true if that ended the overload.
    bool release(uint64_t bytes);

    bool stopped() const;
    bool overloaded() const { return bytes_.load(std::memory_order_relaxed) > bytes_limit_; }
    uint64_t bytes() const { return bytes_.load(std::memory_order_relaxed); }

  private:
    const uint64_t bytes_limit_;
    const uint64_t eager_bytes_;
    std::atomic<uint64_t> bytes_{0};
    mutable Mutex mutex_;
    Condition wake_;
    std::vector<Pending> waiting_ HW_LOCKING(guarded_by(mutex_));
    uint64_t waiting_bytes_ HW_LOCKING(guarded_by(mutex_)) = 0;
    bool stopped_ HW_LOCKING(guarded_by(mutex_)) = false;
};

}  // namespace hw::history

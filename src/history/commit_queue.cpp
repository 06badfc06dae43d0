#include "history/commit_queue.h"

#include <chrono>
#include <utility>

namespace hw::history {

void CommitQueue::push(model::SampleBatch batch, Done done) {
    const uint64_t bytes = batch.bytes();
    bool wake = false;
    {
        const MutexLock lock(mutex_);
        const bool was_empty = waiting_.empty();
        const bool was_eager = waiting_bytes_ >= eager_bytes_;
        waiting_.push_back({std::move(batch), std::move(done)});
        waiting_bytes_ += bytes;
        bytes_ += bytes;
        wake = was_empty || (!was_eager && waiting_bytes_ >= eager_bytes_);
    }
    if (wake) wake_.notify_one();
}

void CommitQueue::stop() {
    {
        const MutexLock lock(mutex_);
        stopped_ = true;
    }
    wake_.notify_all();
}

bool CommitQueue::stopped() const {
    const MutexLock lock(mutex_);
    return stopped_;
}

std::vector<CommitQueue::Pending> CommitQueue::take(Time not_before, Duration idle,
                                                    const Clock& clock) {
    const MutexLock lock(mutex_);
    if (waiting_.empty() && !stopped_) wake_.wait_for(mutex_, std::chrono::nanoseconds(idle.ns));
    while (!waiting_.empty() && waiting_bytes_ < eager_bytes_ && !stopped_) {
        const Duration left = not_before - clock.monotonic();
        if (left.ns <= 0) break;
        wake_.wait_for(mutex_, std::chrono::nanoseconds(left.ns));
    }
    waiting_bytes_ = 0;
    return std::exchange(waiting_, {});
}

bool CommitQueue::release(uint64_t bytes) {
    const uint64_t before = bytes_.fetch_sub(bytes);
    return before > bytes_limit_ && before - bytes <= bytes_limit_;
}

}  // namespace hw::history

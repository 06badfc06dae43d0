#pragma once

#include <chrono>
#include <cstddef>
#include <functional>
#include <utility>
#include <vector>

#include "base/mutex.h"
#include "base/time.h"

namespace hw::twin {

// What waits for the thread of the orders. Shared with those who may answer after it has ended.
// Any thread.
template <class Round>
class OrderInbox {
  public:
    static constexpr size_t limit = 10'000;  // of what comes from outside

    struct Input {
        bool is_ask = false;
        std::move_only_function<void(Round&)> run;
    };

    // False: too much waits, or it is closed.
    bool offer(Input& input) {
        MutexLock lock(mutex_);
        if (closed_ || inputs_.size() >= limit) return false;
        inputs_.push_back(std::move(input));
        condition_.notify_one();
        return true;
    }
    // Of our own: answers, which are as many as what is under way.
    void post(std::move_only_function<void(Round&)> run) {
        MutexLock lock(mutex_);
        inputs_.push_back({false, std::move(run)});
        condition_.notify_one();
    }
    void wake() {
        MutexLock lock(mutex_);
        woken_ = true;
        condition_.notify_one();
    }
    void close() {
        MutexLock lock(mutex_);
        closed_ = true;
        condition_.notify_one();
    }
    bool closed() const {
        MutexLock lock(mutex_);
        return closed_;
    }

    std::vector<Input> take() {
        MutexLock lock(mutex_);
        woken_ = false;
        return std::exchange(inputs_, {});
    }
    void wait(Duration most) {
        MutexLock lock(mutex_);
        if (inputs_.empty() && !woken_ && !closed_)
            condition_.wait_for(mutex_, std::chrono::nanoseconds(most.ns));
    }

  private:
    mutable Mutex mutex_;
    Condition condition_;
    std::vector<Input> inputs_ HW_LOCKING(guarded_by(mutex_));
    bool woken_ HW_LOCKING(guarded_by(mutex_)) = false;
    bool closed_ HW_LOCKING(guarded_by(mutex_)) = false;
};

}  // namespace hw::twin

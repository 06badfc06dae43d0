#pragma once

#include <atomic>
#include <chrono>

#include "base/mutex.h"
#include "base/time.h"

namespace hw::connector {

// Ends the thread of a source: it waits here between its turns. Any thread.
class StopFlag {
  public:
    void reset() { set_to(false); }
    void set() { set_to(true); }
    bool is_set() const { return set_.load(); }
    // False: it was set meanwhile.
    bool wait(Duration time) {
        const auto until = std::chrono::steady_clock::now() + std::chrono::nanoseconds(time.ns);
        const MutexLock lock(mutex_);
        while (!set_.load() && changed_.wait_until(mutex_, until) == std::cv_status::no_timeout) {
        }
        return !set_.load();
    }

  private:
    void set_to(bool value) {
        {
            const MutexLock lock(mutex_);
            set_ = value;
        }
        changed_.notify_all();
    }

    std::atomic<bool> set_{false};
    Mutex mutex_;
    Condition changed_;
};

}  // namespace hw::connector

#pragma once

#include <condition_variable>
#include <mutex>

namespace hw {

// std::mutex with the attributes that clang's thread-safety analysis reads (preset thread-safety).
// Guarded members carry [[clang::guarded_by(mutex_)]].
class [[clang::capability("mutex")]] Mutex {
  public:
    void lock() [[clang::acquire_capability()]] { mutex_.lock(); }
    void unlock() [[clang::release_capability()]] { mutex_.unlock(); }
    bool try_lock() [[clang::try_acquire_capability(true)]] { return mutex_.try_lock(); }

  private:
    std::mutex mutex_;
};

class [[clang::scoped_lockable]] MutexLock {
  public:
    explicit MutexLock(Mutex& mutex) [[clang::acquire_capability(mutex)]] : mutex_(mutex) {
        mutex_.lock();
    }
    ~MutexLock() [[clang::release_capability()]] { mutex_.unlock(); }
    MutexLock(const MutexLock&) = delete;
    MutexLock& operator=(const MutexLock&) = delete;

  private:
    Mutex& mutex_;
};

// Waits on a Mutex that the caller holds.
using Condition = std::condition_variable_any;

}  // namespace hw

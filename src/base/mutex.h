#pragma once

#include <condition_variable>
#include <mutex>

// The locking contract, read by clang's thread-safety analysis (preset thread-safety): a member
// says HW_LOCKING(guarded_by(mutex_)), a function HW_LOCKING(requires_capability(mutex_)). A macro,
// since clang knows these attributes in its own spelling only and GCC does not know them at all.
#ifdef __clang__
#define HW_LOCKING(attribute) __attribute__((attribute))
#else
#define HW_LOCKING(attribute)
#endif

namespace hw {

// std::mutex, known to the analysis.
class [[clang::capability("mutex")]] Mutex {
  public:
    void lock() HW_LOCKING(acquire_capability()) { mutex_.lock(); }
    void unlock() HW_LOCKING(release_capability()) { mutex_.unlock(); }
    bool try_lock() HW_LOCKING(try_acquire_capability(true)) { return mutex_.try_lock(); }

  private:
    std::mutex mutex_;
};

class [[clang::scoped_lockable]] MutexLock {
  public:
    explicit MutexLock(Mutex& mutex) HW_LOCKING(acquire_capability(mutex)) : mutex_(mutex) {
        mutex_.lock();
    }
    ~MutexLock() HW_LOCKING(release_capability()) { mutex_.unlock(); }
    MutexLock(const MutexLock&) = delete;
    MutexLock& operator=(const MutexLock&) = delete;

  private:
    Mutex& mutex_;
};

// Waits on a Mutex that the caller holds.
using Condition = std::condition_variable_any;

}  // namespace hw

#pragma once

#include <pthread.h>

#include <atomic>

#include "base/assert.h"
#include "base/mutex.h"

namespace hw::twin {

// The lock of graph and live state: many readers, one writer that is not starved by them (glibc's
// std::shared_mutex prefers readers; a stream of reads would hold the updates up). After each
// writer the readers that wait come first, so that neither waits for more than one turn of the
// other. Whoever holds it as the writer may ask for it as a reader again, which costs nothing:
// followers read from within their calls.
class [[clang::capability("mutex")]] LiveLock {
  public:
    LiveLock() {
        pthread_rwlockattr_t attributes;
        pthread_rwlockattr_init(&attributes);
        pthread_rwlockattr_setkind_np(&attributes, PTHREAD_RWLOCK_PREFER_WRITER_NONRECURSIVE_NP);
        pthread_rwlock_init(&lock_, &attributes);
        pthread_rwlockattr_destroy(&attributes);
    }
    ~LiveLock() { pthread_rwlock_destroy(&lock_); }
    LiveLock(const LiveLock&) = delete;
    LiveLock& operator=(const LiveLock&) = delete;

    void lock() HW_LOCKING(acquire_capability()) {
        HW_ASSERT(writes_ != this);
        pthread_rwlock_wrlock(&lock_);
        writes_ = this;
    }
    void unlock() HW_LOCKING(release_capability()) {
        writes_ = nullptr;
        pthread_rwlock_unlock(&lock_);
    }
    void lock_shared() HW_LOCKING(acquire_shared_capability()) {
        if (writes_ != this) pthread_rwlock_rdlock(&lock_);
    }
    void unlock_shared() HW_LOCKING(release_shared_capability()) {
        if (writes_ != this) pthread_rwlock_unlock(&lock_);
    }
    // This thread is the writer.
    bool writing() const { return writes_ == this; }

  private:
    pthread_rwlock_t lock_;
    static thread_local const LiveLock* writes_;
};

class [[clang::scoped_lockable]] WriteLock {
  public:
    explicit WriteLock(LiveLock& lock) HW_LOCKING(acquire_capability(lock)) : lock_(lock) {
        lock_.lock();
    }
    ~WriteLock() HW_LOCKING(release_capability()) { lock_.unlock(); }
    WriteLock(const WriteLock&) = delete;
    WriteLock& operator=(const WriteLock&) = delete;

  private:
    LiveLock& lock_;
};

class [[clang::scoped_lockable]] ReadLock {
  public:
    explicit ReadLock(LiveLock& lock) HW_LOCKING(acquire_shared_capability(lock)) : lock_(lock) {
        lock_.lock_shared();
    }
    ~ReadLock() HW_LOCKING(release_capability()) { lock_.unlock_shared(); }
    ReadLock(const ReadLock&) = delete;
    ReadLock& operator=(const ReadLock&) = delete;

  private:
    LiveLock& lock_;
};

// Who may change graph and live state at all. The thread that applies samples holds it for many
// pieces on end and looks between them whether somebody else wants it; std::mutex alone would let
// it win every time.
class [[clang::capability("mutex")]] WorkMutex {
  public:
    void lock() HW_LOCKING(acquire_capability()) {
        waiting_.fetch_add(1, std::memory_order_relaxed);
        mutex_.lock();
        waiting_.fetch_sub(1, std::memory_order_relaxed);
    }
    void unlock() HW_LOCKING(release_capability()) { mutex_.unlock(); }
    bool wanted() const { return waiting_.load(std::memory_order_relaxed) > 0; }

  private:
    std::mutex mutex_;
    std::atomic<int> waiting_{0};
};

class [[clang::scoped_lockable]] WorkLock {
  public:
    explicit WorkLock(WorkMutex& work) HW_LOCKING(acquire_capability(work)) : work_(work) {
        work_.lock();
    }
    ~WorkLock() HW_LOCKING(release_capability()) { work_.unlock(); }
    WorkLock(const WorkLock&) = delete;
    WorkLock& operator=(const WorkLock&) = delete;

  private:
    WorkMutex& work_;
};

}  // namespace hw::twin

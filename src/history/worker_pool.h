#pragma once

#include <atomic>
#include <cstddef>
#include <deque>
#include <functional>
#include <memory>
#include <thread>
#include <vector>

#include "base/mutex.h"

namespace hw::history {

// Threads that help queries. Any thread may call run; the calling thread works too, so a pool of no
// threads is a plain loop and two callers never wait for each other's work to begin.
class WorkerPool {
  public:
    explicit WorkerPool(size_t helpers);
    ~WorkerPool();
    WorkerPool(const WorkerPool&) = delete;
    WorkerPool& operator=(const WorkerPool&) = delete;

    size_t workers() const { return threads_.size() + 1; }
    // Calls body(item, worker) once for each item below `items`; worker < workers() and no two
    // calls with the same worker run at a time. Returns when all are done.
    void run(size_t items, const std::function<void(size_t item, size_t worker)>& body);

  private:
    struct Job;
    void help();

    Mutex mutex_;
    Condition wake_;
    std::deque<std::shared_ptr<Job>> jobs_ HW_LOCKING(guarded_by(mutex_));
    bool stopping_ HW_LOCKING(guarded_by(mutex_)) = false;
    std::vector<std::thread> threads_;
};

}  // namespace hw::history

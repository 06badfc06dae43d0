#pragma once

#include <deque>
#include <functional>
#include <thread>
#include <vector>

#include "base/mutex.h"

namespace hw::api {

// Threads for questions that may block (history queries), so that the reactor never does.
// Any thread may give work; the queue is bounded.
class Workers {
  public:
    using Task = std::move_only_function<void()>;

    Workers(size_t threads, size_t queue_limit);
    ~Workers();

    // False: the queue is full or stopped; the task was not taken.
    bool run(Task& task);
    // Runs what is queued, then joins. One thread, not one of its own.
    void stop();

  private:
    void loop();

    const size_t queue_limit_;
    Mutex mutex_;
    Condition wake_;
    std::deque<Task> queue_ HW_LOCKING(guarded_by(mutex_));
    bool stopping_ HW_LOCKING(guarded_by(mutex_)) = false;
    std::vector<std::thread> threads_;
};

}  // namespace hw::api

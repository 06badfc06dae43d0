#include "history/worker_pool.h"

#include <algorithm>

namespace hw::history {

struct WorkerPool::Job {
    const std::function<void(size_t, size_t)>& body;
    const size_t items;
    std::atomic<size_t> next{0};
    std::atomic<size_t> workers{1};  // numbers given out; 0 is the caller
    std::atomic<size_t> done{0};
    Mutex mutex;
    Condition finished;

    void work(size_t worker) {
        size_t did = 0;
        for (size_t item = next++; item < items; item = next++) {
            body(item, worker);
            ++did;
        }
        if (did == 0 || (done += did) < items) return;
        const MutexLock lock(mutex);
        finished.notify_all();
    }
};

WorkerPool::WorkerPool(size_t helpers) {
    for (size_t i = 0; i < helpers; ++i)
        threads_.emplace_back([this] { help(); });
}

WorkerPool::~WorkerPool() {
    {
        const MutexLock lock(mutex_);
        stopping_ = true;
    }
    wake_.notify_all();
    for (std::thread& thread : threads_)
        thread.join();
}

void WorkerPool::run(size_t items, const std::function<void(size_t, size_t)>& body) {
    const auto job = std::make_shared<Job>(body, items);
    const size_t helpers = items > 1 ? std::min(threads_.size(), items - 1) : 0;
    if (helpers > 0) {
        {
            const MutexLock lock(mutex_);
            for (size_t i = 0; i < helpers; ++i)
                jobs_.push_back(job);
        }
        wake_.notify_all();
    }
    job->work(0);
    if (helpers == 0) return;
    const MutexLock lock(job->mutex);
    while (job->done < items)
        job->finished.wait(job->mutex);
}

void WorkerPool::help() {
    while (true) {
        std::shared_ptr<Job> job;
        {
            const MutexLock lock(mutex_);
            while (jobs_.empty() && !stopping_)
                wake_.wait(mutex_);
            if (stopping_) return;
            job = std::move(jobs_.front());
            jobs_.pop_front();
        }
        // A job that is over has no items left; its body is not called.
        job->work(job->workers++);
    }
}

}  // namespace hw::history

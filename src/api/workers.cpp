#include "api/workers.h"

namespace hw::api {

Workers::Workers(size_t threads, size_t queue_limit) : queue_limit_(queue_limit) {
    for (size_t i = 0; i < threads; ++i)
        threads_.emplace_back([this] { loop(); });
}

Workers::~Workers() {
    stop();
}

void Workers::stop() {
    {
        MutexLock lock(mutex_);
        stopping_ = true;
    }
    wake_.notify_all();
    for (auto& thread : threads_)
        thread.join();
    threads_.clear();
}

bool Workers::run(Task& task) {
    {
        MutexLock lock(mutex_);
        if (stopping_ || queue_.size() >= queue_limit_) return false;
        queue_.push_back(std::move(task));
    }
    wake_.notify_one();
    return true;
}

void Workers::loop() {
    for (;;) {
        Task task;
        {
            MutexLock lock(mutex_);
            while (queue_.empty() && !stopping_)
                wake_.wait(mutex_);
            if (queue_.empty()) return;
            task = std::move(queue_.front());
            queue_.pop_front();
        }
        task();
    }
}

}  // namespace hw::api

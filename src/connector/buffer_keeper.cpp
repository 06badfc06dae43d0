#include "connector/buffer_keeper.h"

#include <algorithm>

namespace hw::connector {

BufferKeeper::BufferKeeper() : thread_([this] { run(); }) {}

BufferKeeper::~BufferKeeper() {
    {
        const MutexLock lock(mutex_);
        stopping_ = true;
    }
    changed_.notify_all();
    thread_.join();
}

void BufferKeeper::wake(Client& client) {
    {
        const MutexLock lock(mutex_);
        if (std::find(waiting_.begin(), waiting_.end(), &client) != waiting_.end()) return;
        waiting_.push_back(&client);
    }
    changed_.notify_all();
}

void BufferKeeper::forget(Client& client) {
    const MutexLock lock(mutex_);
    std::erase(waiting_, &client);
    while (current_ == &client)
        changed_.wait(mutex_);
}

void BufferKeeper::run() {
    while (true) {
        Client* client = nullptr;
        {
            const MutexLock lock(mutex_);
            while (waiting_.empty() && !stopping_)
                changed_.wait(mutex_);
            if (waiting_.empty()) return;
            client = current_ = waiting_.front();
            waiting_.pop_front();
        }
        client->keep();
        {
            const MutexLock lock(mutex_);
            current_ = nullptr;
        }
        changed_.notify_all();
    }
}

}  // namespace hw::connector

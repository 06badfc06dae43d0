#pragma once

#include <atomic>
#include <cstddef>
#include <functional>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <thread>
#include <vector>

#include "base/clock.h"
#include "base/mutex.h"
#include "io/reactor.h"
#include "io/readiness_set.h"

namespace boost::asio {
class io_context;
}

namespace hw::io {

// What the .cpp files of this room share of a reactor. Others see only Reactor.
struct Reactor::Native {
    explicit Native(std::string reactor_name);
    ~Native();

    struct Timer;
    struct Watch;
    static constexpr size_t read_buffer_bytes = 256 << 10;

    void post(Task task);
    // One shared buffer for all reads of the thread: an idle connection holds none.
    std::span<std::byte> read_buffer() { return {read_buffer_.get(), read_buffer_bytes}; }
    TimerId add_timer(Duration delay, Duration period, Task task);
    void round();
    // Runs a blocking name lookup on a thread of its own. The reactor's thread only.
    void lookup(Task task);
    void enter();

    const std::string name;
    // Declared first, destroyed last: tasks and timers may own sockets of it.
    std::unique_ptr<boost::asio::io_context> context;
    ReadinessSet sockets;
    SystemClock clock;
    std::atomic<std::thread::id> thread;
    std::atomic<bool> stopping{false};
    std::vector<std::function<void()>> round_hooks;
    std::map<TimerId, std::shared_ptr<Timer>> timers;
    TimerId next_timer = 1;

  private:
    struct Lookup {
        std::shared_ptr<std::atomic<bool>> ended;
        std::jthread thread;
    };

    void run_tasks();
    void watch_sockets();
    void arm(TimerId id, const std::shared_ptr<Timer>& timer);

    std::unique_ptr<Watch> watch_;
    size_t dispatched_ = 0;  // sockets, this round
    std::unique_ptr<std::byte[]> read_buffer_;
    Mutex mutex_;
    std::vector<Task> tasks_ HW_LOCKING(guarded_by(mutex_));
    bool woken_ HW_LOCKING(guarded_by(mutex_)) = false;
    std::vector<Task> running_;
    std::vector<Lookup> lookups_;
};

}  // namespace hw::io

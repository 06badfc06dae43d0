#include "io/reactor.h"

#include <pthread.h>

#include <boost/asio/io_context.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <chrono>
#include <csignal>

#include "base/assert.h"
#include "io/reactor_native.h"

namespace hw::io {
namespace {

// So that a flood of ready sockets still lets the round hooks run often.
constexpr size_t handlers_per_round = 256;
constexpr size_t thread_name_limit = 15;

}  // namespace

struct Reactor::Native::Timer {
    Timer(boost::asio::io_context& context, Duration repeat, Task call)
        : timer(context), period(repeat), task(std::move(call)) {}
    boost::asio::steady_timer timer;
    Duration period;  // zero: once
    Task task;
};

// The set's epoll as Asio sees it. The set closes it, hence the release.
struct Reactor::Native::Watch {
    Watch(boost::asio::io_context& context, int epoll) : descriptor(context, epoll) {}
    ~Watch() { descriptor.release(); }
    boost::asio::posix::stream_descriptor descriptor;
};

// Concurrency hint 1: one thread runs it, so a post from that thread needs no wake-up.
Reactor::Native::Native(std::string reactor_name)
    : name(std::move(reactor_name)),
      context(std::make_unique<boost::asio::io_context>(1)),
      watch_(std::make_unique<Watch>(*context, sockets.descriptor())),
      read_buffer_(std::make_unique_for_overwrite<std::byte[]>(read_buffer_bytes)) {
    // A peer that closes must be an error of the write, not the end of the process.
    std::signal(SIGPIPE, SIG_IGN);
    // It is never out of work: a reactor without sockets waits for tasks.
    context->get_executor().on_work_started();
    watch_sockets();
}

Reactor::Native::~Native() {
    lookups_.clear();
    for (auto& [id, timer] : timers)
        timer->timer.cancel();
    timers.clear();
    round_hooks.clear();
    std::vector<Task> left;
    {
        MutexLock lock(mutex_);
        left.swap(tasks_);
        woken_ = true;
    }
    left.clear();
}

void Reactor::Native::post(Task task) {
    {
        MutexLock lock(mutex_);
        tasks_.push_back(std::move(task));
        if (woken_) return;
        woken_ = true;
    }
    boost::asio::post(*context, [this] { run_tasks(); });
}

void Reactor::Native::run_tasks() {
    {
        MutexLock lock(mutex_);
        running_.swap(tasks_);
        woken_ = false;
    }
    for (auto& task : running_) {
        Task now = std::move(task);
        now();
    }
    running_.clear();
}

void Reactor::Native::lookup(Task task) {
    auto ended = std::make_shared<std::atomic<bool>>(false);
    std::erase_if(lookups_, [](const Lookup& old) { return old.ended->load(); });
    std::jthread runner([call = std::move(task), ended]() mutable {
        call();
        ended->store(true);
    });
    lookups_.push_back({std::move(ended), std::move(runner)});
}

void Reactor::Native::watch_sockets() {
    watch_->descriptor.async_wait(boost::asio::posix::descriptor_base::wait_read,
                                  [this](const boost::system::error_code& error) {
                                      if (error) return;
                                      dispatched_ += sockets.dispatch();
                                      watch_sockets();
                                  });
}

void Reactor::Native::enter() {
    thread.store(std::this_thread::get_id());
}

void Reactor::Native::round() {
    dispatched_ = 0;
    size_t handled = context->run_one();
    // A batch of sockets ends the round: their sockets may be ready again at once, and the hooks
    // have acknowledgements to send.
    while (dispatched_ == 0 && handled < handlers_per_round && context->poll_one() > 0)
        ++handled;
    for (const auto& hook : round_hooks)
        hook();
}

Reactor::TimerId Reactor::Native::add_timer(Duration delay, Duration period, Task task) {
    const TimerId id = next_timer++;
    auto timer = std::make_shared<Timer>(*context, period, std::move(task));
    timers.emplace(id, timer);
    timer->timer.expires_after(std::chrono::nanoseconds(delay.ns));
    arm(id, timer);
    return id;
}

void Reactor::Native::arm(TimerId id, const std::shared_ptr<Timer>& timer) {
    timer->timer.async_wait([this, id, timer](const boost::system::error_code& error) {
        // Looked up, because a cancel may come after the expiry was queued.
        const auto found = timers.find(id);
        if (error || found == timers.end()) return;
        if (timer->period.ns == 0) {
            timers.erase(found);
            timer->task();
            return;
        }
        timer->task();
        if (!timers.contains(id)) return;
        // From now, not from the last expiry: a late reactor skips ticks and does not catch up.
        timer->timer.expires_after(std::chrono::nanoseconds(timer->period.ns));
        arm(id, timer);
    });
}

Reactor::Reactor(std::string name) : native_(std::make_unique<Native>(std::move(name))) {}
Reactor::~Reactor() = default;

void Reactor::run() {
    pthread_setname_np(pthread_self(), native_->name.substr(0, thread_name_limit).c_str());
    native_->enter();
    while (!native_->stopping.load(std::memory_order_relaxed))
        native_->round();
}

void Reactor::run_until(const std::function<bool()>& done) {
    native_->enter();
    while (!done())
        native_->round();
}

void Reactor::stop() {
    native_->stopping.store(true);
    native_->post([] {});
}

void Reactor::post(Task task) {
    native_->post(std::move(task));
}

void Reactor::on_round_end(std::function<void()> hook) {
    native_->round_hooks.push_back(std::move(hook));
}

Reactor::TimerId Reactor::after(Duration delay, Task task) {
    return native_->add_timer(delay, {}, std::move(task));
}

Reactor::TimerId Reactor::every(Duration period, std::function<void()> task) {
    HW_ASSERT(period.ns > 0);
    return native_->add_timer(period, period, std::move(task));
}

void Reactor::cancel(TimerId timer) {
    const auto found = native_->timers.find(timer);
    if (found == native_->timers.end()) return;
    found->second->timer.cancel();
    native_->timers.erase(found);
}

const Clock& Reactor::clock() const {
    return native_->clock;
}

bool Reactor::on_own_thread() const {
    return native_->thread.load(std::memory_order_relaxed) == std::this_thread::get_id();
}

}  // namespace hw::io

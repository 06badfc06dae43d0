#include "history/house.h"

#include <chrono>
#include <future>

#include "base/log.h"

namespace hw::history {

namespace {

constexpr auto rest_most = std::chrono::seconds(1);
constexpr auto progress_wait = std::chrono::milliseconds(20);
constexpr Duration late_sealing_interval = seconds(30);
constexpr Duration retention_interval = seconds(10);
constexpr size_t retention_points = 1000;  // looked at each time

}  // namespace

House::House(Engine& engine, const Clock& clock)
    : engine_(engine),
      clock_(clock),
      late_sealed_(clock.monotonic()),
      expired_(clock.monotonic()),
      thread_([this] { loop(); }) {}

House::~House() {
    {
        const MutexLock lock(mutex_);
        stopping_ = true;
    }
    wake_.notify_all();
    thread_.join();
}

void House::nudge() {
    {
        const MutexLock lock(mutex_);
        if (nudged_) return;
        nudged_ = true;
    }
    wake_.notify_one();
}

Result<void> House::run(std::function<Result<void>()> work) {
    std::promise<Result<void>> result;
    {
        const MutexLock lock(mutex_);
        tasks_.emplace_back([&] { result.set_value(work()); });
    }
    wake_.notify_one();
    return result.get_future().get();
}

void House::wait_for_progress() {
    const MutexLock lock(mutex_);
    progress_.wait_for(mutex_, progress_wait);
}

bool House::rest() {
    const MutexLock lock(mutex_);
    if (!nudged_ && tasks_.empty() && !stopping_) wake_.wait_for(mutex_, rest_most);
    nudged_ = false;
    return !stopping_;
}

void House::run_tasks() {
    while (true) {
        std::function<void()> task;
        {
            const MutexLock lock(mutex_);
            if (tasks_.empty()) return;
            task = std::move(tasks_.front());
            tasks_.pop_front();
        }
        task();
    }
}

void House::loop() {
    while (rest()) {
        run_tasks();
        report(keep());
    }
    run_tasks();
}

Result<void> House::keep() {
    while (engine_.sealing_wanted()) {
        if (HW_TRY(engine_.seal_some()) == 0) break;
        progress_.notify_all();
        HW_TRY(engine_.release_journal());
        const MutexLock lock(mutex_);
        if (stopping_ || !tasks_.empty()) {
            nudged_ = true;
            return {};
        }
    }
    return keep_now_and_then();
}

Result<void> House::keep_now_and_then() {
    HW_TRY(engine_.save_units());
    const Time now = clock_.monotonic();
    if (now - late_sealed_ >= late_sealing_interval) {
        late_sealed_ = now;
        HW_TRY(engine_.seal_late());
        HW_TRY(engine_.release_journal());
    }
    if (now - expired_ >= retention_interval) {
        expired_ = now;
        HW_TRY(engine_.expire(clock_.now(), retention_points));
    }
    return {};
}

// What failed is tried again at the next round; said once.
void House::report(const Result<void>& result) {
    if (!result && !failing_) {
        log_error("history", "cannot seal chunks, trying on: " + result.error().text());
        const MutexLock lock(mutex_);
        if (!stopping_) wake_.wait_for(mutex_, rest_most);
    }
    if (result && failing_) log_info("history", "chunks are sealed again");
    failing_ = !result;
}

}  // namespace hw::history

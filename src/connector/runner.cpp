#include "connector/runner.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <utility>

#include "base/log.h"

namespace hw::connector {

namespace {

// Bytes that wait to be taken over when the keeper is called.
uint64_t keeper_bytes(const RunnerSettings& settings) {
    return std::min(settings.memory_bytes, settings.buffer_bytes / 4);
}

// Bytes that may wait to be taken over: room for a burst while the disk is slow.
uint64_t inbox_limit(const RunnerSettings& settings) {
    constexpr uint64_t burst = 4 << 20;
    const uint64_t limit = 4 * keeper_bytes(settings);
    return settings.disk ? std::max(limit, burst) : limit;
}

}  // namespace

Result<std::unique_ptr<Runner>> Runner::start(const RunnerSettings& settings,
                                              const MakeSink& make_sink, Rooms rooms) {
    std::unique_ptr<Runner> runner(new Runner(settings, std::move(rooms)));
    for (size_t i = 0; i < std::max<size_t>(settings.workers, 1); ++i)
        runner->workers_.push_back({HW_TRY(make_sink()), {}});
    {
        const MutexLock lock(runner->mutex_);
        runner->repair_ = HW_TRY(runner->core_.open());
        runner->core_.keep_refused(static_cast<bool>(runner->rooms_.fallback));
        runner->publish();
    }
    {
        const MutexLock lock(runner->inbox_mutex_);
        runner->working_ = runner->workers_.size();
    }
    const store::LogRepair& repair = runner->repair_;
    if (!repair.clean())
        log_warning("connector",
                    fmt::format("the buffer {} was broken: {} bytes cut at its end, {} skipped, {} "
                                "rows and {} files lost",
                                runner->rooms_.folder, repair.cut_bytes, repair.skipped_bytes,
                                repair.lost_records, repair.lost_segments));
    for (size_t i = 0; i < runner->workers_.size(); ++i)
        runner->workers_[i].thread = std::thread([&running = *runner, i] { running.work(i); });
    return runner;
}

Runner::Runner(const RunnerSettings& settings, Rooms rooms)
    : settings_(settings),
      rooms_(std::move(rooms)),
      core_(settings_, rooms_.clock, rooms_.disk, rooms_.folder,
            rooms_.seed ^ std::hash<std::string>{}(rooms_.folder)) {}

Runner::~Runner() {
    stop({});
}

bool Runner::offer(Item item) {
    const size_t bytes = item_bytes(item);
    const Time queued = rooms_.clock.now();
    bool wake_workers = false;
    {
        const MutexLock lock(inbox_mutex_);
        if (stopping_) return false;
        ++matched_;
        const uint64_t limit = keeper_bytes(settings_);
        if (inbox_bytes_ > inbox_limit(settings_)) {
            ++inbox_dropped_;
            return false;
        }
        inbox_bytes_ += bytes;
        inbox_.push_back({std::move(item), queued});
        if (inbox_bytes_ > limit) rooms_.keeper.wake(*this);
        wake_workers = inbox_.size() == wake_at_rows_;
        if (wake_workers) ++signals_;
    }
    if (wake_workers) changed_.notify_all();
    return true;
}

void Runner::flushed(Kept kept) {
    if (settings_.disk) {
        const MutexLock lock(inbox_mutex_);
        if (!stopping_) {
            barriers_.push_back(std::move(kept));
            rooms_.keeper.wake(*this);
            return;
        }
    }
    kept({});
}

void Runner::keep() {
    std::vector<Kept> barriers;
    Result<void> result;
    {
        const MutexLock lock(mutex_);
        {
            const MutexLock inbox_lock(inbox_mutex_);
            barriers.swap(barriers_);
        }
        pull();
        if (!barriers.empty()) {
            result = core_.spill();
            if (result) result = core_.sync();
        } else if (core_.wants_spill()) {
            // Its error is in the figures, and it is tried again.
            (void)core_.spill();
        }
        publish();
    }
    if (!barriers.empty()) hand_over_refused();
    answer(barriers, result);
    signal();
}

// What was offered becomes the core's.
void Runner::pull() {
    std::vector<Offered> offered;
    {
        const MutexLock lock(inbox_mutex_);
        offered.swap(inbox_);
        inbox_bytes_ = 0;
    }
    for (Offered& one : offered)
        core_.add(std::move(one.item), one.queued);
}

void Runner::publish() {
    const RunnerFigures& figures = core_.figures();
    const MutexLock lock(inbox_mutex_);
    shown_ = figures;
}

void Runner::signal() {
    {
        const MutexLock lock(inbox_mutex_);
        ++signals_;
    }
    changed_.notify_all();
}

Runner::Round Runner::begin_round() const {
    const MutexLock lock(inbox_mutex_);
    return {signals_, paused_, stopping_,
            stopping_ && !settings_.disk && rooms_.clock.monotonic() < drain_until_};
}

RunnerCore::Next Runner::next_batch(const Round& round) {
    RunnerCore::Next next;
    {
        const MutexLock lock(mutex_);
        pull();
        if (round.draining) core_.hurry();
        // Its error is in the figures, and it is tried again.
        if (core_.wants_spill()) (void)core_.spill();
        next = core_.take();
        publish();
    }
    hand_over_refused();
    return next;
}

void Runner::work(size_t index) {
    Sink& sink = *workers_[index].sink;
    if (index == 0 && !begin_round().ending) check_health(sink);
    while (true) {
        const Round round = begin_round();
        if (round.ending && !round.draining) break;
        RunnerCore::Next next;
        if (!round.paused || round.draining) next = next_batch(round);
        if (next.batch != nullptr) {
            send(sink, *next.batch);
            continue;
        }
        if (round.ending) break;
        const bool due = next.again.has_value();
        const Duration most = due ? std::max(*next.again - rooms_.clock.monotonic(), Duration{})
                                  : settings_.health_check_interval;
        if (!wait(round, most, round.paused ? SIZE_MAX : next.rows_wanted) && !due && index == 0 &&
            !round.paused)
            check_health(sink);
    }
    {
        const MutexLock lock(inbox_mutex_);
        --working_;
    }
    changed_.notify_all();
}

bool Runner::wait(const Round& round, Duration most, size_t rows_wanted) {
    const MutexLock lock(inbox_mutex_);
    // What was offered since the round began.
    if (signals_ != round.seen || inbox_.size() >= rows_wanted) return true;
    // Others may wait for rows; one that does not must not make them deaf.
    const bool for_rows = rows_wanted != SIZE_MAX;
    if (for_rows) wake_at_rows_ = rows_wanted;
    const auto until = std::chrono::steady_clock::now() + std::chrono::nanoseconds(most.ns);
    while (signals_ == round.seen) {
        if (changed_.wait_until(inbox_mutex_, until) == std::cv_status::timeout) break;
    }
    if (for_rows) wake_at_rows_ = 1;
    return signals_ != round.seen;
}

// False: the runner stops; the batch stays held.
bool Runner::wait_for_retry(Time until) {
    while (true) {
        const Round round = begin_round();
        if (round.ending) return false;
        const Duration left = until - rooms_.clock.monotonic();
        if (left.ns <= 0 && !round.paused) return true;
        wait(round, round.paused ? settings_.health_check_interval : left, SIZE_MAX);
    }
}

void Runner::send(Sink& sink, Batch& batch) {
    while (true) {
        const Sent sent = sink.send(batch.rest());
        Time retry_at;
        bool finished = false;
        {
            const MutexLock lock(mutex_);
            finished = core_.settle(batch, sent);
            if (!finished) retry_at = batch.retry_at;
            publish();
        }
        hand_over_refused();
        if (finished || !wait_for_retry(retry_at)) return;
        {
            const MutexLock lock(mutex_);
            finished = core_.expire(batch);
        }
        hand_over_refused();
        if (finished) return;
    }
}

void Runner::check_health(Sink& sink) {
    const auto fit = sink.test();
    const MutexLock lock(mutex_);
    core_.set_state(fit ? RunnerState::connected : RunnerState::disconnected,
                    fit ? std::string_view() : fit.error().text());
    publish();
}

void Runner::hand_over_refused() {
    if (!rooms_.fallback) return;
    const MutexLock handing(fallback_mutex_);
    std::vector<RunnerCore::Refused> refused;
    {
        const MutexLock lock(mutex_);
        refused = core_.take_refused();
    }
    for (auto& [item, drop, reason] : refused)
        rooms_.fallback(std::move(item), drop, reason);
    if (!refused.empty() && rooms_.flush_fallback)
        rooms_.flush_fallback([](const Result<void>&) {});
}

void Runner::pause() {
    {
        const MutexLock lock(inbox_mutex_);
        paused_ = true;
    }
    signal();
}

void Runner::resume() {
    {
        const MutexLock lock(inbox_mutex_);
        paused_ = false;
    }
    signal();
}

void Runner::stop(Duration grace) {
    {
        const MutexLock lock(inbox_mutex_);
        if (stopping_) return;
        stopping_ = true;
        drain_until_ = rooms_.clock.monotonic() + grace;
        ++signals_;
    }
    changed_.notify_all();
    {
        const auto until = std::chrono::steady_clock::now() + std::chrono::nanoseconds(grace.ns);
        const MutexLock lock(inbox_mutex_);
        while (working_ > 0 &&
               changed_.wait_until(inbox_mutex_, until) == std::cv_status::no_timeout) {
        }
    }
    for (Worker& worker : workers_)
        worker.sink->cancel();
    for (Worker& worker : workers_)
        if (worker.thread.joinable()) worker.thread.join();
    rooms_.keeper.forget(*this);
    std::vector<Kept> barriers;
    Result<void> result;
    {
        const MutexLock lock(mutex_);
        pull();
        result = core_.close();
        publish();
        const MutexLock inbox_lock(inbox_mutex_);
        barriers.swap(barriers_);
    }
    hand_over_refused();
    answer(barriers, result);
}

void Runner::answer(std::vector<Kept>& barriers, const Result<void>& result) {
    for (Kept& kept : barriers) {
        if (result && rooms_.flush_fallback)
            rooms_.flush_fallback(std::move(kept));
        else
            kept(result);
    }
}

RunnerFigures Runner::figures() const {
    const MutexLock lock(inbox_mutex_);
    RunnerFigures figures = shown_;
    figures.matched = matched_;
    figures.queued_rows += inbox_.size();
    figures.queued_bytes += inbox_bytes_;
    figures.dropped[static_cast<size_t>(Drop::buffer_full)] += inbox_dropped_;
    if (paused_ && !stopping_) figures.state = RunnerState::paused;
    return figures;
}

}  // namespace hw::connector

#include "rules/runtime.h"

#include <algorithm>
#include <chrono>
#include <utility>

#include "base/assert.h"
#include "base/log.h"

namespace hw::rules {

namespace {

constexpr Duration tick_period = seconds(1);
constexpr Duration pause = milliseconds(50);
constexpr Duration settle_limit = seconds(10);

}  // namespace

Result<std::unique_ptr<Runtime>> Runtime::open(Worker::Rooms rooms, Metrics& metrics) {
    std::unique_ptr<Runtime> runtime(new Runtime(std::move(rooms), metrics));
    HW_TRY(runtime->worker_.open());
    return runtime;
}

Runtime::Runtime(Worker::Rooms rooms, Metrics& metrics)
    : worker_(rooms), clock_(rooms.clock), prometheus_rules_(rooms.settings.prometheus_rules) {
    metrics.collect([this](std::vector<Metrics::Collected>& out) { collect(out); });
}

Runtime::~Runtime() {
    stop();
}

Result<void> Runtime::start() {
    HW_TRY(worker_.begin());
    MutexLock lock(mutex_);
    HW_ASSERT(!running_ && !stopping_);
    running_ = true;
    thread_ = std::thread([this] { loop(); });
    return {};
}

void Runtime::loop() {
    Time next_tick = clock_.now();
    for (;;) {
        run_calls();
        {
            MutexLock lock(mutex_);
            if (stopping_) break;
        }
        const bool more = worker_.round();
        if (const Time now = clock_.now(); now >= next_tick) {
            next_tick = now + tick_period;
            if (tick_) tick_(worker_, now);
            publish_figures();
        }
        if (worker_.stalled()) {
            worker_.inlet().pause_until(clock_.now() + pause);
        } else if (!more) {
            const auto wake = worker_.next_wake();
            worker_.inlet().wait_until(wake ? std::min(*wake, next_tick) : next_tick);
        }
    }
    worker_.inlet().close();
    const Time until = clock_.monotonic() + settle_limit;
    while (!worker_.settle() && clock_.monotonic() < until)
        worker_.inlet().pause_until(clock_.now() + milliseconds(10));
    run_calls();
    MutexLock lock(mutex_);
    running_ = false;
    called_.notify_all();
}

void Runtime::stop() {
    {
        MutexLock lock(mutex_);
        if (!thread_.joinable()) return;
        stopping_ = true;
    }
    worker_.inlet().wake();
    thread_.join();
    // Who called while it ended is served here.
    run_calls();
}

void Runtime::run_calls() {
    std::vector<std::move_only_function<void()>> calls;
    {
        MutexLock lock(mutex_);
        calls.swap(calls_);
    }
    for (auto& call : calls)
        call();
}

void Runtime::call(const std::function<void(Worker&)>& work) {
    bool done = false;
    {
        MutexLock lock(mutex_);
        if (running_) {
            HW_ASSERT(std::this_thread::get_id() != thread_.get_id());
            calls_.push_back([this, &work, &done] {
                work(worker_);
                MutexLock inner(mutex_);
                done = true;
                called_.notify_all();
            });
        } else {
            // Nobody else is there: before the start, or after the end.
            work(worker_);
            return;
        }
    }
    worker_.inlet().wake();
    MutexLock lock(mutex_);
    while (!done)
        called_.wait(mutex_);
}

void Runtime::publish_figures() {
    Shown shown;
    shown.totals = worker_.engine().totals();
    shown.worker = worker_.figures();
    shown.inlet = worker_.inlet().figures();
    shown.refused_dropped = worker_.refused_dropped();
    shown.rules = worker_.engine().all_figures(prometheus_rules_, false);
    MutexLock lock(mutex_);
    shown_ = std::move(shown);
}

void Runtime::collect(std::vector<Metrics::Collected>& out) const {
    MutexLock lock(mutex_);
    const auto add = [&](std::string_view name, std::string_view help, bool total, double value,
                         Metrics::Labels labels = {}) {
        out.push_back({name, help, total, std::move(labels), value});
    };
    const auto count = [&](std::string_view name, std::string_view help, uint64_t value,
                           Metrics::Labels labels = {}) {
        add(name, help, true, static_cast<double>(value), std::move(labels));
    };
    const auto gauge = [&](std::string_view name, std::string_view help, uint64_t value) {
        add(name, help, false, static_cast<double>(value));
    };
    gauge("headworks_rules_running", "Rules that run", shown_.totals.rules);
    gauge("headworks_rules_state_bytes", "Held by windows and joins", shown_.totals.state_bytes);
    gauge("headworks_rules_queue_bytes", "Events that wait for the rules",
          shown_.inlet.queued_bytes);
    gauge("headworks_rules_log_bytes", "Input log of rules with a guarantee",
          shown_.inlet.log_bytes);
    count("headworks_rules_events_total", "Events taken in", shown_.totals.events);
    count("headworks_rules_matches_total", "Times an event went to a rule",
          shown_.totals.candidates);
    count("headworks_rules_rows_total", "Rows that came out", shown_.totals.rows);
    count("headworks_rules_failed_total", "Events and rows that failed", shown_.totals.failed);
    count("headworks_rules_late_total", "Events that came after their window had closed",
          shown_.totals.late);
    count("headworks_rules_looped_total", "Rows dropped since they went round in a circle",
          shown_.totals.looped);
    count("headworks_rules_refused_dropped_total",
          "Rows that an outlet refused and that found no fallback any more",
          shown_.refused_dropped);
    count("headworks_rules_checkpoints_total", "Checkpoints written", shown_.worker.checkpoints);
    count("headworks_rules_checkpoint_failures_total", "Checkpoints that could not be written",
          shown_.worker.checkpoint_failures);
    count("headworks_rules_log_failures_total", "Groups of events that the input log did not take",
          shown_.inlet.log_failures);
    count("headworks_rules_log_lost_total", "Records of the input log that could not be read",
          shown_.inlet.lost_records);
    for (const auto& lane : shown_.inlet.lanes) {
        count("headworks_rules_offered_total", "Events offered by a producer", lane.offered,
              {{"lane", lane.name}});
        count("headworks_rules_dropped_total", "Events dropped since the queue was full",
              lane.dropped, {{"lane", lane.name}});
        count("headworks_rules_read_back_total", "Events that came by way of the input log",
              lane.read_back, {{"lane", lane.name}});
    }
    for (const auto& rule : shown_.rules) {
        count("headworks_rule_in_total", "Events of a rule's sources", rule.in,
              {{"rule", rule.id}});
        count("headworks_rule_dropped_total", "Events of a rule's sources that were dropped",
              rule.dropped, {{"rule", rule.id}});
        count("headworks_rule_out_total", "Rows of a rule", rule.out, {{"rule", rule.id}});
        count("headworks_rule_failed_total", "Events and rows of a rule that failed", rule.failed,
              {{"rule", rule.id}});
    }
}

}  // namespace hw::rules

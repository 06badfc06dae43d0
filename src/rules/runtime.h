#pragma once

#include <functional>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "base/error.h"
#include "base/metrics.h"
#include "base/mutex.h"
#include "rules/worker.h"

namespace hw::rules {

// The rules thread around a Worker.
class Runtime {
  public:
    // `rooms` as Worker's. Opens the log and the checkpoint; nothing runs yet.
    static Result<std::unique_ptr<Runtime>> open(Worker::Rooms rooms, Metrics& metrics);
    ~Runtime();  // stops

    const Interest& interest() const { return worker_.interest(); }
    void touch_interest() { worker_.interest().touch(); }  // any thread
    bool crowded() { return worker_.inlet().crowded(); }
    Lane& add_lane(std::string name) { return worker_.inlet().add_lane(std::move(name)); }

    // Replays the log to the rules that were put and starts the thread. Once.
    Result<void> start();
    // Takes in what was offered, saves a checkpoint, ends the thread.
    void stop();

    // Runs on the rules thread, between two rounds, and returns when it is done; before start() and
    // after stop() on the caller's. Any thread but the rules' own.
    void call(const std::function<void(Worker&)>& work);
    // Every second on the rules thread. Before start().
    void on_tick(std::function<void(Worker&, Time)> tick) { tick_ = std::move(tick); }

  private:
    Runtime(Worker::Rooms rooms, Metrics& metrics);
    void loop();
    void run_calls();
    void publish_figures();
    void collect(std::vector<Metrics::Collected>& out) const;

    Worker worker_;
    const Clock& clock_;
    const size_t prometheus_rules_;
    std::function<void(Worker&, Time)> tick_;
    std::thread thread_;
    mutable Mutex mutex_;
    Condition called_;
    std::vector<std::move_only_function<void()>> calls_ HW_LOCKING(guarded_by(mutex_));
    bool running_ HW_LOCKING(guarded_by(mutex_)) = false;
    bool stopping_ HW_LOCKING(guarded_by(mutex_)) = false;
    struct Shown {
        EngineFigures totals;
        Worker::Figures worker;
        Inlet::Figures inlet;
        uint64_t refused_dropped = 0;
        std::vector<RuleFigures> rules;
    };
    Shown shown_ HW_LOCKING(guarded_by(mutex_));
};

}  // namespace hw::rules

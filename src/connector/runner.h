#pragma once

#include <functional>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "base/clock.h"
#include "base/mutex.h"
#include "connector/buffer_keeper.h"
#include "connector/runner_core.h"

namespace hw::connector {

// Between an action of a rule and its foreign system: takes rows without ever blocking, keeps them
// in memory and on disk, and sends them with workers of its own, one connection each. Thread-safe.
// docs/connectors.md says what is kept and what is dropped.
class Runner final : private BufferKeeper::Client {
  public:
    using MakeSink = std::function<Result<std::unique_ptr<Sink>>()>;
    using Kept = std::move_only_function<void(const Result<void>&)>;
    // A row that will not be sent: rejected, expired or given up. A worker's thread.
    using Fallback = std::function<void(Item item, Drop drop, const std::string& reason)>;
    struct Rooms {
        const Clock& clock;
        BufferKeeper& keeper;
        io::Disk* disk = nullptr;  // null only with buffer_mode memory
        std::string folder;        // of this action alone, below the disk's root
        uint64_t seed = 1;         // of the jitter, with the folder
        Fallback fallback = {};
        // As flushed() of where the fallback leads: a barrier waits for it too. It is also called
        // as soon as rows went there, so that they are safe again within moments.
        std::function<void(Kept)> flush_fallback = {};
    };

    // Makes the sinks, opens what was left on disk and begins to send. Errors: a sink's settings,
    // the buffer's folder. A peer that is down is no error.
    static Result<std::unique_ptr<Runner>> start(const RunnerSettings& settings,
                                                 const MakeSink& make_sink, Rooms rooms);
    // As stop() without grace.
    ~Runner() override;

    // Never blocks. False: it is dropped (and counted), since the keeper cannot follow, or the
    // runner ends. A full buffer drops later, by its policy.
    bool offer(Item item);
    // `kept` once, on another thread or this one: all rows that were offered before are sent,
    // dropped and counted, or on disk; with buffer_mode memory at once, since nothing outlives the
    // process. The error is the disk's: then they are in memory.
    void flushed(Kept kept);

    // Rows wait, and go to the disk like those of a peer that is down.
    void pause();
    void resume();
    // Ends the workers: calls that are under way have `grace` to end; what is not sent by then
    // stays on disk for the next start or, with buffer_mode memory, is dropped and counted.
    void stop(Duration grace);

    RunnerFigures figures() const;
    const store::LogRepair& repair() const { return repair_; }  // of the start

  private:
    struct Worker {
        std::unique_ptr<Sink> sink;
        std::thread thread;
    };

    Runner(const RunnerSettings& settings, Rooms rooms);
    void keep() override;
    void work(size_t index);
    // What a worker sees at the start of a round.
    struct Round {
        uint64_t seen = 0;  // signals
        bool paused = false;
        bool ending = false;    // stopping
        bool draining = false;  // stopping, but what waits may still be sent
    };
    Round begin_round() const;
    RunnerCore::Next next_batch(const Round& round);
    void send(Sink& sink, Batch& batch);
    bool wait_for_retry(Time until);
    void check_health(Sink& sink);
    // False: nothing came until then.
    bool wait(const Round& round, Duration most, size_t rows_wanted);
    void signal();
    void pull() HW_LOCKING(requires_capability(mutex_));
    void publish() HW_LOCKING(requires_capability(mutex_));
    void hand_over_refused();
    void answer(std::vector<Kept>& barriers, const Result<void>& result);

    const RunnerSettings settings_;
    Rooms rooms_;  // not changed once it runs
    store::LogRepair repair_;
    std::vector<Worker> workers_;

    // Held while rows go to the fallback, so that a barrier comes behind them. Locked first.
    Mutex fallback_mutex_;
    // Held while the disk is read and written. Locked before inbox_mutex_.
    Mutex mutex_;
    RunnerCore core_ HW_LOCKING(guarded_by(mutex_));

    // Never held over anything slow.
    mutable Mutex inbox_mutex_;
    Condition changed_;
    struct Offered {
        Item item;
        Time queued;
    };
    std::vector<Offered> inbox_ HW_LOCKING(guarded_by(inbox_mutex_));
    uint64_t inbox_bytes_ HW_LOCKING(guarded_by(inbox_mutex_)) = 0;
    uint64_t matched_ HW_LOCKING(guarded_by(inbox_mutex_)) = 0;
    uint64_t inbox_dropped_ HW_LOCKING(guarded_by(inbox_mutex_)) = 0;
    uint64_t signals_ HW_LOCKING(guarded_by(inbox_mutex_)) = 0;
    size_t wake_at_rows_ HW_LOCKING(guarded_by(inbox_mutex_)) = 1;
    size_t working_ HW_LOCKING(guarded_by(inbox_mutex_)) = 0;
    bool paused_ HW_LOCKING(guarded_by(inbox_mutex_)) = false;
    bool stopping_ HW_LOCKING(guarded_by(inbox_mutex_)) = false;
    Time drain_until_ HW_LOCKING(guarded_by(inbox_mutex_));  // monotonic
    std::vector<Kept> barriers_ HW_LOCKING(guarded_by(inbox_mutex_));
    RunnerFigures shown_ HW_LOCKING(guarded_by(inbox_mutex_));
};

}  // namespace hw::connector

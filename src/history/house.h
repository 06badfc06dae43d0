#pragma once

#include <deque>
#include <functional>
#include <thread>

#include "base/clock.h"
#include "base/mutex.h"
#include "history/engine.h"

namespace hw::history {

// The housekeeping thread: seals when there is a reason to, releases the journal, applies
// retention, and runs whatever else must not run beside that.
class House {
  public:
    House(Engine& engine, const Clock& clock);
    ~House();
    House(const House&) = delete;
    House& operator=(const House&) = delete;

    // There may be something to seal. Any thread; cheap.
    void nudge();
    // Runs the work on the housekeeping thread and waits for it. Any thread but that one.
    Result<void> run(std::function<Result<void>()> work);
    // Waits until sealing went on a little or a while passed. For a committer that is too fast.
    void wait_for_progress();

  private:
    void loop();
    bool rest();
    void run_tasks();
    Result<void> keep();
    Result<void> keep_now_and_then();
    void report(const Result<void>& result);

    Engine& engine_;
    const Clock& clock_;
    Mutex mutex_;
    Condition wake_;
    Condition progress_;
    std::deque<std::function<void()>> tasks_ HW_LOCKING(guarded_by(mutex_));
    bool nudged_ HW_LOCKING(guarded_by(mutex_)) = false;
    bool stopping_ HW_LOCKING(guarded_by(mutex_)) = false;
    // The thread's own.
    Time late_sealed_;
    Time expired_;
    bool failing_ = false;
    std::thread thread_;
};

}  // namespace hw::history

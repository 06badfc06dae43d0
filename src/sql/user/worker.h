#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "base/clock.h"
#include "base/mutex.h"
#include "sql/function.h"
#include "sql/user/child.h"
#include "sql/user/worker_protocol.h"

namespace hw::sql::user {

struct WorkerOptions {
    std::string name;  // for people
    ChildCommand command;
    WorkerLimits limits;
    // Before it is started again: doubled each time up to the most, and the least again once it has
    // been well for `healthy`.
    Duration least_pause = milliseconds(100);
    Duration most_pause = seconds(30);
    Duration healthy = seconds(60);
};

struct WorkerStatus {
    bool ready = false;
    uint64_t starts = 0;
    uint64_t calls = 0;         // asked for
    uint64_t failed_calls = 0;  // without a value, for whatever reason
    uint64_t late_answers = 0;
    std::string trouble;  // why it last ended or was ended; empty: never
};

// A worker program, kept running: a thread speaks with it, ends it where it breaks the protocol or
// owes an answer too long, and starts it again after a pause. What it writes to its standard error
// goes to our log, 50 lines in 10 s.
class Worker {
  public:
    // `clock` outlives it.
    Worker(WorkerOptions options, const Clock& clock);
    ~Worker();  // closes the program's input, gives it a second, then kills it
    Worker(const Worker&) = delete;
    Worker& operator=(const Worker&) = delete;

    const std::string& name() const { return options_.name; }
    // Waits until it has said hello. Any thread.
    bool wait_ready(Duration longest);
    // As it last said hello. Any thread.
    std::vector<WorkerFunctionInfo> functions() const;
    WorkerStatus status() const;

    // Asks and waits, up to limits.call. Any thread; calls of several threads go out together.
    // Errors: unavailable (not running, or ended meanwhile), timed_out, limit_exceeded, or the
    // worker's own (invalid_argument). Each names the worker.
    Result<Datum> call(std::string_view function, Arguments arguments);

  private:
    struct Waiting {
        std::string function;
        Time deadline;
        std::optional<Result<Datum>> answer;
    };
    class Lines;

    void run();
    // Until it ends or has to; why. Empty: we are to stop.
    std::string serve(Child& child);
    std::string exchange(Child& child, std::string& output);
    std::string receive(Child& child);
    std::string overdue(Time now) HW_LOCKING(requires_capability(mutex_));
    int next_wait_ms(Time now) const HW_LOCKING(requires_capability(mutex_));
    void take(WorkerProtocol::Event& event) HW_LOCKING(requires_capability(mutex_));
    void give_up_all(const std::string& why);
    void wake();

    const WorkerOptions options_;
    const Clock& clock_;
    Descriptor wake_;
    mutable Mutex mutex_;
    Condition changed_;
    bool stop_ HW_LOCKING(guarded_by(mutex_)) = false;
    bool ready_ HW_LOCKING(guarded_by(mutex_)) = false;
    Time hello_deadline_ HW_LOCKING(guarded_by(mutex_));
    Time ready_since_ HW_LOCKING(guarded_by(mutex_));
    std::unique_ptr<WorkerProtocol> protocol_ HW_LOCKING(guarded_by(mutex_));
    std::map<uint64_t, Waiting*> waiting_ HW_LOCKING(guarded_by(mutex_));
    std::vector<WorkerFunctionInfo> functions_ HW_LOCKING(guarded_by(mutex_));
    WorkerStatus status_ HW_LOCKING(guarded_by(mutex_));
    std::thread thread_;  // last: it uses the rest
};

}  // namespace hw::sql::user

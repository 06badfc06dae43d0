#pragma once

#include <atomic>
#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/mutex.h"
#include "model/sample_batch.h"
#include "rules/event.h"
#include "rules/interest.h"
#include "store/segment_log.h"

namespace hw::rules {

class Lane;

// The way in: what producers offer, in one order for all of them. Under its lock each group gets
// the time of its arrival and, where a rule with a guarantee wants some of it, its place in the
// input log, written by the producer before offer() returns. So the log, the queue and the times
// have the same order, and a replay of the log is the run that was.
//
// The queue is bounded by queue_bytes. Over it, what is durable is left to the log and read back
// from there in order; the rest is dropped and counted, until the log has been caught up with.
// Offering: any thread, through its own Lane. Taking: the rules thread.
class Inlet {
  public:
    struct Limits {
        size_t queue_bytes = 64 << 20;
        size_t read_back_bytes = 1 << 20;  // at once from the log
    };
    // Without a log nothing is durable. All outlive it.
    Inlet(Limits limits, const Clock& clock, store::SegmentLog* log);
    ~Inlet();

    // Lives as long as the inlet. Any thread.
    Lane& add_lane(std::string name);

    struct Taken {
        std::vector<Group> groups;
        Missed missed;  // since the last time
        // Every group that arrives later has this time or a later one.
        Time until;
        bool more = false;  // ask again at once
    };
    // What there is. `now` is the wall clock's time; a clock that goes back stands still here.
    Taken take();
    // Waits until there is something to take, wake() was called, or the time (of the wall clock).
    void wait_until(std::optional<Time> time);
    // The same without a look at what there is: for who takes nothing now.
    void pause_until(Time time);
    void wake();
    // The same stop as if the server was asked to end: offers are dropped from here on.
    void close();

    // Groups of the log from `position` on, for the start: before anything is offered. The first
    // position behind the last one.
    struct Replayed {
        std::vector<Group> groups;
        uint64_t next = 0;
        uint64_t lost = 0;  // records that could not be read
    };
    Result<Replayed> replay(uint64_t position);
    // What lies before the position is never asked for again.
    Result<void> trim(uint64_t position);
    uint64_t log_end() const;

    struct Figures {
        uint64_t queued_bytes = 0;
        uint64_t queued_groups = 0;
        uint64_t log_bytes = 0;
        uint64_t log_failures = 0;  // appends that the disk refused: the groups were not durable
        uint64_t lost_records = 0;  // of the log, found broken when read back
        bool behind = false;        // reading back from the log
        struct OfLane {
            std::string name;
            uint64_t offered = 0;
            uint64_t dropped = 0;    // the queue was full
            uint64_t read_back = 0;  // came by way of the log
        };
        std::vector<OfLane> lanes;
    };
    Figures figures() const;
    // The queue is more than half full: who can hold back should.
    bool crowded() const;

  private:
    friend class Lane;
    struct State;
    const Limits limits_;
    const Clock& clock_;
    mutable Mutex mutex_;
    Condition arrived_;
    const std::unique_ptr<State> state_ HW_LOCKING(pt_guarded_by(mutex_));
};

// One producer's way in. One thread. add() gathers, offer() hands over what was gathered: once a
// round, before the messages are acknowledged.
class Lane {
  public:
    // Events that nobody wants are not worth making: ask Interest first.
    void add(Event event);
    // One row of a batch, wanted as PointInterest says.
    void add_sample(const model::SampleBatch& batch, size_t row, Wanted wanted);

    // False: something durable could not be written to the log (the disk is full or failing). It is
    // queued all the same and counted; only a crash would lose it.
    bool offer();
    size_t gathered() const { return events_.size() + samples_.size(); }

  private:
    friend class Inlet;
    explicit Lane(Inlet& inlet, size_t number) : inlet_(inlet), number_(number) {}

    Inlet& inlet_;
    const size_t number_;
    std::vector<Event> events_;
    model::SampleBatch samples_;
    model::SampleBatch durable_samples_;
    size_t durable_ = 0;
    size_t bytes_ = 0;
    std::string encoded_;
};

}  // namespace hw::rules

#pragma once

#include <array>
#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/metrics.h"
#include "base/random.h"
#include "connector/connector.h"
#include "connector/runner_settings.h"
#include "store/segment_log.h"

namespace hw::connector {

// Why rows were not sent.
enum class Drop : uint8_t {
    buffer_full,  // max_buffer_bytes, or the memory where the disk refuses
    expired,      // request_ttl
    rejected,     // the peer refused it, or it could not be made into a request
    retries,      // max_retries
    corrupt,      // broken on the disk
    stopped,      // buffer_mode memory: still there when the action ended
};
inline constexpr size_t drop_reasons = 6;
std::string_view to_string(Drop reason);

enum class RunnerState : uint8_t { connecting, connected, disconnected, paused, stopped };
std::string_view to_string(RunnerState state);

// As they were when asked. Counts only grow over one life.
struct RunnerFigures {
    RunnerState state = RunnerState::connecting;
    std::string reason;  // of disconnected
    Time state_since;
    uint64_t matched = 0;  // rows offered
    uint64_t sent = 0;     // rows
    uint64_t failed = 0;   // calls of the sink that did not do all
    uint64_t retried = 0;  // rows that were sent again
    std::array<uint64_t, drop_reasons> dropped{};
    uint64_t queued_rows = 0;   // in flight included
    uint64_t queued_bytes = 0;  // of rows in memory, and of the files on disk
    uint64_t in_flight = 0;     // rows
    uint64_t disk_bytes = 0;
    uint64_t failed_writes = 0;                                         // of the buffer on disk
    std::array<uint64_t, LatencyHistogram::bounds_s.size()> latency{};  // from offer to sent
    uint64_t latency_count = 0;
    int64_t latency_sum_ns = 0;
    std::string last_error;
    Time last_error_time;

    uint64_t dropped_rows() const;
};

// Rough bytes that it takes in memory.
size_t item_bytes(const Item& item);

// Rows that one worker has in hand, in order. The items stay as they are while it is held.
struct Batch {
    std::vector<Item> items;
    size_t done = 0;  // items before it are sent or dropped
    Time retry_at;    // monotonic
    uint64_t attempts = 0;

    std::span<const Item> rest() const { return std::span(items).subspan(done); }

  private:
    friend class RunnerCore;
    struct Meta {
        Time queued;
        uint64_t position = 0;  // in the log; 0: not there
        size_t bytes = 0;
    };
    std::vector<Meta> metas_;
    uint64_t number_ = 0;
};

// The state between a rule and a sink, without threads: rows come in, batches go out, and what
// waits beyond the memory's limit lies in a log on disk. The order of rows is kept. A plain object:
// one thread at a time. Calls that touch the disk: open, take, settle, spill, sync, close.
class RunnerCore {
  public:
    // `disk` may be null where settings.disk is false.
    RunnerCore(const RunnerSettings& settings, const Clock& clock, io::Disk* disk,
               const std::string& folder, uint64_t seed);
    ~RunnerCore();

    // Once, first. What was left on disk waits again.
    Result<store::LogRepair> open();

    void add(Item item, Time queued);
    // Nothing waits for a batch to fill up any more.
    void hurry() { hurry_ = true; }

    struct Next {
        Batch* batch = nullptr;     // held until settle() says finished
        std::optional<Time> again;  // monotonic; else nothing is due until rows are added
        size_t rows_wanted = 1;     // more of them make a batch before that time
    };
    Next take();
    // What the sink said of batch.rest(). True: finished, the batch is gone; else it is to be sent
    // again at batch.retry_at.
    bool settle(Batch& batch, const Sent& sent);
    // Drops what expired while it waited to be sent again. True: finished, the batch is gone.
    bool expire(Batch& batch);

    bool wants_spill() const;
    // Writes what is in memory to the log, batches in flight included. Errors: the disk's; then the
    // rows stay in memory.
    Result<void> spill();
    // All that was added is sent, dropped or in the log.
    bool kept() const { return memory_.empty() && unlogged_ == 0; }
    Result<void> sync();
    // At the end: what is left goes to the disk, or is dropped and counted.
    Result<void> close();

    void count_dropped(Drop reason, uint64_t rows);
    void set_state(RunnerState state, std::string_view reason = {});
    const RunnerFigures& figures();

    struct Refused {
        Item item;
        Drop drop = Drop::rejected;
        std::string reason;
    };
    // Rows for the fallback since the last call.
    std::vector<Refused> take_refused() { return std::exchange(refused_, {}); }
    void keep_refused(bool keep) { keep_refused_ = keep; }

  private:
    struct Waiting {
        Item item;
        Time queued;
        size_t bytes = 0;
    };

    bool log_has_more() const { return log_ && read_next_ < log_->end(); }
    Next take_from_log();
    Next take_from_memory();
    bool expired(Time queued) const;
    void bound_memory();
    void finish(Batch& batch, size_t count, const Drop* drop, std::string_view reason);
    bool finished(Batch& batch);
    void trim();
    Duration back_off(uint64_t attempts);
    void fail_with(std::string_view reason);
    Result<void> append(std::vector<std::string>& records, size_t held, size_t from_memory);
    bool make_room();
    void logged(uint64_t first, size_t held, size_t from_memory);

    const RunnerSettings settings_;
    const Clock& clock_;
    Random random_;
    std::unique_ptr<store::SegmentLog> log_;
    std::deque<Waiting> memory_;  // younger than all in the log
    uint64_t memory_bytes_ = 0;
    std::map<uint64_t, std::unique_ptr<Batch>> held_;
    uint64_t next_batch_ = 1;
    uint64_t unlogged_ = 0;  // rows in held batches that are not in the log
    uint64_t held_bytes_ = 0;
    uint64_t held_rows_ = 0;
    uint64_t read_next_ = 0;  // position of the next record of the log to be taken
    bool hurry_ = false;
    bool keep_refused_ = false;
    bool refused_by_disk_ = false;
    Time spill_again_;  // monotonic: the disk refused, not before
    Time trim_saved_;
    RunnerFigures figures_;
    std::vector<Refused> refused_;
};

}  // namespace hw::connector

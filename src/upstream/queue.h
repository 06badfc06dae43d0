#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "base/error.h"
#include "base/time.h"
#include "io/disk.h"
#include "model/sample_batch.h"
#include "upstream/gaps.h"
#include "upstream/interval_set.h"
#include "upstream/queue_record.h"
#include "upstream/queue_state.h"

namespace hw::upstream {

struct QueueSettings {
    std::string folder = "upstream";
    uint64_t bytes_limit = 1 << 30;
    Duration age_limit = seconds(7 * 86'400);
    uint64_t segment_bytes = 4 << 20;
    size_t record_rows = 4096;
    size_t record_text_bytes = 256 << 10;
    bool sync_each = false;  // fdatasync with each append
};

// Samples that are not at the centre any more.
struct Loss {
    GapReason reason = GapReason::queue_full;
    Time from;
    Time to;
    uint64_t samples = 0;
    std::string detail;
};

struct RecordSamples {
    uint64_t number = 0;
    uint64_t samples = 0;
};

// What waits to be sent, on a disk: docs/formats/upstream_queue.md. Numbered records in segments;
// the oldest segments go when a limit is reached, all go when everything in them is acknowledged.
// A plain object: one thread at a time. Memory: a few hundred bytes a segment.
class Queue {
  public:
    using PathOf = std::function<std::string_view(model::PointId)>;

    Queue(io::Disk& disk, QueueSettings settings);

    // Once, first. Errors: the folder cannot be read.
    Result<void> open(const QueueState& state, Time now);

    // When it returns, the kernel has the batch (and the disk, with sync_each): nothing of it is
    // lost when this process is killed. Where the disk refuses, it is a loss and an error. What was
    // queued, as records.
    Result<void> append(const model::SampleBatch& batch, const PathOf& path_of, Time now,
                        std::vector<RecordSamples>& records);
    Result<void> sync();

    // They have arrived; numbers that are not in the queue any more are left out.
    void acknowledge(std::span<const RecordSamples> records);
    // They never will; `samples` of them were not acknowledged. The loss is the caller's to tell.
    void give_up(Interval records, uint64_t samples);
    // Drops what is over a limit, removes what is done.
    void clean_up(Time now);
    std::vector<Loss> take_losses() { return std::exchange(losses_, {}); }

    // The segment where the first record of at least `from` is that is not in `claimed`, and that
    // record; nullopt where there is none before `end`.
    struct Place {
        uint64_t segment = 0;
        uint64_t record = 0;
    };
    std::optional<Place> find(uint64_t from, uint64_t end, const IntervalSet& claimed) const;
    // To be read outside of any lock: the file may be gone meanwhile, and grow behind `bytes`.
    struct File {
        std::string path;
        SegmentInfo info;
    };
    std::optional<File> file(uint64_t segment) const;

    uint64_t next_record() const { return next_record_; }
    uint64_t oldest_record() const;
    const IntervalSet& acknowledged() const { return acknowledged_; }
    uint64_t waiting_samples() const;
    uint64_t bytes() const { return bytes_; }
    uint64_t appended_samples() const { return appended_samples_; }  // since open
    // When the oldest that waits was queued.
    std::optional<Time> oldest() const;
    // When the last record was queued.
    std::optional<Time> newest() const;
    uint64_t failed_writes() const { return failed_writes_; }
    size_t segments() const { return segments_.size(); }

    // Without times and gaps, which are the caller's.
    QueueState state() const;

  private:
    std::string path_of_segment(uint64_t number) const;
    Result<void> adopt(uint64_t number, const QueueState& state);
    std::optional<SegmentInfo> scan(uint64_t number, uint64_t end);
    Result<void> begin_segment(Time now);
    Result<void> write_records(const model::SampleBatch& batch, const PathOf& path_of, Time now,
                               std::vector<RecordSamples>& records);
    size_t record_end(const model::SampleBatch& batch, size_t from) const;
    void seal() { file_.reset(); }
    void drop_front(GapReason reason);
    bool remove_file(const SegmentInfo& segment);
    SegmentInfo* segment_of(uint64_t record);
    void lose(Loss loss);

    io::Disk& disk_;
    const QueueSettings settings_;
    std::deque<SegmentInfo> segments_;  // the last is being written while file_ is set
    std::unique_ptr<io::AppendFile> file_;
    SegmentWriter writer_;
    std::string buffer_;
    IntervalSet acknowledged_;
    std::vector<Loss> losses_;
    uint64_t next_record_ = 1;
    uint64_t next_segment_ = 1;
    uint64_t bytes_ = 0;
    uint64_t appended_samples_ = 0;
    uint64_t failed_writes_ = 0;
    bool unsynced_ = false;
    bool unnamed_ = false;  // a new file's name is not yet on disk
};

}  // namespace hw::upstream

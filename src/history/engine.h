#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/error.h"
#include "base/mutex.h"
#include "history/heads.h"
#include "history/history.h"
#include "history/journal.h"
#include "history/sealer.h"
#include "history/settings.h"
#include "io/disk.h"
#include "model/point_directory.h"
#include "model/sample_batch.h"
#include "store/store.h"

namespace hw::history {

// The historian without threads: journal, heads, sealing and what is read from them. Samples go
// journal -> heads (readable) -> chunks in the store -> journal segment removed.
//
// Three kinds of caller, each one thread at a time, which may be three threads: committing
// (commit, sync), keeping house (seal_*, release_journal, expire, drop, backup) and any number of
// readers. Heads are behind one lock that no disk access is made under.
class Engine {
  public:
    struct Opened {
        uint64_t points = 0;
        uint64_t samples_replayed = 0;
        Journal::Damages damages;
    };
    static Result<std::unique_ptr<Engine>> open(const Settings& settings, io::Disk& disk,
                                                store::Store& store, model::PointDirectory& points,
                                                Opened& opened);

    // Committing. All batches or none. Durable when it returns; or, with Sync::later, when sync()
    // does (what a failed sync loses was readable till then and stays readable until a restart).
    enum class Sync : uint8_t { now, later };
    Result<void> commit(std::span<const model::SampleBatch* const> batches, Sync sync = Sync::now);
    Result<void> sync();
    // Whether a commit may succeed now: there is room, and the journal can be written.
    Result<void> probe();

    // Housekeeping. seal_some seals a bounded number of heads that have a reason to be sealed
    // (full, too much memory, too much journal) and says how many; 0: nothing to do.
    Result<size_t> seal_some();
    // Points with late samples that meet chunks, whatever their number.
    Result<void> seal_late();
    Result<void> seal_all();
    // Writes the units that describe() brought.
    Result<void> save_units();
    // Joins neighbouring chunks that are small, of all points. Reads all summaries.
    Result<void> merge_small();
    // Removes journal segments that are wholly sealed. Syncs the store if there is any.
    Result<void> release_journal();
    // Removes chunks that retention no longer wants, of at most `points_most` points from where
    // the last call ended.
    Result<uint64_t> expire(Time now, size_t points_most);
    Result<uint64_t> drop(const std::vector<model::PointId>& points, int64_t from_ns,
                          int64_t to_ns);
    // Copies the journal's segments to `to`; call after the store's checkpoint and not beside
    // release_journal.
    Result<std::vector<std::string>> copy_journal(io::Disk& to);

    // Any thread.
    // True if that is news.
    bool describe(model::PointId point, std::string_view unit);
    std::optional<PointState> point_state(model::PointId point) const;
    void point_states(const std::vector<model::PointId>& points,
                      std::vector<std::optional<PointState>>& out) const;
    // What is known of a point's value at a time without reading chunks.
    struct Look {
        std::optional<model::Sample> sample;  // the last one at or before the time, unless ...
        bool in_chunks = false;               // ... a chunk has a later one
        uint64_t epoch = 0;                   // cursors made at or after it see that chunk
    };
    void looks_at(std::span<const model::PointId> points, Time time, std::span<Look> out) const;
    bool sealing_wanted() const;
    // Memory is far over its limit: committing should wait for sealing.
    bool crowded() const;
    uint64_t journal_bytes() const;
    size_t memory_bytes() const;
    uint64_t journal_syncs() const { return journal_syncs_.load(std::memory_order_relaxed); }
    uint64_t chunks_written() const { return chunks_written_.load(std::memory_order_relaxed); }

    // Copies the point's unsealed rows in [from, to) to `out`, in order, and says how often chunks
    // had changed when the point's last did. Cursors made at or after that epoch see them.
    uint64_t copy_head(model::PointId point, int64_t from_ns, int64_t to_ns, Columns& out) const;
    uint64_t epoch() const { return epoch_.load(std::memory_order_acquire); }
    store::Store& store() const { return store_; }

  private:
    Engine(const Settings& settings, io::Disk& disk, store::Store& store,
           model::PointDirectory& points);
    std::optional<PointState> state_of(model::PointId point) const
        HW_LOCKING(requires_capability(heads_mutex_));
    Look look_at(model::PointId point, int64_t time_ns) const
        HW_LOCKING(requires_capability(heads_mutex_));
    Result<void> load_points();
    Result<void> replay(Opened& opened);
    Result<void> take_record(const Record& record, uint64_t segment, Opened& opened);
    Result<void> check_space(size_t bytes);
    void write_definitions(uint32_t points) HW_LOCKING(requires_capability(journal_mutex_));
    void apply(const model::SampleBatch& batch, uint64_t lsn, uint64_t segment);
    Result<void> seal(std::vector<model::PointId> points);
    std::vector<model::PointId> choose_for_sealing();
    Result<void> write_states(store::WriteBatch& batch,
                              std::vector<std::pair<model::PointId, SealedState>>& states,
                              bool frozen);
    void persist_definitions(store::WriteBatch& batch, uint32_t& until);
    Result<uint64_t> change_chunks(model::PointId point, int64_t from_ns, int64_t to_ns,
                                   bool whole_only);

    const Settings settings_;
    io::Disk& disk_;
    store::Store& store_;
    model::PointDirectory& points_;

    Mutex journal_mutex_;  // before heads_mutex_
    Journal journal_ HW_LOCKING(guarded_by(journal_mutex_));
    std::atomic<uint64_t> journal_bytes_{0};
    std::atomic<uint64_t> journal_syncs_{0};
    std::atomic<uint32_t> defined_{0};  // points whose definition is in journal or store

    mutable Mutex heads_mutex_;
    mutable Heads heads_ HW_LOCKING(guarded_by(heads_mutex_));
    std::vector<model::PointId> new_units_ HW_LOCKING(guarded_by(heads_mutex_));
    std::atomic<uint64_t> epoch_{0};

    // Committing only.
    uint64_t unchecked_bytes_ = UINT64_MAX;  // written since the disk's free space was asked for
    model::SampleBatch replayed_;

    // Housekeeping only.
    Sealer sealer_;
    Columns rows_;
    uint32_t persisted_points_ = 0;
    uint32_t expire_next_ = 0;
    std::atomic<uint64_t> chunks_written_{0};
};

}  // namespace hw::history

#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/error.h"
#include "base/metrics.h"
#include "history/query.h"
#include "history/scan.h"
#include "history/settings.h"
#include "model/point_directory.h"
#include "model/sample_batch.h"

namespace hw::history {

// What is known of a point without reading its chunks.
struct PointState {
    model::PointId id;
    std::string unit;  // as told by describe(); empty where nobody said
    model::ValueType type = model::ValueType::float64;  // of the last value
    model::Sample last;
    Time first_time;
    uint64_t count = 0;  // distinct times kept
};

// Called on the commit thread when the batch is on disk and readable (or, with ack = memory, only
// readable), or could not be kept: then nothing of it was.
using Done = std::move_only_function<void(const Result<void>&)>;

enum class Health { ok, disk_full, failing };

// The historian: threads and disk around Engine. Thread rules: submit, the queries and the figures
// from any thread; taps are called on the commit thread.
class History {
  public:
    static Result<std::unique_ptr<History>> open(const Settings& settings,
                                                 const std::string& folder,
                                                 model::PointDirectory& points, const Clock& clock,
                                                 Metrics& metrics);
    virtual ~History() = default;

    // Always takes the batch; order of submits is the order of writing. When the queue is over
    // `queue_bytes_limit`, overloaded() turns true and callers stop reading their sockets until
    // the relief call.
    virtual void submit(model::SampleBatch batch, Done done) = 0;
    virtual bool overloaded() const = 0;
    // Called on the commit thread when overloaded() turns false again, and when Health changes.
    virtual void on_relief(std::function<void()> call) = 0;
    virtual void on_health(std::function<void(Health, const std::string& reason)> call) = 0;

    // Every committed batch, in order. Must be quick. Register before the first submit.
    virtual void add_tap(std::function<void(const model::SampleBatch&)> tap) = 0;
    // The same as a whole, once for each group commit, before any of its submitters is answered:
    // for who must have a batch before it counts as kept. May write to a file, not wait for a disk.
    using GroupTap = std::function<void(std::span<const model::SampleBatch* const>)>;
    virtual void add_group_tap(GroupTap tap) = 0;

    // nullopt: the point has no samples yet.
    virtual std::optional<PointState> point_state(model::PointId id) const = 0;
    virtual void point_states(const std::vector<model::PointId>& ids,
                              std::vector<std::optional<PointState>>& out) const = 0;

    // The last sample of each point at or before a time, in the order of `ids`; nullopt where there
    // is none. Of a point at most one chunk is read, and that only where the time lies within its
    // chunks: some 10 us, in parts on the query threads. Blocking; call on a worker thread.
    virtual Result<void> values_at(std::span<const model::PointId> ids, Time time,
                                   std::vector<std::optional<model::Sample>>& out) const = 0;

    // Keeps the unit of measure with the point; on disk within seconds. Any thread.
    virtual void describe(model::PointId id, std::string_view unit) = 0;

    // Blocking; call on a worker thread. See query.h.
    virtual Result<void> raw(const RawQuery& query, const RawSink& sink) const = 0;
    virtual Result<std::vector<Buckets>> aggregate(const AggregateQuery& query) const = 0;
    // A reader of whole columns, for one thread; see scan.h. The history must outlive it.
    virtual std::unique_ptr<Scan> scan(WantedColumns wanted) const = 0;

    // Drops samples in [from, to) of the points matching the filter. Returns how many chunks went.
    virtual Result<uint64_t> drop(std::string_view filter, Time from, Time to) = 0;
    // A consistent copy of all that is acknowledged, while running.
    virtual Result<void> backup(const std::string& folder) = 0;
    // Seals every head, applies retention, merges small chunks, compacts. For benches and
    // `headworks compact`.
    virtual Result<void> settle() = 0;

    virtual Health health(std::string* reason) const = 0;
    struct Figures {
        uint64_t samples_committed, commits, journal_bytes, disk_bytes, memory_bytes, queue_bytes,
            samples_dropped, journal_syncs;
    };
    virtual Figures figures() const = 0;
};

// Puts a backup back in an empty folder. Errors: the folder is not empty, the backup is not whole.
Result<void> restore_backup(const std::string& backup, const std::string& folder);

}  // namespace hw::history

#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "base/mutex.h"
#include "model/value.h"

namespace hw::model {

// The one table of points: path <-> PointId. Shared by ingest (path to id), history (keeps it on
// disk) and the API (lists by filter). Any thread; a look-up takes one lock (callers on hot paths
// keep the id). About 45 bytes a point plus the path.
class PointDirectory {
  public:
    explicit PointDirectory(size_t points_limit);
    ~PointDirectory();

    // The point's id, made if new. Errors: an invalid path; limit_exceeded names
    // "history.points_limit".
    Result<PointId> intern(std::string_view path);
    std::optional<PointId> find(std::string_view path) const;
    // The path of a known id; valid as long as the directory.
    std::string_view path(PointId id) const;
    size_t size() const;

    // Ids of all points whose path matches the MQTT filter and is greater than `after` (empty: from
    // the start), in byte order of the path, at most `limit`. Cost: the filter's literal prefix
    // narrows the range; the rest of the range is scanned, with
    // the lock let go every few thousand paths, so points added meanwhile may or may not be there.
    std::vector<PointId> match(std::string_view filter, std::string_view after, size_t limit) const;

    // `match` in steps of bounded cost: adds what one look at a few thousand paths finds, and says
    // the path to go on after, nothing at the end. `found` is to be empty, `limit` at least 2.
    std::optional<std::string_view> match_part(std::string_view filter, std::string_view after,
                                               size_t limit, std::vector<PointId>& found) const;

    // Points that are told when they change alone (reports by exception): their silence says
    // nothing, and whoever feeds them marks them bad when he loses them. Said by the feeders, held
    // in memory alone: a bit a point.
    void set_by_exception(PointId id, bool yes);
    bool by_exception(PointId id) const;
    // Grows whenever one of them turns. No lock.
    uint64_t exceptions_version() const {
        return exceptions_version_.load(std::memory_order_acquire);
    }

    // For history's start: the id must be the next free one.
    void restore(PointId id, std::string_view path);

  private:
    struct State;
    // Some paths further on from `after`; the path to go on after, or nothing at the end.
    std::optional<std::string_view> scan(std::string_view prefix, std::string_view filter,
                                         std::string_view after, size_t limit,
                                         std::vector<PointId>& found) const;

    const size_t points_limit_;
    std::atomic<uint64_t> exceptions_version_{0};
    mutable Mutex mutex_;
    const std::unique_ptr<State> state_ HW_LOCKING(pt_guarded_by(mutex_));
};

}  // namespace hw::model

#pragma once

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

    // For history's start: the id must be the next free one.
    void restore(PointId id, std::string_view path);

  private:
    struct State;
    // Some paths further on from `after`; the path to go on after, or nothing at the end.
    std::optional<std::string_view> scan(std::string_view prefix, std::string_view filter,
                                         std::string_view after, size_t limit,
                                         std::vector<PointId>& found) const;

    const size_t points_limit_;
    mutable Mutex mutex_;
    const std::unique_ptr<State> state_ HW_LOCKING(pt_guarded_by(mutex_));
};

}  // namespace hw::model

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
// keep the id). About 100 bytes a point plus the path.
class PointDirectory {
  public:
    explicit PointDirectory(size_t points_limit) : points_limit_(points_limit) {}
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
    // narrows the range; the rest of the range is scanned.
    std::vector<PointId> match(std::string_view filter, std::string_view after, size_t limit) const;

    // For history's start: the id must be the next free one.
    void restore(PointId id, std::string_view path);

  private:
    struct State;
    State& state() [[clang::requires_capability(mutex_)]];

    const size_t points_limit_;
    mutable Mutex mutex_;
    std::unique_ptr<State> state_ [[clang::guarded_by(mutex_)]];
};

}  // namespace hw::model

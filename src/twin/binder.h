#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/mutex.h"
#include "model/point_directory.h"
#include "twin/live_state.h"
#include "twin/point_table.h"

namespace hw::twin {

// Ties slots to the points that feed them, also to points that are not there yet: those are tied
// when the first sample of the point is committed. fresh_points() is called on the commit thread,
// all else by who holds the live lock as writer.
class Binder {
  public:
    Binder(model::PointDirectory& directory, PointTable& table, Slots& slots)
        : directory_(directory), table_(table), slots_(slots) {}

    // The point, where it is there.
    std::optional<model::PointId> bind(uint32_t slot, const std::string& path);
    void unbind(uint32_t slot, const std::string& path);
    // Points that have come since and that slots wait for. Their samples are to be queued.
    std::vector<uint32_t> fresh_points();
    // Ties the slots that wait for it.
    void bind_fresh(uint32_t point);
    void start() { seen_ = directory_.size(); }  // before the first fresh_points()
    size_t awaited() const;

  private:
    model::PointDirectory& directory_;
    PointTable& table_;
    Slots& slots_;
    size_t seen_ = 0;  // points that the commit thread has looked at
    mutable Mutex mutex_;
    std::unordered_map<std::string, std::vector<uint32_t>> awaited_ HW_LOCKING(guarded_by(mutex_));
};

}  // namespace hw::twin

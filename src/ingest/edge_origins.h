#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/mutex.h"
#include "model/value.h"

namespace hw::ingest {

// Which edge sends which point: learned from the batches that come, so that a write to the point
// finds its way back. Two bytes a point. Any thread.
class EdgeOrigins {
  public:
    // At most 65,535 edges; more are not learned.
    void learn(std::string_view edge, std::span<const uint32_t> points);
    // nullopt: no edge has sent it since the start.
    std::optional<std::string> edge_of(model::PointId point) const;
    std::vector<std::string> edges() const;

  private:
    mutable Mutex mutex_;
    std::vector<std::string> edges_ HW_LOCKING(guarded_by(mutex_));
    std::vector<uint16_t> by_point_ HW_LOCKING(guarded_by(mutex_));  // index + 1; 0: none
};

}  // namespace hw::ingest

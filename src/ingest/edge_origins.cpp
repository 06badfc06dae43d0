#include "ingest/edge_origins.h"

#include <algorithm>

#include "ingest/batch_columns.h"

namespace hw::ingest {

void EdgeOrigins::learn(std::string_view edge, std::span<const uint32_t> points) {
    const MutexLock lock(mutex_);
    auto at = std::find(edges_.begin(), edges_.end(), edge);
    if (at == edges_.end()) {
        if (edges_.size() == UINT16_MAX) return;
        edges_.emplace_back(edge);
        at = edges_.end() - 1;
    }
    const auto mark = static_cast<uint16_t>(at - edges_.begin() + 1);
    for (const uint32_t point : points) {
        if (point == ColumnsReader::unknown) continue;
        if (point >= by_point_.size())
            by_point_.resize(std::max<size_t>(point + 1, by_point_.size() * 2));
        by_point_[point] = mark;
    }
}

std::optional<std::string> EdgeOrigins::edge_of(model::PointId point) const {
    const MutexLock lock(mutex_);
    if (point.value() >= by_point_.size() || by_point_[point.value()] == 0) return std::nullopt;
    return edges_[by_point_[point.value()] - 1u];
}

std::vector<std::string> EdgeOrigins::edges() const {
    const MutexLock lock(mutex_);
    return edges_;
}

}  // namespace hw::ingest

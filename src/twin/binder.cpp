#include "twin/binder.h"

namespace hw::twin {

// The search and the note are one step for fresh_points(): a point that is made after the search
// is met there.
std::optional<model::PointId> Binder::bind(uint32_t slot, const std::string& path) {
    const MutexLock lock(mutex_);
    const auto point = directory_.find(path);
    if (point && table_.bind(point->value(), slot)) {
        slots_.set_point(slot, point->value());
        return point;
    }
    awaited_[path].push_back(slot);
    slots_.set_point(slot, Slots::awaited_point);
    return std::nullopt;
}

void Binder::unbind(uint32_t slot, const std::string& path) {
    const MutexLock lock(mutex_);
    const uint32_t point = slots_.point(slot);
    slots_.set_point(slot, Slots::no_point);
    if (point == Slots::no_point) return;
    if (point != Slots::awaited_point) {
        table_.unbind(point, slot);
        return;
    }
    const auto at = awaited_.find(path);
    if (at == awaited_.end()) return;
    std::erase(at->second, slot);
    if (at->second.empty()) awaited_.erase(at);
}

std::vector<uint32_t> Binder::fresh_points() {
    std::vector<uint32_t> fresh;
    const size_t size = directory_.size();
    if (size == seen_) return fresh;
    const MutexLock lock(mutex_);
    for (; seen_ < size && !awaited_.empty(); ++seen_) {
        const auto point = static_cast<uint32_t>(seen_);
        if (!awaited_.contains(std::string(directory_.path(model::PointId(point))))) continue;
        if (table_.await(point)) fresh.push_back(point);
    }
    seen_ = size;
    return fresh;
}

void Binder::bind_fresh(uint32_t point) {
    const MutexLock lock(mutex_);
    const auto at = awaited_.find(std::string(directory_.path(model::PointId(point))));
    if (at == awaited_.end()) {
        table_.forget_awaited(point);
        return;
    }
    for (const uint32_t slot : at->second) {
        table_.bind(point, slot);
        slots_.set_point(slot, point);
    }
    awaited_.erase(at);
}

size_t Binder::awaited() const {
    const MutexLock lock(mutex_);
    return awaited_.size();
}

}  // namespace hw::twin

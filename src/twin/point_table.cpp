#include "twin/point_table.h"

#include <algorithm>

namespace hw::twin {

PointTable::~PointTable() {
    for (auto& chunk : chunks_)
        delete chunk.load(std::memory_order_relaxed);
}

PointTable::Entry* PointTable::make(uint32_t point) {
    if (point >= points_limit) return nullptr;
    auto& chunk = chunks_[point / chunk_points];
    if (chunk.load(std::memory_order_relaxed) == nullptr)
        chunk.store(std::make_unique<Chunk>().release(), std::memory_order_release);
    return find(point);
}

bool PointTable::bind(uint32_t point, uint32_t slot) {
    Entry* entry = make(point);
    if (entry == nullptr) return false;
    const uint32_t binding = entry->binding.load(std::memory_order_relaxed);
    if (binding == 0 || binding == awaited) {
        entry->binding.store(slot + 1, std::memory_order_release);
        return true;
    }
    if ((binding & several) != 0) {
        lists_[binding & ~several].push_back(slot);
        return true;
    }
    uint32_t list = 0;
    if (free_lists_.empty()) {
        list = static_cast<uint32_t>(lists_.size());
        lists_.emplace_back();
    } else {
        list = free_lists_.back();
        free_lists_.pop_back();
    }
    lists_[list] = {binding - 1, slot};
    entry->binding.store(several | list, std::memory_order_release);
    return true;
}

void PointTable::unbind(uint32_t point, uint32_t slot) {
    Entry* entry = find(point);
    if (entry == nullptr) return;
    const uint32_t binding = entry->binding.load(std::memory_order_relaxed);
    if (binding == slot + 1) {
        entry->binding.store(0, std::memory_order_release);
        return;
    }
    if ((binding & several) == 0 || binding == awaited) return;
    const uint32_t number = binding & ~several;
    auto& list = lists_[number];
    std::erase(list, slot);
    if (list.size() > 1) return;
    entry->binding.store(list.empty() ? 0 : list.front() + 1, std::memory_order_release);
    list = {};
    free_lists_.push_back(number);
}

bool PointTable::await(uint32_t point) {
    Entry* entry = make(point);
    if (entry == nullptr) return false;
    uint32_t none = 0;
    entry->binding.compare_exchange_strong(none, awaited, std::memory_order_acq_rel);
    return true;
}

void PointTable::forget_awaited(uint32_t point) {
    uint32_t was = awaited;
    if (Entry* entry = find(point))
        entry->binding.compare_exchange_strong(was, 0, std::memory_order_acq_rel);
}

size_t PointTable::bytes() const {
    size_t bytes = sizeof(*this);
    for (const auto& chunk : chunks_)
        if (chunk.load(std::memory_order_relaxed) != nullptr) bytes += sizeof(Chunk);
    for (const auto& list : lists_)
        bytes += sizeof(list) + list.capacity() * sizeof(uint32_t);
    return bytes;
}

}  // namespace hw::twin

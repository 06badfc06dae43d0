#include "twin/live_state.h"

#include <utility>

#include "base/assert.h"

namespace hw::twin {

uint32_t Slots::allocate(uint32_t count, uint32_t twin) {
    if (count == 0) return 0;
    HW_ASSERT(count <= chunk_slots);
    uint32_t first = 0;
    if (const auto at = free_.lower_bound(count); at != free_.end()) {
        const uint32_t found = at->first;
        first = at->second.back();
        at->second.pop_back();
        if (at->second.empty()) free_.erase(at);
        if (found > count) free_[found - count].push_back(first + count);
    } else {
        const uint32_t left = (chunk_slots - end_ % chunk_slots) % chunk_slots;
        if (left < count) {
            if (left > 0) free_[left].push_back(end_);
            end_ += left;
            chunks_.push_back(std::make_unique<Chunk>());
        }
        first = end_;
        end_ += count;
    }
    for (uint32_t slot = first; slot < first + count; ++slot) {
        chunk(slot).twins[slot & mask] = twin;
        chunk(slot).points[slot & mask] = no_point;
    }
    used_ += count;
    return first;
}

void Slots::free(uint32_t first, uint32_t count) {
    if (count == 0) return;
    for (uint32_t slot = first; slot < first + count; ++slot)
        (*this)[slot] = {};
    free_[count].push_back(first);
    used_ -= count;
}

size_t Interests::Hash::operator()(const Words& words) const {
    uint64_t hash = 0;
    for (const uint32_t word : words)
        hash = (hash ^ word) * 0x9e3779b97f4a7c15ULL;
    return hash ^ (hash >> 32);
}

void Interests::clear() {
    words_.assign(1, Words{});
    numbers_.clear();
    numbers_.emplace(Words{}, 0);
}

uint32_t Interests::number(const Words& words) {
    const auto [at, fresh] = numbers_.try_emplace(words, static_cast<uint32_t>(words_.size()));
    if (fresh) words_.push_back(words);
    return at->second;
}

}  // namespace hw::twin

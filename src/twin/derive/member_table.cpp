#include "twin/derive/member_table.h"

#include <algorithm>
#include <utility>

#include "base/assert.h"

namespace hw::twin {

namespace {

constexpr size_t least_slots = 4;

}  // namespace

size_t MemberTable::slot_of(uint32_t member) const {
    size_t slot = home(member);
    while (index_[slot] != 0 && entries_[index_[slot] - 1].member != member)
        slot = (slot + 1) & (index_.size() - 1);
    return slot;
}

std::optional<size_t> MemberTable::find(uint32_t member) const {
    if (index_.empty()) return {};
    const uint32_t found = index_[slot_of(member)];
    if (found == 0) return {};
    return found - 1;
}

void MemberTable::rebuild(size_t slots) {
    index_.assign(slots, 0);
    for (size_t i = 0; i < entries_.size(); ++i)
        index_[slot_of(entries_[i].member)] = static_cast<uint32_t>(i + 1);
}

size_t MemberTable::add(uint32_t member) {
    if ((entries_.size() + 1) * 2 > index_.size())
        rebuild(std::max(least_slots, index_.size() * 2));
    const size_t slot = slot_of(member);
    HW_ASSERT(index_[slot] == 0 && entries_.size() < UINT32_MAX);
    entries_.emplace_back().member = member;
    index_[slot] = static_cast<uint32_t>(entries_.size());
    return entries_.size() - 1;
}

void MemberTable::remove(size_t at) {
    HW_ASSERT(at < entries_.size());
    size_t hole = slot_of(entries_[at].member);
    index_[slot_of(entries_.back().member)] = static_cast<uint32_t>(at + 1);
    index_[hole] = 0;
    std::swap(entries_[at], entries_.back());
    entries_.pop_back();
    // What lies beyond the hole moves into it where its way from home leads over it.
    const size_t mask = index_.size() - 1;
    for (size_t slot = (hole + 1) & mask; index_[slot] != 0; slot = (slot + 1) & mask) {
        const size_t from = home(entries_[index_[slot] - 1].member);
        if (((slot - from) & mask) < ((slot - hole) & mask)) continue;
        index_[hole] = std::exchange(index_[slot], 0);
        hole = slot;
    }
}

}  // namespace hw::twin

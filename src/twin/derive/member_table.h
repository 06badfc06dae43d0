#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include "model/quality.h"
#include "sql/datum.h"

namespace hw::twin {

// The members of a roll-up side by side, found by their number through an index of open addressing
// (linear probing, at most half full). 24 bytes a member and 8 to 16 of index; about 10 ns to find.
class MemberTable {
  public:
    struct Entry {
        sql::Datum value;
        uint32_t member = 0;
        model::Quality quality = model::Quality::good;
        bool stale = false;
        bool usable = false;
    };

    size_t size() const { return entries_.size(); }
    Entry& operator[](size_t at) { return entries_[at]; }
    const Entry& operator[](size_t at) const { return entries_[at]; }

    std::optional<size_t> find(uint32_t member) const;
    size_t add(uint32_t member);  // it must not be there
    // The last entry takes its place.
    void remove(size_t at);
    size_t bytes() const {
        return entries_.capacity() * sizeof(Entry) + index_.capacity() * sizeof(uint32_t);
    }

  private:
    size_t home(uint32_t member) const {
        return (member * uint64_t{0x9e3779b97f4a7c15} >> 32) & (index_.size() - 1);
    }
    size_t slot_of(uint32_t member) const;  // its slot, or the empty one where it would be
    void rebuild(size_t slots);

    std::vector<Entry> entries_;
    std::vector<uint32_t> index_;  // position + 1; 0: empty
};

}  // namespace hw::twin

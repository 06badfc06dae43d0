#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "base/bytes.h"
#include "sql/datum.h"

namespace hw::sql {

// Numbers tuples of values in the order of their first appearance: the keys of GROUP BY, the values
// of PARTITION BY, the arguments that DISTINCT has seen. Open addressing; a tuple that is known
// costs a hash, a probe and a comparison, and allocates nothing. Null equals null.
class GroupKeys {
  public:
    static constexpr uint32_t none = UINT32_MAX;

    explicit GroupKeys(size_t width) : width_(width) {}

    size_t width() const { return width_; }
    size_t size() const { return hashes_.size(); }
    std::span<const Datum> at(size_t i) const { return {keys_.data() + i * width_, width_}; }
    uint64_t hash_at(size_t i) const { return hashes_[i]; }

    static uint64_t hash_of(std::span<const Datum> key);
    uint32_t find(std::span<const Datum> key, uint64_t hash) const;
    // A key that find() does not know; its number is size() - 1 then. At most 2^31 keys.
    void add(std::span<const Datum> key, uint64_t hash);
    void clear();

    // Heap bytes of the key with that number, and of the table itself (without the keys' heap).
    size_t key_bytes(size_t i) const;
    static size_t entry_bytes(size_t width) { return width * sizeof(Datum) + 16; }

    void save(ByteWriter& out) const;
    // Broken bytes, or the same key twice: in.failed().
    void load(ByteReader& in);

  private:
    void grow();

    size_t width_;
    std::vector<Datum> keys_;
    std::vector<uint64_t> hashes_;
    std::vector<uint32_t> table_;  // numbers, `none` where empty; a power of two, at most half full
};

}  // namespace hw::sql

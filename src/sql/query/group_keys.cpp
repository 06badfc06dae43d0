#include "sql/query/group_keys.h"

#include <algorithm>

#include "base/assert.h"
#include "sql/datum_codec.h"

namespace hw::sql {

namespace {

constexpr size_t first_table = 8;

}  // namespace

uint64_t GroupKeys::hash_of(std::span<const Datum> key) {
    if (key.size() == 1) return hash(key[0]);
    uint64_t all = 0x9e3779b97f4a7c15u;
    for (const auto& part : key)
        all = (all ^ hash(part)) * 0xff51afd7ed558ccdu + 0x2545f4914f6cdd1du;
    return all ^ (all >> 29);
}

uint32_t GroupKeys::find(std::span<const Datum> key, uint64_t hash) const {
    if (table_.empty()) return none;
    const size_t mask = table_.size() - 1;
    for (size_t at = hash & mask;; at = (at + 1) & mask) {
        const uint32_t number = table_[at];
        if (number == none) return none;
        if (hashes_[number] == hash && std::ranges::equal(this->at(number), key)) return number;
    }
}

void GroupKeys::add(std::span<const Datum> key, uint64_t hash) {
    HW_ASSERT(key.size() == width_ && size() < (1u << 31));
    keys_.insert(keys_.end(), key.begin(), key.end());
    hashes_.push_back(hash);
    if (size() * 2 > table_.size()) return grow();
    const size_t mask = table_.size() - 1;
    size_t at = hash & mask;
    while (table_[at] != none)
        at = (at + 1) & mask;
    table_[at] = static_cast<uint32_t>(size() - 1);
}

void GroupKeys::clear() {
    keys_.clear();
    hashes_.clear();
    std::ranges::fill(table_, none);
}

void GroupKeys::grow() {
    table_.assign(std::max(first_table, table_.size() * 2), none);
    const size_t mask = table_.size() - 1;
    for (uint32_t number = 0; number < size(); ++number) {
        size_t at = hashes_[number] & mask;
        while (table_[at] != none)
            at = (at + 1) & mask;
        table_[at] = number;
    }
}

size_t GroupKeys::key_bytes(size_t i) const {
    size_t bytes = entry_bytes(width_);
    for (const auto& part : at(i))
        bytes += part.heap_bytes();
    return bytes;
}

void GroupKeys::save(ByteWriter& out) const {
    out.varint(size());
    for (const auto& part : keys_)
        sql::save(out, part);
}

void GroupKeys::load(ByteReader& in) {
    clear();
    const uint64_t count = in.varint();
    // Each value takes a byte at least; without values there is one key.
    if (count > (width_ == 0 ? 1 : in.remaining() / width_)) return in.fail();
    std::vector<Datum> key(width_);
    for (uint64_t i = 0; i < count && !in.failed(); ++i) {
        for (auto& part : key)
            part = load_datum(in);
        const uint64_t hash = hash_of(key);
        if (in.failed() || find(key, hash) != none) return in.fail();
        add(key, hash);
    }
}

}  // namespace hw::sql

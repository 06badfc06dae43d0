#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "history/chunk_columns.h"
#include "model/value.h"

namespace hw::history {

// 64 samples' times and values. Fixed, so that heads grow without copying and freed memory fits
// the next head.
struct Block {
    static constexpr size_t rows = 64;
    std::array<int64_t, rows> times_ns;
    std::array<uint64_t, rows> values;
};

// Blocks in slabs of 1 MiB that are kept for reuse. One thread at a time.
class BlockPool {
  public:
    Block* take();
    void give(Block* block) { free_.push_back(block); }
    size_t used_bytes() const { return (total_ - free_.size()) * sizeof(Block); }
    size_t reserved_bytes() const { return total_ * sizeof(Block); }

  private:
    static constexpr size_t slab_blocks = 1024;
    std::vector<std::unique_ptr<Block[]>> slabs_;
    std::vector<Block*> free_;
    size_t total_ = 0;
};

// Type and quality of a row in one number.
constexpr uint32_t make_meta(model::ValueType type, model::Quality quality) {
    return static_cast<uint32_t>(type) << 16 | static_cast<uint32_t>(quality);
}
constexpr model::ValueType meta_type(uint32_t meta) {
    return static_cast<model::ValueType>(meta >> 16);
}
constexpr model::Quality meta_quality(uint32_t meta) {
    return static_cast<model::Quality>(meta & 0xffff);
}

// Samples of one point that are in the journal but in no chunk: rows that came in time order in
// blocks, those that came late beside them in a sorted list. Of one time in both, the late one
// counts. A row costs 16 bytes, a late one 32.
struct HeadRows {
    struct Run {  // rows from `begin` on have this type and quality
        uint32_t begin;
        uint32_t meta;
    };
    struct Late {
        int64_t time_ns;
        uint64_t value;
        uint32_t meta;
        bool extra;  // its time is not among the rows
    };
    std::vector<Block*> blocks;
    std::vector<Run> runs;
    std::vector<Late> late;
    std::string texts;  // text and bytes values point here
    uint32_t count = 0;
    uint32_t late_extra = 0;

    bool empty() const { return count == 0 && late.empty(); }
    size_t samples() const { return size_t{count} + late_extra; }
    size_t side_bytes() const {
        return runs.capacity() * sizeof(Run) + late.capacity() * sizeof(Late) + texts.capacity();
    }
    int64_t time_ns(size_t row) const {
        return blocks[row / Block::rows]->times_ns[row % Block::rows];
    }
    uint64_t value(size_t row) const {
        return blocks[row / Block::rows]->values[row % Block::rows];
    }
    uint32_t meta(size_t row) const;
    int64_t first_time_ns() const;
    // The first row in blocks at or after the time.
    size_t row_at(int64_t time_ns) const;

    // The newest sample, if its time is at or after `least_ns` or nothing was `found` before; moves
    // `least_ns`. False where it is older.
    bool last_into(model::Sample& last, int64_t& least_ns, bool found) const;

    // A row whose time is not after the last. True if a row with its time was not there.
    bool put_late(int64_t time_ns, uint32_t meta, uint64_t value);

    // All rows with from <= time < to, in order.
    void copy(int64_t from_ns, int64_t to_ns, Columns& out) const;
    void copy_all(Columns& out) const;
    void release(BlockPool& pool);

  private:
    using LateAt = std::vector<Late>::const_iterator;
    void copy_rows(size_t from, size_t to, LateAt late_from, LateAt late_to, Columns& out) const;
    void copy_in_order(size_t from, size_t to, Columns& out) const;
    void append_to(Columns& out, int64_t time_ns, uint32_t meta, uint64_t value) const;
};

}  // namespace hw::history

#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "history/chunk_columns.h"
#include "model/value.h"

namespace hw::history {

struct HeadRow {
    int64_t time_ns;
    uint64_t value;
};

// Some rows of one point; they follow it in memory. Time and value of a row are side by side, so
// that an append touches one cache line.
struct alignas(16) Block {
    Block* before;      // the rows before `begin`; null at 0
    uint32_t begin;     // the number of the first row
    uint32_t capacity;  // rows

    HeadRow* rows() { return reinterpret_cast<HeadRow*>(this + 1); }
    const HeadRow* rows() const { return reinterpret_cast<const HeadRow*>(this + 1); }
    size_t bytes() const { return sizeof(Block) + capacity * sizeof(HeadRow); }
};
static_assert(sizeof(Block) == sizeof(HeadRow));

// Blocks of 64, 128, ... 1,024 bytes (3 to 63 rows) in slabs that are kept for reuse. A point's
// blocks grow with what it holds: one with few rows costs little, one with many grows without
// copying, and what is idle stays in proportion. One thread at a time.
class BlockPool {
  public:
    static constexpr size_t bytes_least = 64;
    static constexpr size_t bytes_most = 1024;

    BlockPool() = default;
    BlockPool(const BlockPool&) = delete;
    BlockPool& operator=(const BlockPool&) = delete;
    ~BlockPool();

    // The block for rows from `begin` on, behind `before`.
    Block* take(Block* before, uint32_t begin);
    void give(Block* block);
    size_t used_bytes() const { return used_; }
    size_t reserved_bytes() const { return slabs_.size() * slab_bytes; }

  private:
    static constexpr size_t classes = 5;
    static constexpr size_t slab_bytes = 256 << 10;
    static size_t class_of(size_t bytes);
    void add_slab(size_t size_class);

    std::vector<char*> slabs_;
    std::array<Block*, classes> free_{};  // chained by `before`
    size_t used_ = 0;
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
// counts. A row costs 16 bytes, a late one 32. Moving leaves an empty one. 24 bytes; what few
// points need is in one more object.
class HeadRows {
  public:
    HeadRows() = default;
    HeadRows(HeadRows&& other) noexcept;
    HeadRows& operator=(HeadRows&& other) noexcept;

    bool empty() const { return count_ == 0 && (!more_ || more_->late.empty()); }
    uint32_t count() const { return count_; }  // rows in blocks
    size_t samples() const { return size_t{count_} + (more_ ? more_->late_extra : 0); }
    // Samples that are in blocks or late.
    size_t kept() const { return size_t{count_} + (more_ ? more_->late.size() : 0); }
    size_t late_extra() const { return more_ ? more_->late_extra : 0; }
    // Of late samples, texts and changes of type or quality.
    size_t side_bytes() const { return more_ ? more_->bytes() : 0; }
    // What sealing would free, more or less.
    size_t bytes() const { return count_ * sizeof(HeadRow) + side_bytes(); }
    int64_t first_time_ns() const;

    // Room behind the last row, up to `end`; rows put there are counted by `appended`.
    struct Room {
        HeadRow* next = nullptr;
        HeadRow* end = nullptr;
    };
    // Asks for a block if there is no room in the last.
    Room room(BlockPool& pool);
    void appended() { ++count_; }
    // For the next row; texts go to the arena, whose offset and length are the value.
    void begin_run(uint32_t meta);
    uint64_t add_text(std::string_view text);
    // A row whose time is not after the last. True if a row with its time was not there.
    bool put_late(int64_t time_ns, uint32_t meta, uint64_t value);

    // The newest sample, if its time is at or after `least_ns` or nothing was `found` before; moves
    // `least_ns`. False where it is older.
    bool last_into(model::Sample& last, int64_t& least_ns, bool found) const {
        return last_until(INT64_MAX, last, least_ns, found);
    }
    // The same of the samples at or before `until_ns`: a walk over the blocks after it.
    bool last_until(int64_t until_ns, model::Sample& last, int64_t& least_ns, bool found) const;

    // All rows with from <= time < to, in order.
    void copy(int64_t from_ns, int64_t to_ns, Columns& out) const;
    void copy_all(Columns& out) const;
    void release(BlockPool& pool);

  private:
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
    struct More {
        std::vector<Run> runs;  // all but the first
        std::vector<Late> late;
        std::string texts;  // text and bytes values point here
        uint32_t late_extra = 0;

        size_t bytes() const {
            return sizeof(More) + runs.capacity() * sizeof(Run) + late.capacity() * sizeof(Late) +
                   texts.capacity();
        }
    };
    using LateAt = std::vector<Late>::const_iterator;

    More& more();
    std::vector<Late>::iterator late_at(int64_t time_ns);
    std::string_view text(uint64_t value) const;
    size_t filled(const Block& block) const { return count_ - block.begin; }
    const Block& block_of(size_t row) const;
    HeadRow& row(size_t number);
    size_t run_after(size_t row) const;  // index in `runs` of the first that begins later
    uint32_t meta(size_t row) const;
    uint32_t last_meta() const;
    // The first row in blocks at or after the time.
    size_t row_at(int64_t time_ns) const;
    void copy_rows(size_t from, size_t to, LateAt late_from, LateAt late_to, Columns& out) const;
    void copy_plain(size_t from, size_t to, Columns& out) const;
    void copy_in_order(size_t from, size_t to, Columns& out) const;
    void append_to(Columns& out, int64_t time_ns, uint32_t meta, uint64_t value) const;

    Block* tail_ = nullptr;
    std::unique_ptr<More> more_;
    uint32_t count_ = 0;
    uint32_t first_meta_ = 0;
};

}  // namespace hw::history

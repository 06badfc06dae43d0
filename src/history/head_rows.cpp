#include "history/head_rows.h"

#include <algorithm>
#include <bit>
#include <iterator>
#include <new>
#include <utility>

#include "base/assert.h"
#include "history/sealed_state.h"

namespace hw::history {

namespace {

constexpr std::align_val_t slab_alignment{64};

}  // namespace

BlockPool::~BlockPool() {
    for (char* slab : slabs_)
        ::operator delete(slab, slab_alignment);
}

size_t BlockPool::class_of(size_t bytes) {
    return static_cast<size_t>(std::countr_zero(bytes / bytes_least));
}

void BlockPool::add_slab(size_t size_class) {
    const size_t bytes = bytes_least << size_class;
    slabs_.push_back(static_cast<char*>(::operator new(slab_bytes, slab_alignment)));
    for (size_t at = slab_bytes; at > 0; at -= bytes) {
        auto* block = new (slabs_.back() + at - bytes) Block;
        block->capacity = static_cast<uint32_t>(bytes / sizeof(HeadRow) - 1);
        block->before = free_[size_class];
        free_[size_class] = block;
    }
}

// Half of what the point has, so that idle room stays in proportion. Blocks of a half or a quarter
// of that are taken before memory is asked for: many points of like age need a size all at once
// and never again.
Block* BlockPool::take(Block* before, uint32_t begin) {
    const size_t wished =
        std::clamp(std::bit_floor(begin * sizeof(HeadRow) * 5 / 8), bytes_least, bytes_most);
    size_t chosen = class_of(wished);
    for (size_t smaller = 0; smaller < 3 && smaller <= class_of(wished); ++smaller) {
        if (free_[class_of(wished) - smaller] == nullptr) continue;
        chosen = class_of(wished) - smaller;
        break;
    }
    if (free_[chosen] == nullptr) add_slab(chosen);
    Block* block = free_[chosen];
    free_[chosen] = block->before;
    block->before = before;
    block->begin = begin;
    used_ += block->bytes();
    return block;
}

void BlockPool::give(Block* block) {
    const size_t size_class = class_of(block->bytes());
    used_ -= block->bytes();
    block->before = free_[size_class];
    free_[size_class] = block;
}

HeadRows::HeadRows(HeadRows&& other) noexcept
    : tail_(std::exchange(other.tail_, nullptr)),
      more_(std::move(other.more_)),
      count_(std::exchange(other.count_, 0)),
      first_meta_(std::exchange(other.first_meta_, 0)) {}

// Blocks are the pool's, so they must have gone before.
HeadRows& HeadRows::operator=(HeadRows&& other) noexcept {
    HW_ASSERT(tail_ == nullptr);
    tail_ = std::exchange(other.tail_, nullptr);
    more_ = std::move(other.more_);
    count_ = std::exchange(other.count_, 0);
    first_meta_ = std::exchange(other.first_meta_, 0);
    return *this;
}

HeadRows::More& HeadRows::more() {
    if (!more_) more_ = std::make_unique<More>();
    return *more_;
}

std::string_view HeadRows::text(uint64_t value) const {
    return std::string_view(more_->texts).substr(value >> 32, static_cast<uint32_t>(value));
}

uint64_t HeadRows::add_text(std::string_view text) {
    std::string& texts = more().texts;
    const uint64_t value = uint64_t{texts.size()} << 32 | text.size();
    texts.append(text);
    return value;
}

HeadRows::Room HeadRows::room(BlockPool& pool) {
    if (tail_ == nullptr || filled(*tail_) == tail_->capacity) tail_ = pool.take(tail_, count_);
    return {tail_->rows() + filled(*tail_), tail_->rows() + tail_->capacity};
}

void HeadRows::begin_run(uint32_t meta) {
    if (count_ == 0) {
        first_meta_ = meta;
    } else if (last_meta() != meta) {
        more().runs.push_back({count_, meta});
    }
}

const Block& HeadRows::block_of(size_t row) const {
    const Block* block = tail_;
    while (block->begin > row)
        block = block->before;
    return *block;
}

HeadRow& HeadRows::row(size_t number) {
    Block* block = tail_;
    while (block->begin > number)
        block = block->before;
    return block->rows()[number - block->begin];
}

size_t HeadRows::run_after(size_t row) const {
    if (!more_) return 0;
    const auto& runs = more_->runs;
    const auto run = std::upper_bound(runs.begin(), runs.end(), row,
                                      [](size_t r, const Run& other) { return r < other.begin; });
    return static_cast<size_t>(run - runs.begin());
}

uint32_t HeadRows::meta(size_t row) const {
    const size_t run = run_after(row);
    return run == 0 ? first_meta_ : more_->runs[run - 1].meta;
}

uint32_t HeadRows::last_meta() const {
    return !more_ || more_->runs.empty() ? first_meta_ : more_->runs.back().meta;
}

int64_t HeadRows::first_time_ns() const {
    HW_ASSERT(!empty());
    const int64_t rows = count_ == 0 ? INT64_MAX : block_of(0).rows()->time_ns;
    return more_ && !more_->late.empty() ? std::min(rows, more_->late.front().time_ns) : rows;
}

size_t HeadRows::row_at(int64_t time) const {
    const Block* block = tail_;
    size_t end = count_;
    while (block != nullptr && block->rows()->time_ns >= time) {
        end = block->begin;
        block = block->before;
    }
    if (block == nullptr) return 0;
    const HeadRow* rows = block->rows();
    const HeadRow* at =
        std::lower_bound(rows, rows + (end - block->begin), time,
                         [](const HeadRow& row, int64_t t) { return row.time_ns < t; });
    return block->begin + static_cast<size_t>(at - rows);
}

bool HeadRows::last_until(int64_t until_ns, model::Sample& last, int64_t& least_ns,
                          bool found) const {
    const auto take = [&](int64_t time, uint32_t meta_of, uint64_t value_of) {
        if (found && time < least_ns) return false;
        const bool is_text = meta_type(meta_of) >= model::ValueType::text;
        const auto bytes = is_text ? text(value_of) : std::string_view();
        last = {Time{time}, make_value(meta_type(meta_of), value_of, bytes), meta_quality(meta_of)};
        least_ns = time;
        found = true;
        return true;
    };
    bool taken = false;
    const size_t end = until_ns == INT64_MAX ? count_ : row_at(until_ns + 1);
    if (end > 0) {
        const Block& block = block_of(end - 1);
        const HeadRow& row = block.rows()[end - 1 - block.begin];
        taken = take(row.time_ns, meta(end - 1), row.value);
    }
    if (!more_) return taken;
    const auto late = std::upper_bound(more_->late.begin(), more_->late.end(), until_ns,
                                       [](int64_t t, const Late& row) { return t < row.time_ns; });
    if (late == more_->late.begin()) return taken;
    const Late& row = *std::prev(late);
    return take(row.time_ns, row.meta, row.value) || taken;
}

std::vector<HeadRows::Late>::iterator HeadRows::late_at(int64_t time) {
    return std::lower_bound(more().late.begin(), more().late.end(), time,
                            [](const Late& row, int64_t t) { return row.time_ns < t; });
}

bool HeadRows::put_late(int64_t time, uint32_t meta_of, uint64_t value_of) {
    if (more_) {
        const auto at = late_at(time);
        if (at != more_->late.end() && at->time_ns == time) {
            at->value = value_of;
            at->meta = meta_of;
            return false;
        }
    }
    const size_t number = row_at(time);
    const bool there = number < count_ && row(number).time_ns == time;
    if (there && meta(number) == meta_of) {
        row(number).value = value_of;
        return false;
    }
    if (!there) ++more().late_extra;
    more().late.insert(late_at(time), {time, value_of, meta_of, !there});
    return !there;
}

void HeadRows::append_to(Columns& out, int64_t time, uint32_t meta_of, uint64_t value_of) const {
    const model::ValueType type = meta_type(meta_of);
    const model::Quality quality = meta_quality(meta_of);
    if (type < model::ValueType::text) {
        out.append(time, type, value_of, quality);
    } else {
        out.append_text(time, type, text(value_of), quality);
    }
}

// Of an empty `out`; backwards, as the blocks are chained.
void HeadRows::copy_plain(size_t from, size_t to, Columns& out) const {
    out.times_ns.resize(to - from);
    out.values.resize(to - from);
    size_t end = to;
    for (const Block* block = &block_of(to - 1); end > from; block = block->before) {
        constexpr size_t ahead = BlockPool::bytes_most / 2;  // the rest comes by itself
        for (size_t at = 0; block->before != nullptr && at < ahead; at += 64)
            __builtin_prefetch(reinterpret_cast<const char*>(block->before) + at);
        const size_t begin = std::max<size_t>(block->begin, from);
        const HeadRow* rows = block->rows() + (begin - block->begin);
        for (size_t i = begin; i < end; ++i, ++rows) {
            out.times_ns[i - from] = rows->time_ns;
            out.values[i - from] = rows->value;
        }
        end = begin;
    }
}

void HeadRows::copy_in_order(size_t from, size_t to, Columns& out) const {
    if (from >= to) return;
    const uint32_t first = meta(from);
    const bool one_run = !more_ || more_->runs.empty() || more_->runs.back().begin <= from ||
                         more_->runs.front().begin >= to;
    if (one_run && out.empty() && meta_type(first) < model::ValueType::text &&
        meta_quality(first) == model::Quality::good) {
        out.type = meta_type(first);
        return copy_plain(from, to, out);
    }
    std::vector<const Block*> blocks;
    for (const Block* block = &block_of(to - 1);; block = block->before) {
        blocks.push_back(block);
        if (block->begin <= from) break;
    }
    size_t run = run_after(from);
    uint32_t run_meta = first;
    for (auto block = blocks.rbegin(); block != blocks.rend(); ++block) {
        const size_t end = std::min<size_t>(to, (*block)->begin + (*block)->capacity);
        for (size_t i = std::max<size_t>(from, (*block)->begin); i < end; ++i) {
            if (more_ && run < more_->runs.size() && more_->runs[run].begin == i)
                run_meta = more_->runs[run++].meta;
            const HeadRow& each = (*block)->rows()[i - (*block)->begin];
            append_to(out, each.time_ns, run_meta, each.value);
        }
    }
}

void HeadRows::copy_rows(size_t from, size_t to, LateAt late_from, LateAt late_to,
                         Columns& out) const {
    out.clear();
    if (late_from >= late_to) return copy_in_order(from, to, out);
    Columns in_order;
    Columns late_rows;
    copy_in_order(from, to, in_order);
    for (; late_from != late_to; ++late_from)
        append_to(late_rows, late_from->time_ns, late_from->meta, late_from->value);
    merge_columns(in_order, late_rows, out);
}

void HeadRows::copy(int64_t from_ns, int64_t to_ns, Columns& out) const {
    const size_t from = row_at(from_ns);
    const size_t to = row_at(to_ns);
    if (!more_) return copy_rows(from, to, {}, {}, out);
    const auto before = [](const Late& row, int64_t t) { return row.time_ns < t; };
    const auto& late = more_->late;
    const auto late_from = std::lower_bound(late.begin(), late.end(), from_ns, before);
    copy_rows(from, to, late_from, std::lower_bound(late_from, late.end(), to_ns, before), out);
}

void HeadRows::copy_all(Columns& out) const {
    if (!more_) return copy_rows(0, count_, {}, {}, out);
    copy_rows(0, count_, more_->late.begin(), more_->late.end(), out);
}

void HeadRows::release(BlockPool& pool) {
    while (tail_ != nullptr) {
        Block* block = tail_;
        tail_ = block->before;
        pool.give(block);
    }
    *this = {};
}

}  // namespace hw::history

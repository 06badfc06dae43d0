#include "history/head_rows.h"

#include <algorithm>

#include "base/assert.h"
#include "history/sealed_state.h"

namespace hw::history {

Block* BlockPool::take() {
    if (free_.empty()) {
        slabs_.push_back(std::make_unique_for_overwrite<Block[]>(slab_blocks));
        total_ += slab_blocks;
        free_.reserve(total_);
        for (size_t i = slab_blocks; i > 0; --i)
            free_.push_back(&slabs_.back()[i - 1]);
    }
    Block* block = free_.back();
    free_.pop_back();
    return block;
}

uint32_t HeadRows::meta(size_t row) const {
    auto run = std::upper_bound(runs.begin(), runs.end(), row,
                                [](size_t r, const Run& other) { return r < other.begin; });
    HW_ASSERT(run != runs.begin());
    return std::prev(run)->meta;
}

int64_t HeadRows::first_time_ns() const {
    HW_ASSERT(!empty());
    if (late.empty()) return time_ns(0);
    if (count == 0) return late.front().time_ns;
    return std::min(time_ns(0), late.front().time_ns);
}

size_t HeadRows::row_at(int64_t time) const {
    const auto block = std::partition_point(blocks.begin(), blocks.end(), [&](const Block* other) {
        return other->times_ns[0] < time;
    });
    if (block == blocks.begin()) return 0;
    const size_t begin = static_cast<size_t>(block - blocks.begin() - 1) * Block::rows;
    const int64_t* times = (*std::prev(block))->times_ns.data();
    const size_t filled = std::min<size_t>(Block::rows, count - begin);
    return begin + static_cast<size_t>(std::lower_bound(times, times + filled, time) - times);
}

bool HeadRows::last_into(model::Sample& last, int64_t& least_ns, bool found) const {
    const auto take = [&](int64_t time, uint32_t meta_of, uint64_t value_of) {
        if (found && time < least_ns) return false;
        const bool text = meta_type(meta_of) >= model::ValueType::text;
        const auto bytes =
            text ? std::string_view(texts).substr(value_of >> 32, static_cast<uint32_t>(value_of))
                 : std::string_view();
        last = {Time{time}, make_value(meta_type(meta_of), value_of, bytes), meta_quality(meta_of)};
        least_ns = time;
        found = true;
        return true;
    };
    bool taken = false;
    if (count > 0) taken = take(time_ns(count - 1), runs.back().meta, value(count - 1));
    if (!late.empty())
        taken = take(late.back().time_ns, late.back().meta, late.back().value) || taken;
    return taken;
}

bool HeadRows::put_late(int64_t time, uint32_t meta_of, uint64_t value_of) {
    const auto at = std::lower_bound(late.begin(), late.end(), time,
                                     [](const Late& row, int64_t t) { return row.time_ns < t; });
    if (at != late.end() && at->time_ns == time) {
        at->value = value_of;
        at->meta = meta_of;
        return false;
    }
    const size_t row = row_at(time);
    const bool there = row < count && time_ns(row) == time;
    if (there && meta(row) == meta_of) {
        blocks[row / Block::rows]->values[row % Block::rows] = value_of;
        return false;
    }
    late.insert(at, {time, value_of, meta_of, !there});
    if (!there) ++late_extra;
    return !there;
}

void HeadRows::append_to(Columns& out, int64_t time, uint32_t meta_of, uint64_t value_of) const {
    const model::ValueType type = meta_type(meta_of);
    const model::Quality quality = meta_quality(meta_of);
    if (type < model::ValueType::text) {
        out.append(time, type, value_of, quality);
    } else {
        const auto text =
            std::string_view(texts).substr(value_of >> 32, static_cast<uint32_t>(value_of));
        out.append_text(time, type, text, quality);
    }
}

void HeadRows::copy_in_order(size_t from, size_t to, Columns& out) const {
    if (from >= to) return;
    const uint32_t first_meta = meta(from);
    const bool plain = out.empty() && meta_type(first_meta) < model::ValueType::text &&
                       meta_quality(first_meta) == model::Quality::good &&
                       first_meta == meta(to - 1) &&
                       (runs.size() == 1 || runs.back().begin <= from);
    if (!plain) {
        auto run = std::upper_bound(runs.begin(), runs.end(), from,
                                    [](size_t r, const Run& other) { return r < other.begin; });
        uint32_t run_meta = first_meta;
        for (size_t row = from; row < to; ++row) {
            if (run != runs.end() && run->begin == row) run_meta = (run++)->meta;
            append_to(out, time_ns(row), run_meta, value(row));
        }
        return;
    }
    out.type = meta_type(first_meta);
    while (from < to) {
        const Block& block = *blocks[from / Block::rows];
        const size_t begin = from % Block::rows;
        const size_t end = std::min(begin + (to - from), Block::rows);
        out.times_ns.insert(out.times_ns.end(), block.times_ns.begin() + begin,
                            block.times_ns.begin() + end);
        out.values.insert(out.values.end(), block.values.begin() + begin,
                          block.values.begin() + end);
        from += end - begin;
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
    const auto before = [](const Late& row, int64_t t) { return row.time_ns < t; };
    const auto late_from = std::lower_bound(late.begin(), late.end(), from_ns, before);
    const auto late_to = std::lower_bound(late_from, late.end(), to_ns, before);
    copy_rows(row_at(from_ns), row_at(to_ns), late_from, late_to, out);
}

void HeadRows::copy_all(Columns& out) const {
    copy_rows(0, count, late.begin(), late.end(), out);
}

void HeadRows::release(BlockPool& pool) {
    for (Block* block : blocks)
        pool.give(block);
    *this = {};
}

}  // namespace hw::history

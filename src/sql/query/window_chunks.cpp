#include "sql/query/window_chunks.h"

#include <algorithm>

namespace hw::sql {

void WindowChunks::collect(size_t first, size_t end, GroupTable& into) {
    collect(levels, forgotten_ + first, forgotten_ + end, into);
}

uint64_t WindowChunks::width(size_t level) {
    uint64_t rows = factor;
    for (size_t i = 0; i < level; ++i)
        rows *= factor;
    return rows;
}

// By chunks of the levels below `level`: what lies before the first whole chunk of the highest of
// them, the chunks, and what lies behind.
void WindowChunks::collect(size_t level, uint64_t first, uint64_t end, GroupTable& into) {
    if (level == 0) {
        for (uint64_t row = first; row < end; ++row)
            core_.add_stored(into, rows_[row - forgotten_]);
        return;
    }
    const size_t below = level - 1;
    const uint64_t rows = width(below);
    const uint64_t begin_chunk = (first + rows - 1) / rows, end_chunk = end / rows;
    if (begin_chunk >= end_chunk) return collect(below, first, end, into);
    collect(below, first, begin_chunk * rows, into);
    for (uint64_t number = begin_chunk; number < end_chunk; ++number) {
        if (const auto* groups = chunk(below, number))
            core_.merge_tables(into, *groups);
        else
            collect(below, number * rows, (number + 1) * rows, into);
    }
    collect(below, end_chunk * rows, end, into);
}

const GroupTable* WindowChunks::chunk(size_t level, uint64_t number) {
    auto& chunks = chunks_[level];
    if (chunks.empty()) first_[level] = number;
    while (number < first_[level]) {
        chunks.emplace_front();
        --first_[level];
    }
    while (number - first_[level] >= chunks.size())
        chunks.emplace_back();
    auto& chunk = chunks[number - first_[level]];
    if (!chunk.made) make(level, number, chunk);
    return chunk.groups.get();
}

void WindowChunks::make(size_t level, uint64_t number, Chunk& chunk) {
    chunk.made = true;
    chunk.groups = core_.make_table(false);
    collect(level, number * width(level), (number + 1) * width(level), *chunk.groups);
    if (chunk.groups->size() > width(level) / 4) chunk.groups.reset();
}

void WindowChunks::forget(size_t count) {
    forgotten_ += count;
    for (size_t level = 0; level < levels; ++level) {
        auto& chunks = chunks_[level];
        while (!chunks.empty() && first_[level] * width(level) < forgotten_) {
            chunks.pop_front();
            ++first_[level];
        }
    }
}

}  // namespace hw::sql

#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "model/value.h"

namespace hw::history {

// Samples of one point that somebody else owns, as columns of equal length. Values are as in
// model::SampleBatch: bool 0/1, int64 two's complement, double its bits, text and bytes as
// offset << 32 | length in `arena`.
struct ColumnsView {
    std::span<const int64_t> times_ns;
    std::span<const uint64_t> values;
    std::span<const model::ValueType> types;    // empty: all are `type`
    std::span<const model::Quality> qualities;  // empty: all good
    model::ValueType type = model::ValueType::float64;
    std::string_view arena;

    size_t size() const { return times_ns.size(); }
    model::ValueType type_at(size_t i) const { return types.empty() ? type : types[i]; }
    model::Quality quality_at(size_t i) const {
        return qualities.empty() ? model::Quality::good : qualities[i];
    }
    std::string_view text_at(size_t i) const {
        return arena.substr(values[i] >> 32, static_cast<uint32_t>(values[i]));
    }
    // Rows [from, to) of this; the arena stays whole.
    ColumnsView rows(size_t from, size_t to) const;
};

// Samples of one point, owned. Types and qualities stay empty until a row needs them, so that the
// usual point costs 16 bytes a sample. Clearing keeps the memory. One owner at a time.
struct Columns {
    std::vector<int64_t> times_ns;
    std::vector<uint64_t> values;
    std::vector<model::ValueType> types;
    std::vector<model::Quality> qualities;
    model::ValueType type = model::ValueType::float64;
    std::string arena;

    size_t size() const { return times_ns.size(); }
    bool empty() const { return times_ns.empty(); }
    size_t bytes() const;
    void clear();
    ColumnsView view() const;
    operator ColumnsView() const { return view(); }

    // Not for text and bytes; `value` as in the column.
    void append(int64_t time_ns, model::ValueType value_type, uint64_t value,
                model::Quality quality = model::Quality::good);
    // For text and bytes; the text is copied to the arena.
    void append_text(int64_t time_ns, model::ValueType value_type, std::string_view text,
                     model::Quality quality = model::Quality::good);
    void append_row(const ColumnsView& other, size_t i);
    void append_rows(const ColumnsView& other, size_t from, size_t to);
    void truncate(size_t size);
    // Drops the first `rows` rows; the arena is kept as it is.
    void drop_front(size_t rows);

    // True if times are strictly increasing, as a chunk needs them.
    bool is_sorted() const;
    // Makes them so: a stable sort by time, of equal times the later row stays. Costs one pass if
    // they are already; allocates otherwise.
    void sort();
};

// Both strictly increasing; where both have a time, the row of `newer` is taken. `out` is cleared
// first and must be neither of them.
void merge_columns(const ColumnsView& older, const ColumnsView& newer, Columns& out);

}  // namespace hw::history

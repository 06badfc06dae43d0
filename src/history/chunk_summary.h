#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>

#include "base/bytes.h"
#include "base/error.h"
#include "history/chunk_columns.h"

namespace hw::history {

// What long queries need of a run of samples without decoding it. "Values" are the rows that enter
// figures: bool, int64 or double, not of bad quality, not NaN. Two summaries of runs that follow
// each other in time merge to the summary of both (up to rounding in sum, m2 and integral).
// Plain data, about 45 bytes encoded (docs/formats/chunk.md).
struct ChunkSummary {
    uint64_t count = 0;            // all rows
    uint64_t count_uncertain = 0;  // of them, by family of quality; the rest are good
    uint64_t count_bad = 0;
    int64_t first_time_ns = 0;  // of all rows
    int64_t last_time_ns = 0;
    std::optional<model::ValueType> type;  // nothing: mixed, or no rows

    uint64_t value_count = 0;  // what follows is 0 without values
    int64_t first_value_time_ns = 0;
    int64_t last_value_time_ns = 0;
    double first = 0;
    double last = 0;
    double min = 0;
    double max = 0;
    double sum = 0;
    double m2 = 0;        // sum of squared distances from the mean; variance = m2 / value_count
    double integral = 0;  // value x seconds, each value held until the next, from first to last

    // Rows that are not bad, of any type: the aggregate "count".
    uint64_t count_usable() const { return count - count_bad; }
    double mean() const { return sum / static_cast<double>(value_count); }
};

// `later` must begin after `into` ends; an empty one changes nothing.
void merge(ChunkSummary& into, const ChunkSummary& later);

// The summary of rows in time order. `good_only`: uncertain rows are not values either.
ChunkSummary summarise(const ColumnsView& rows, bool good_only = false);
// The same of bare good doubles; count == value_count + NaNs. The loop for buckets: about 1 ns a
// value.
ChunkSummary summarise(std::span<const int64_t> times_ns, std::span<const double> values);
// The same at times first_time_ns + i * step_ns.
ChunkSummary summarise(int64_t first_time_ns, int64_t step_ns, std::span<const double> values);

void encode_summary(const ChunkSummary& summary, std::string& out);
// Errors: corrupt. Reads all of the bytes.
Result<ChunkSummary> decode_summary(BytesView bytes);

}  // namespace hw::history

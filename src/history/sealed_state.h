#pragma once

#include <cstdint>
#include <string>

#include "base/bytes.h"
#include "base/error.h"
#include "history/chunk_columns.h"
#include "model/value.h"

namespace hw::history {

// What is known of a point's sealed chunks without reading them, but for a text. 56 bytes.
struct SealedNumbers {
    uint64_t lsn = 0;    // every journal record up to here is in the chunks, as far as it is ours
    uint64_t count = 0;  // samples in chunks; what follows has no meaning at 0
    int64_t first_time_ns = 0;
    int64_t last_time_ns = 0;
    int64_t tail_first_time_ns = 0;                     // key of the last chunk
    uint32_t tail_count = 0;                            // and its samples
    model::ValueType type = model::ValueType::float64;  // of the last sample
    model::Quality quality = model::Quality::good;
    uint64_t value = 0;  // 0 for text and bytes

    friend bool operator==(const SealedNumbers&, const SealedNumbers&) = default;
};

// One row of Family::points, written in the same batch as the chunks.
struct SealedState : SealedNumbers {
    std::string text;

    void set_last(const ColumnsView& rows, size_t row);
    friend bool operator==(const SealedState&, const SealedState&) = default;
};

std::string encode(const SealedState& state);
// Errors: corrupt.
Result<SealedState> decode_sealed_state(BytesView bytes);

// A value as its column holds it, owned.
model::Value make_value(model::ValueType type, uint64_t value, std::string_view text);

}  // namespace hw::history

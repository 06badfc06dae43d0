// Any bytes as a chunk, the checksum mended so that the decoders behind it are reached, and as a
// summary. What decodes must come back the same from being encoded again.
#include "history/chunk.h"

#include <bit>
#include <cstdint>
#include <cstring>

#include "base/assert.h"
#include "history/chunk_form.h"
#include "history/chunk_test_rows.h"
#include "history/chunk_values.h"

namespace hw::history {
namespace {

void try_chunk(const std::string& chunk) {
    static EncodeScratch encoder;
    static DecodeScratch decoder;
    Columns rows;
    if (!decode_chunk(as_bytes(chunk), decoder, rows)) return;
    HW_ASSERT(rows.size() > 0 && rows.is_sorted());
    HW_ASSERT(read_chunk_header(as_bytes(chunk))->count == rows.size());
    std::vector<int64_t> times;
    HW_ASSERT(decode_times(as_bytes(chunk), decoder, times).has_value());
    HW_ASSERT(times == rows.times_ns);

    std::string again;
    encode_chunk(rows, encoder, again);
    Columns back;
    HW_ASSERT(decode_chunk(as_bytes(again), decoder, back).has_value());
    HW_ASSERT(same_rows(rows, back));

    NumericRows numbers;
    std::vector<double> values;
    HW_ASSERT(decode_numeric(as_bytes(chunk), false, decoder, numbers).has_value());
    keep_values(rows, false, times, values);
    HW_ASSERT(numbers.size() == values.size());
    for (size_t i = 0; i < values.size(); ++i) {
        HW_ASSERT(numbers.time_ns(i) == times[i]);
        HW_ASSERT(std::bit_cast<uint64_t>(numbers.values[i]) == std::bit_cast<uint64_t>(values[i]));
    }
}

void try_summary(std::string_view bytes) {
    const auto summary = decode_summary(as_bytes(bytes));
    if (!summary) return;
    std::string first;
    encode_summary(*summary, first);
    const auto back = decode_summary(as_bytes(first));
    HW_ASSERT(back.has_value());
    std::string second;
    encode_summary(*back, second);
    HW_ASSERT(first == second);
}

void try_input(std::string& bytes) {
    try_summary(bytes);
    if (bytes.size() < chunk_form::body_at) return;
    const uint32_t sum = chunk_form::checksum(as_bytes(bytes));
    std::memcpy(bytes.data() + chunk_form::checksum_at, &sum, sizeof sum);
    try_chunk(bytes);
}

}  // namespace
}  // namespace hw::history

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
    std::string chunk(reinterpret_cast<const char*>(data), size);
    hw::history::try_input(chunk);
    return 0;
}

#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/bytes.h"
#include "base/error.h"
#include "history/chunk_columns.h"
#include "history/chunk_summary.h"

namespace hw::history {

// A chunk is a run of samples of one point, strictly increasing in time, packed without loss
// (docs/formats/chunk.md). Every decoder distrusts its bytes wholly: it checks the checksum, and
// each count and length, and fails with `corrupt`.
inline constexpr size_t chunk_samples_limit = 65'535;
// The distinct texts and bytes of one chunk, together. The writer of chunks must cut before; a
// decoder refuses more.
inline constexpr size_t chunk_text_bytes_limit = 64 << 20;

// Buffers and zstd contexts that encoders and decoders reuse. One thread at a time; grow to some
// 300 KiB. Make one a thread, not one a chunk.
class EncodeScratch {
  public:
    EncodeScratch();
    EncodeScratch(EncodeScratch&&) noexcept;
    EncodeScratch& operator=(EncodeScratch&&) noexcept;
    ~EncodeScratch();
    struct State;
    State& state() { return *state_; }

  private:
    std::unique_ptr<State> state_;
};

class DecodeScratch {
  public:
    DecodeScratch();
    DecodeScratch(DecodeScratch&&) noexcept;
    DecodeScratch& operator=(DecodeScratch&&) noexcept;
    ~DecodeScratch();
    struct State;
    State& state() { return *state_; }

  private:
    std::unique_ptr<State> state_;
};

// Appends one chunk to `out`. Asserts 1 to chunk_samples_limit rows, strictly increasing times and
// texts within the limit: those are the caller's promise.
ChunkSummary encode_chunk(const ColumnsView& rows, EncodeScratch& scratch, std::string& out);

struct ChunkHeader {
    uint32_t count = 0;
    int64_t first_time_ns = 0;
    int64_t last_time_ns = 0;
    int64_t step_ns = 0;                   // > 0: row i is at first_time_ns + i * step_ns
    std::optional<model::ValueType> type;  // nothing: mixed
    bool all_good = true;

    bool regular() const { return step_ns > 0; }
    // The first row at or after `time_ns`, `count` if none. Of regular times only.
    size_t row_at(int64_t time_ns) const;
};
// The first bytes only, the checksum unread: about 20 ns.
Result<ChunkHeader> read_chunk_header(BytesView chunk);

// All rows in place of what `out` held.
Result<void> decode_chunk(BytesView chunk, DecodeScratch& scratch, Columns& out);
// What of the columns is needed; the rest stays empty, except that qualities always come.
struct WantedColumns {
    bool times = true;
    bool values = true;
};
// The same of some columns. How many rows there are: see the header.
Result<ChunkHeader> decode_columns(BytesView chunk, WantedColumns wanted, DecodeScratch& scratch,
                                   Columns& out);
// The times alone.
Result<void> decode_times(BytesView chunk, DecodeScratch& scratch, std::vector<int64_t>& out);

// The values of a chunk (see ChunkSummary for what is one), bool and int64 as doubles.
struct NumericRows {
    std::vector<double> values;
    std::vector<int64_t> times_ns;  // empty if regular: then first_time_ns + i * step_ns
    int64_t first_time_ns = 0;
    int64_t step_ns = 0;

    size_t size() const { return values.size(); }
    bool regular() const { return times_ns.empty(); }
    int64_t time_ns(size_t i) const {
        return regular() ? first_time_ns + static_cast<int64_t>(i) * step_ns : times_ns[i];
    }
    // The first row at or after `time_ns`, size() if none. Arithmetic or a binary search.
    size_t row_at(int64_t time_ns) const;
};
// In place of what `out` held. With `good_only` uncertain rows are left out too.
Result<void> decode_numeric(BytesView chunk, bool good_only, DecodeScratch& scratch,
                            NumericRows& out);

}  // namespace hw::history

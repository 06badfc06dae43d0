#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "history/chunk.h"
#include "history/sealed_state.h"
#include "store/store.h"

namespace hw::history {

// Puts rows into a point's chunks, and takes them out, as changes of one store batch. Holds that
// chunks of a point never overlap in time: rows that fall into a chunk's time are merged with it
// and the chunk is written anew. Plain; one thread at a time (the maintenance one).
class Sealer {
  public:
    Sealer(store::Store& store, uint32_t chunk_samples);

    // `rows` sorted; of equal times they win over chunks. The state comes in as it is now and goes
    // out as it will be when the batch is written; its lsn is the caller's.
    // The batch of one state must be written before the next call for the same point.
    Result<void> add(model::PointId point, const Columns& rows, SealedState& state,
                     store::WriteBatch& batch);
    // Joins runs of neighbouring small chunks. Returns how many chunks went.
    Result<uint64_t> merge_small(model::PointId point, SealedState& state,
                                 store::WriteBatch& batch);
    // Removes rows with from <= time < to. Returns how many chunks were removed or cut.
    Result<uint64_t> remove(model::PointId point, int64_t from_ns, int64_t to_ns,
                            SealedState& state, store::WriteBatch& batch);
    // Removes whole chunks whose last sample is older.
    Result<uint64_t> expire(model::PointId point, int64_t before_ns, SealedState& state,
                            store::WriteBatch& batch);

    uint64_t chunks_written() const { return chunks_written_; }
    uint64_t chunks_merged() const { return chunks_merged_; }

  private:
    struct Found {
        int64_t first_ns = 0;
        int64_t last_ns = 0;
        uint64_t count = 0;
    };
    struct Written {
        int64_t tail_first_ns = 0;
        uint32_t tail_count = 0;
    };
    Result<void> add_behind(model::PointId point, const Columns& rows, SealedState& state,
                            store::WriteBatch& batch);
    Result<void> join_last(model::PointId point, SealedState& state, store::WriteBatch& batch);
    Result<void> add_between(model::PointId point, const Columns& rows, SealedState& state,
                             store::WriteBatch& batch);
    Result<void> join(model::PointId point, const std::vector<Found>& run, SealedState& state,
                      store::WriteBatch& batch);
    Result<bool> find_at_or_before(store::Cursor& cursor, model::PointId point, int64_t time_ns,
                                   Found& found);
    Result<bool> find_after(store::Cursor& cursor, model::PointId point, int64_t time_ns,
                            Found& found);
    Result<void> load(model::PointId point, int64_t first_ns, Columns& out);
    Written write_chunks(model::PointId point, const Columns& rows, store::WriteBatch& batch);
    void remove_chunk(model::PointId point, int64_t first_ns, store::WriteBatch& batch);
    Result<void> settle_after_removal(model::PointId point, const std::vector<Found>& left,
                                      const Columns& tail, const Written& written,
                                      SealedState& state);

    store::Store& store_;
    const uint32_t chunk_samples_;
    EncodeScratch encode_scratch_;
    DecodeScratch decode_scratch_;
    std::string chunk_bytes_;
    std::string summary_bytes_;
    Columns loaded_;
    Columns part_;
    Columns merged_;
    uint64_t chunks_written_ = 0;
    uint64_t chunks_merged_ = 0;
};

}  // namespace hw::history

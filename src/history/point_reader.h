#pragma once

#include <cstdint>
#include <memory>

#include "history/chunk.h"
#include "history/engine.h"

namespace hw::history {

// Reads points' samples, chunk by chunk, for one query on one thread. Of each point it sees all
// that was committed when open() was called, once, whatever is sealed meanwhile: the head is copied
// first and the cursors are made anew if the point's chunks changed since they were made.
class PointReader {
  public:
    explicit PointReader(const Engine& engine) : engine_(engine) {}

    // Samples of [from, to). Stands before the first chunk, in order of time; or with
    // newest_first before the last, going back.
    Result<void> open(model::PointId point, int64_t from_ns, int64_t to_ns,
                      bool newest_first = false);

    // The next chunk that may hold samples of the range; false at the end. With summaries, the
    // walk is over those and chunk() is fetched when asked for.
    Result<bool> next_summary(ChunkSummary& summary);
    Result<bool> next_chunk();
    // The bytes of the chunk that next_* stands on; valid until the next call.
    Result<BytesView> chunk();
    // The last sample before `from` (as opened) that is in a chunk; nothing if there is none.
    Result<bool> before_range(Columns& rows);

    // Unsealed rows of the range.
    const Columns& head() const { return head_; }
    DecodeScratch& scratch() { return scratch_; }

  private:
    store::Cursor& cursor(bool summaries) { return *cursors_[summaries ? 1 : 0]; }
    bool on_point(const store::Cursor& cursor) const;
    Result<bool> step(bool summaries);

    const Engine& engine_;
    std::vector<std::unique_ptr<store::Cursor>> cursors_;  // chunks, summaries
    uint64_t cursors_epoch_ = 0;
    model::PointId point_;
    int64_t from_ns_ = 0;
    int64_t to_ns_ = 0;
    bool newest_first_ = false;
    bool started_ = false;
    bool walks_summaries_ = false;
    size_t steps_since_chunk_ = 0;
    int64_t chunk_first_ns_ = 0;
    Columns head_;
    DecodeScratch scratch_;
};

}  // namespace hw::history

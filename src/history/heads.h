#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "history/head_rows.h"
#include "history/sealed_state.h"
#include "model/sample_batch.h"

namespace hw::history {

// What every point holds in memory: its unsealed samples and what is known of its chunks. A plain
// object; Engine guards it. An append in time order costs some 20 ns in a batch over 10,000 points
// (memory is asked for ahead). A point without unsealed samples costs about 300 bytes.
class Heads {
  public:
    // Rows taken out of a head for sealing; queries still see them.
    struct Frozen {
        HeadRows rows;
        uint64_t lsn = 0;      // all of the point's records up to here are in it or sealed
        uint64_t segment = 0;  // of its first sample
    };
    struct Cold {
        HeadRows rows;
        std::unique_ptr<Frozen> frozen;
        SealedState sealed;
        std::string unit;
        uint64_t seal_epoch = 0;  // when its chunks last changed
        size_t side_bytes = 0;    // counted in bytes()
        bool listed_full = false;
        bool listed_late = false;
    };

    explicit Heads(uint32_t chunk_samples) : chunk_samples_(chunk_samples) {}

    size_t size() const { return heads_.size(); }
    void grow(size_t points);
    Cold& cold(model::PointId point) { return *heads_[point.value()].cold; }
    const Cold& cold(model::PointId point) const { return *heads_[point.value()].cold; }
    // The unsealed rows that are not frozen.
    const HeadRows& rows(model::PointId point) {
        Head& head = heads_[point.value()];
        head.cold->rows.count = head.count;
        return head.cold->rows;
    }
    int64_t last_time_ns(model::PointId point) const { return heads_[point.value()].last_time_ns; }
    bool has(model::PointId point) const { return point.value() < heads_.size(); }

    // Points must be known (grow). Rows of records at or below a point's sealed lsn are left out:
    // a replay meets them again.
    void append(const model::SampleBatch& batch, uint64_t lsn, uint64_t segment);
    uint64_t applied_lsn() const { return applied_lsn_; }

    // Samples kept of the point: in chunks, frozen and in the head. Exact but for late samples that
    // repeat a time in a chunk, which count twice until sealed.
    uint64_t count(model::PointId point) const;

    // Null if there is nothing to seal. A point already frozen is left as it is.
    const Frozen* freeze(model::PointId point);
    // The frozen rows are in chunks now.
    void sealed(model::PointId point, SealedState state, uint64_t epoch);
    // Chunks changed without sealing (retention, drop).
    void set_sealed_state(model::PointId point, SealedState state, uint64_t epoch);

    size_t bytes() const { return pool_.used_bytes() + side_bytes_; }
    size_t reserved_bytes() const { return pool_.reserved_bytes() + side_bytes_; }

    // Points whose head is full, and whose late samples meet chunks; each list once.
    std::vector<model::PointId> take_full() { return std::exchange(full_, {}); }
    std::vector<model::PointId> take_late() { return std::exchange(late_, {}); }
    bool any_full() const { return !full_.empty(); }
    // Of points [begin, end): number of samples that sealing would free.
    size_t sealable(model::PointId point) const;
    uint64_t oldest_segment(model::PointId point) const;
    // No sample of a segment below this is unsealed; UINT64_MAX if none is at all.
    uint64_t least_live_segment() const {
        return live_.empty() ? UINT64_MAX : live_.begin()->first;
    }

  private:
    struct alignas(64) Head {
        Block* tail = nullptr;
        int64_t last_time_ns = INT64_MIN;  // of all samples, sealed too
        uint32_t meta = 0;                 // of the current run
        uint32_t count = 0;                // rows in blocks
        uint64_t segment = 0;              // of the first unsealed sample
        std::unique_ptr<Cold> cold;
    };

    void append_slowly(model::PointId point, int64_t time_ns, uint32_t meta, uint64_t value,
                       std::string_view text, uint64_t segment);
    void account(Cold& cold);
    void drop_live(uint64_t segment);

    const uint32_t chunk_samples_;
    std::vector<Head> heads_;
    BlockPool pool_;
    size_t side_bytes_ = 0;
    uint64_t applied_lsn_ = 0;
    std::vector<model::PointId> full_;
    std::vector<model::PointId> late_;
    std::map<uint64_t, size_t> live_;  // segment -> heads whose first unsealed sample is in it
};

}  // namespace hw::history

#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "history/head_rows.h"
#include "history/sealed_state.h"
#include "model/sample_batch.h"

namespace hw::history {

// What every point holds in memory: its unsealed samples and what is known of its chunks. A plain
// object; Engine guards it. An append in time order costs some 20 ns in a batch over 10,000 points
// (memory is asked for ahead). A point without unsealed samples costs `point_bytes`.
class Heads {
  public:
    // Rows taken out of a head for sealing; queries still see them.
    struct Frozen {
        HeadRows rows;
        uint64_t lsn = 0;      // all of the point's records up to here are in it or sealed
        uint64_t segment = 0;  // of its first sample
    };

    static constexpr size_t point_bytes = 152;

    explicit Heads(uint32_t chunk_samples);

    size_t size() const { return heads_.size(); }
    void grow(size_t points);
    bool has(model::PointId point) const { return point.value() < heads_.size(); }
    int64_t last_time_ns(model::PointId point) const { return heads_[point.value()].last_time_ns; }

    // The unsealed rows that are not frozen, and those that are; null if none.
    const HeadRows& rows(model::PointId point) const { return heads_[point.value()].rows; }
    const Frozen* frozen(model::PointId point) const { return cold(point).frozen.get(); }

    // What is known of its chunks, and when they last changed.
    const SealedNumbers& sealed_numbers(model::PointId point) const { return cold(point).sealed; }
    std::string_view sealed_text(model::PointId point) const;
    SealedState sealed_state(model::PointId point) const;
    uint64_t seal_epoch(model::PointId point) const { return cold(point).seal_epoch; }

    const std::string& unit(model::PointId point) const { return *units_[cold(point).unit]; }
    void set_unit(model::PointId point, std::string_view unit);

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

    // Of unsealed samples, and with what is kept for the next ones and for every point.
    size_t bytes() const { return pool_.used_bytes() + side_bytes_; }
    size_t reserved_bytes() const {
        return pool_.reserved_bytes() + side_bytes_ + heads_.size() * point_bytes;
    }

    // Points whose head is full, and whose late samples meet chunks; each list once.
    std::vector<model::PointId> take_full() { return std::exchange(full_, {}); }
    std::vector<model::PointId> take_late() { return std::exchange(late_, {}); }
    bool any_full() const { return !full_.empty(); }
    // Samples and bytes that sealing would free.
    size_t sealable(model::PointId point) const;
    size_t sealable_bytes(model::PointId point) const;
    uint64_t oldest_segment(model::PointId point) const;
    // No sample of a segment below this is unsealed; UINT64_MAX if none is at all.
    uint64_t least_live_segment() const {
        return live_.empty() ? UINT64_MAX : live_.begin()->first;
    }

  private:
    struct alignas(64) Head {  // what an append needs
        HeadRows::Room room;
        int64_t last_time_ns = INT64_MIN;  // of all samples, sealed too
        uint64_t segment = 0;              // of the first unsealed sample
        HeadRows rows;
        uint32_t meta = 0;  // of the current run
    };
    struct Cold {  // the rest
        std::unique_ptr<Frozen> frozen;
        SealedNumbers sealed;
        std::unique_ptr<const std::string> text;  // of the sealed state, where it has one
        uint64_t seal_epoch = 0;
        uint32_t unit = 0;  // in units_
        bool listed_full = false;
        bool listed_late = false;
    };
    static constexpr size_t colds_a_slab = 1024;

    Cold& cold(model::PointId point) {
        return colds_[point.value() / colds_a_slab][point.value() % colds_a_slab];
    }
    const Cold& cold(model::PointId point) const {
        return colds_[point.value() / colds_a_slab][point.value() % colds_a_slab];
    }
    void append_slowly(model::PointId point, int64_t time_ns, uint32_t meta, uint64_t value,
                       std::string_view text, uint64_t segment);
    void drop_live(uint64_t segment);

    const uint32_t chunk_samples_;
    std::vector<Head> heads_;
    std::vector<std::unique_ptr<Cold[]>> colds_;
    BlockPool pool_;
    size_t side_bytes_ = 0;
    uint64_t applied_lsn_ = 0;
    std::vector<model::PointId> full_;
    std::vector<model::PointId> late_;
    std::map<uint64_t, size_t> live_;  // segment -> heads whose first unsealed sample is in it
    // Units are few and points many: each is kept once, for good.
    std::unordered_map<std::string, uint32_t> unit_numbers_;
    std::vector<const std::string*> units_;
};

}  // namespace hw::history

#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <memory>
#include <vector>

#include "model/value.h"

namespace hw::twin {

// Which slots a point feeds: one look in a dense table. 8 bytes a point, in chunks that never move,
// so that the commit thread reads while others bind.
class PointTable {
  public:
    struct Entry {
        std::atomic<uint32_t> binding{0};   // see below
        std::atomic<uint32_t> last_tap{0};  // the number of the tap that queued its last sample
    };
    ~PointTable();

    // Null: nobody ever bound one near it.
    const Entry* find(uint32_t point) const {
        if (point >= points_limit) return nullptr;
        const Chunk* chunk = chunks_[point / chunk_points].load(std::memory_order_acquire);
        return chunk == nullptr ? nullptr : &(*chunk)[point % chunk_points];
    }
    Entry* find(uint32_t point) {
        return const_cast<Entry*>(static_cast<const PointTable*>(this)->find(point));
    }

    // One thread at a time. False: it is beyond the table.
    bool bind(uint32_t point, uint32_t slot);
    void unbind(uint32_t point, uint32_t slot);
    // Samples are to be queued, though no slot is there yet. False as above.
    bool await(uint32_t point);
    void forget_awaited(uint32_t point);

    // Calls with each slot that a binding names. The threads that bind() or one they exclude.
    template <class Take>
    void each(uint32_t binding, const Take& take) const {
        if (binding == 0 || binding == awaited) return;
        if ((binding & several) == 0) {
            take(binding - 1);
            return;
        }
        for (const uint32_t slot : lists_[binding & ~several])
            take(slot);
    }
    size_t bytes() const;

  private:
    // 0: no slot; slot + 1; `several` and the number of a list of slots; awaited.
    static constexpr uint32_t several = 0x8000'0000;
    static constexpr uint32_t awaited = UINT32_MAX;
    static constexpr uint32_t chunk_points = 1 << 14;
    static constexpr uint32_t chunks_limit = 1 << 14;
    static constexpr uint32_t points_limit = chunk_points * chunks_limit;
    using Chunk = std::array<Entry, chunk_points>;

    Entry* make(uint32_t point);

    std::array<std::atomic<Chunk*>, chunks_limit> chunks_{};
    std::vector<std::vector<uint32_t>> lists_;
    std::vector<uint32_t> free_lists_;
};

}  // namespace hw::twin

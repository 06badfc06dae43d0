#include "wire/s7/planner.h"

#include <algorithm>
#include <numeric>
#include <tuple>

#include "base/assert.h"

namespace hw::s7 {

namespace {

constexpr uint32_t padded(uint32_t bytes) {
    return bytes + bytes % 2;
}

// In bytes, also for timers and counters, so that neighbours can be told.
uint32_t byte_of(const Want& want) {
    return is_numbered(want.area) ? want.start * 2 : want.start;
}

class Planner {
  public:
    Planner(std::span<const Want> wants, const PlanLimits& limits)
        : wants_(wants), limits_(limits) {
        HW_ASSERT(limits.items > 0 && limits.pdu_size > 64);
        const size_t by_request = (limits.pdu_size - job_header_bytes - 2) / item_address_bytes;
        items_most_ = std::min(limits.items, by_request);
        room_most_ = limits.pdu_size - static_cast<uint32_t>(answer_header_bytes + 2);
        part_most_ = (room_most_ - static_cast<uint32_t>(item_data_header_bytes)) / 2 * 2;
    }

    ReadPlan plan() {
        std::vector<uint32_t> order(wants_.size());
        std::iota(order.begin(), order.end(), 0u);
        const auto key = [&](uint32_t i) {
            const Want& want = wants_[i];
            return std::tuple(want.area, want.db, want.start, i);
        };
        std::sort(order.begin(), order.end(),
                  [&](uint32_t a, uint32_t b) { return key(a) < key(b); });
        for (const uint32_t i : order) {
            const Want& want = wants_[i];
            HW_ASSERT(want.bytes > 0 && (!is_numbered(want.area) || want.bytes % 2 == 0));
            if (want.bytes > part_most_)
                add_parts(i);
            else if (!extend(i))
                open_range(i, 0, want.bytes);
        }
        return std::move(plan_);
    }

  private:
    void add_parts(uint32_t index) {
        const Want& want = wants_[index];
        for (uint32_t at = 0; at < want.bytes; at += part_most_)
            open_range(index, at, std::min(part_most_, want.bytes - at));
        closed_ = true;
    }

    // Into the range before, if it is near and there is room.
    bool extend(uint32_t index) {
        const Want& want = wants_[index];
        if (plan_.ranges.empty() || closed_ || want.alone) return false;
        Range& range = plan_.ranges.back();
        if (range.area != want.area || range.db != want.db) return false;
        const uint32_t begin = is_numbered(range.area) ? range.start * 2 : range.start;
        const uint32_t end = begin + range.bytes;
        const uint32_t want_begin = byte_of(want);
        if (want_begin > end + limits_.gap_bytes) return false;
        const uint32_t bytes = std::max(range.bytes, want_begin - begin + want.bytes);
        const uint32_t growth = padded(bytes) - padded(range.bytes);
        if (growth > room_) return false;
        room_ -= growth;
        range.bytes = bytes;
        add_piece(range, index, want_begin - begin, want.bytes, 0);
        return true;
    }

    void open_range(uint32_t index, uint32_t offset, uint32_t bytes) {
        const Want& want = wants_[index];
        const uint32_t cost = padded(bytes) + static_cast<uint32_t>(item_data_header_bytes);
        if (plan_.requests.empty() || plan_.requests.back().ranges >= items_most_ || cost > room_) {
            plan_.requests.push_back({static_cast<uint32_t>(plan_.ranges.size()), 0});
            room_ = room_most_;
        }
        HW_ASSERT(cost <= room_);
        room_ -= cost;
        ++plan_.requests.back().ranges;
        Range range{.area = want.area,
                    .db = want.db,
                    .start = want.start + (is_numbered(want.area) ? offset / 2 : offset),
                    .bytes = bytes,
                    .first_piece = static_cast<uint32_t>(plan_.pieces.size()),
                    .pieces = 0};
        plan_.ranges.push_back(range);
        add_piece(plan_.ranges.back(), index, 0, bytes, offset);
        closed_ = want.alone;
    }

    void add_piece(Range& range, uint32_t index, uint32_t range_offset, uint32_t bytes,
                   uint32_t want_offset) {
        plan_.pieces.push_back({index, range_offset, bytes, want_offset});
        ++range.pieces;
    }

    std::span<const Want> wants_;
    PlanLimits limits_;
    size_t items_most_ = 0;
    uint32_t room_most_ = 0;  // bytes of items in one answer
    uint32_t part_most_ = 0;  // bytes of one item's data
    uint32_t room_ = 0;       // left in the last request
    bool closed_ = false;     // the last range takes no more
    ReadPlan plan_;
};

}  // namespace

ReadPlan plan_reads(std::span<const Want> wants, const PlanLimits& limits) {
    return Planner(wants, limits).plan();
}

void append_items(const ReadPlan& plan, const PlannedRequest& request,
                  std::vector<ItemAddress>& out) {
    for (uint32_t i = 0; i < request.ranges; ++i) {
        const Range& range = plan.ranges[request.first_range + i];
        ItemAddress item{.size = ItemSize::byte,
                         .count = static_cast<uint16_t>(range.bytes),
                         .db = range.db,
                         .area = range.area,
                         .start = range.start,
                         .bit = 0};
        if (is_numbered(range.area)) {
            item.size = range.area == Area::timer ? ItemSize::timer : ItemSize::counter;
            item.count = static_cast<uint16_t>(range.bytes / 2);
        }
        out.push_back(item);
    }
}

}  // namespace hw::s7

#include "wire/modbus/planner.h"

#include <algorithm>
#include <limits>
#include <tuple>

#include "base/assert.h"

namespace hw::modbus {

namespace {

auto place(const PlanItem& item) {
    return std::tuple(item.unit, item.area, item.offset, item.count);
}

uint32_t end_of(const PlanItem& item) {
    return uint32_t{item.offset} + item.count;
}

Block block_of(std::span<const PlanItem> items, size_t first, size_t last) {
    HW_ASSERT(first < last);
    uint32_t end = 0;
    for (size_t i = first; i < last; ++i)
        end = std::max(end, end_of(items[i]));
    const auto& front = items[first];
    return {.unit = front.unit,
            .area = front.area,
            .offset = front.offset,
            .count = static_cast<uint16_t>(end - front.offset),
            .first = static_cast<uint32_t>(first),
            .last = static_cast<uint32_t>(last)};
}

// Plans the items of one unit and area, [begin, end). Taking an item that fits into the block
// before never costs a request, so that parting the sorted items into runs loses nothing; which
// runs is found backwards: best[i] is the cheapest plan of items i and after.
class Run {
  public:
    Run(std::span<const PlanItem> items, uint32_t limit, uint32_t gap)
        : items_(items), limit_(limit), gap_(gap), best_(items.size() + 1), next_(items.size()) {}

    // Where the blocks begin; the last is items.size().
    const std::vector<uint32_t>& solve() {
        for (size_t i = items_.size(); i-- > 0;)
            solve(i);
        return next_;
    }

  private:
    struct Cost {
        uint32_t requests = 0;
        uint64_t transferred = 0;
        auto operator<=>(const Cost&) const = default;
    };

    bool same_place(size_t i) const {
        return i < items_.size() && place(items_[i]) == place(items_[i - 1]);
    }

    void solve(size_t i) {
        // Items of the same place never part: only the first of them begins a block.
        if (i > 0 && same_place(i)) return;
        const uint32_t begin = items_[i].offset;
        uint32_t end = begin;
        Cost best{std::numeric_limits<uint32_t>::max(), 0};
        for (size_t j = i; j < items_.size(); ++j) {
            const auto& item = items_[j];
            if (j > i && item.offset > end + gap_) break;
            const uint32_t longer = std::max(end, end_of(item));
            if (longer - begin > limit_) break;
            end = longer;
            if (same_place(j + 1)) continue;
            const auto& after = best_[j + 1];
            const Cost cost{after.requests + 1, after.transferred + (end - begin)};
            if (cost < best) {
                best = cost;
                next_[i] = static_cast<uint32_t>(j + 1);
            }
        }
        HW_ASSERT(best.requests < std::numeric_limits<uint32_t>::max());
        best_[i] = best;
    }

    std::span<const PlanItem> items_;
    uint32_t limit_;
    uint32_t gap_;
    std::vector<Cost> best_;
    std::vector<uint32_t> next_;
};

uint32_t limit_of(Area area, const PlanLimits& limits) {
    return is_bits(area) ? limits.bits : limits.registers;
}

}  // namespace

Plan make_plan(std::vector<PlanItem> items, const PlanLimits& limits) {
    HW_ASSERT(limits.registers >= 1 && limits.registers <= read_registers_limit);
    HW_ASSERT(limits.bits >= 1 && limits.bits <= read_bits_limit);
    Plan plan;
    std::erase_if(items, [&](const PlanItem& item) {
        HW_ASSERT(item.count >= 1 && end_of(item) <= 65'536);
        if (item.count <= limit_of(item.area, limits)) return false;
        plan.too_wide.push_back(item);
        return true;
    });
    std::stable_sort(items.begin(), items.end(),
                     [](const auto& a, const auto& b) { return place(a) < place(b); });
    plan.items = std::move(items);
    const std::span<const PlanItem> all(plan.items);
    for (size_t begin = 0; begin < all.size();) {
        size_t end = begin + 1;
        while (end < all.size() && all[end].unit == all[begin].unit &&
               all[end].area == all[begin].area)
            ++end;
        const auto area = all[begin].area;
        const uint32_t gap = limits.gap_registers * (is_bits(area) ? 16U : 1U);
        Run run(all.subspan(begin, end - begin), limit_of(area, limits), gap);
        const auto& next = run.solve();
        for (size_t i = 0; i < end - begin; i = next[i])
            plan.blocks.push_back(block_of(all, begin + i, begin + next[i]));
        begin = end;
    }
    return plan;
}

std::vector<Block> split(const Plan& plan, const Block& block) {
    std::vector<Block> out;
    const std::span<const PlanItem> items(plan.items);
    uint32_t end = end_of(items[block.first]);
    size_t begin = block.first;
    for (size_t i = block.first + 1; i < block.last; ++i) {
        if (items[i].offset > end) {
            out.push_back(block_of(items, begin, i));
            begin = i;
        }
        end = std::max(end, end_of(items[i]));
    }
    if (!out.empty()) {
        out.push_back(block_of(items, begin, block.last));
        return out;
    }
    // The place nearest to the middle where neighbours differ.
    const size_t middle = (block.first + block.last) / 2;
    const auto differs = [&](size_t i) {
        return i > block.first && i < block.last && place(items[i]) != place(items[i - 1]);
    };
    for (size_t step = 0; step <= block.last - block.first; ++step) {
        for (const size_t at : {middle + step, middle - std::min(middle, step)}) {
            if (!differs(at)) continue;
            out.push_back(block_of(items, block.first, at));
            out.push_back(block_of(items, at, block.last));
            return out;
        }
    }
    return out;
}

}  // namespace hw::modbus

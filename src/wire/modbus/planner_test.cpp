#include "wire/modbus/planner.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <set>
#include <tuple>

#include "base/random.h"

namespace hw::modbus {
namespace {

PlanItem item(uint16_t offset, uint16_t count, uint32_t id = 0, uint8_t unit = 1,
              Area area = Area::holding_register) {
    return {.unit = unit, .area = area, .offset = offset, .count = count, .id = id};
}

std::vector<std::pair<unsigned, unsigned>> ranges(const Plan& plan) {
    std::vector<std::pair<unsigned, unsigned>> out;
    for (const auto& block : plan.blocks)
        out.emplace_back(block.offset, block.count);
    return out;
}
using Ranges = std::vector<std::pair<unsigned, unsigned>>;

TEST(ModbusPlanner, MergesNeighbours) {
    EXPECT_EQ(ranges(make_plan({item(2, 2), item(0, 2), item(4, 1)}, {})), (Ranges{{0, 5}}));
    EXPECT_TRUE(make_plan({}, {}).blocks.empty());
}

TEST(ModbusPlanner, AThousandFloatsTakeSeventeenReads) {
    std::vector<PlanItem> items;
    for (uint16_t i = 0; i < 1'000; ++i)
        items.push_back(item(static_cast<uint16_t>(2 * i), 2, i));
    const auto plan = make_plan(items, {});
    EXPECT_EQ(plan.blocks.size(), 17U);  // 62 floats fit in one
    for (const auto& block : plan.blocks)
        EXPECT_EQ(block.offset % 2, 0);
}

TEST(ModbusPlanner, GapsWhereTheySaveARequest) {
    EXPECT_EQ(ranges(make_plan({item(0, 1), item(17, 1)}, {})), (Ranges{{0, 18}}));
    EXPECT_EQ(ranges(make_plan({item(0, 1), item(18, 1)}, {})), (Ranges{{0, 1}, {18, 1}}));
    EXPECT_EQ(ranges(make_plan({item(0, 1), item(2, 1)}, {.gap_registers = 0})),
              (Ranges{{0, 1}, {2, 1}}));
    // Bridging the gap would not save anything: 125 registers follow it.
    std::vector<PlanItem> items{item(0, 1)};
    for (uint16_t i = 0; i < 125; ++i)
        items.push_back(item(static_cast<uint16_t>(10 + i), 1));
    EXPECT_EQ(ranges(make_plan(items, {})), (Ranges{{0, 1}, {10, 125}}));
}

TEST(ModbusPlanner, UnitsAndAreasStayApart) {
    const auto plan =
        make_plan({item(0, 1, 0, 1), item(1, 1, 1, 2), item(1, 1, 2, 1, Area::input_register),
                   item(2, 1, 3, 1, Area::coil)},
                  {});
    EXPECT_EQ(plan.blocks.size(), 4U);
}

TEST(ModbusPlanner, TooWideIsToldNotRead) {
    const auto plan = make_plan({item(0, 4, 7), item(0, 1, 8)}, {.registers = 2});
    ASSERT_EQ(plan.too_wide.size(), 1U);
    EXPECT_EQ(plan.too_wide[0].id, 7U);
    EXPECT_EQ(plan.items.size(), 1U);
}

std::vector<PlanItem> random_items(Random& random) {
    std::vector<PlanItem> items;
    const uint64_t count = 1 + random.below(60);
    const uint64_t spread = 1 + random.below(600);
    for (uint32_t i = 0; i < count; ++i) {
        const auto area = static_cast<Area>(random.below(4));
        const auto size = is_bits(area) ? 1 : 1 + random.below(random.chance(0.1) ? 125 : 4);
        items.push_back(item(static_cast<uint16_t>(random.below(spread)),
                             static_cast<uint16_t>(size), i,
                             static_cast<uint8_t>(1 + random.below(2)), area));
    }
    return items;
}

// The plan one writes first: sorted, a block grows while it is legal.
size_t naive_requests(std::vector<PlanItem> items, const PlanLimits& limits) {
    std::sort(items.begin(), items.end(), [](const auto& a, const auto& b) {
        return std::tuple(a.unit, a.area, a.offset, a.count) <
               std::tuple(b.unit, b.area, b.offset, b.count);
    });
    size_t requests = 0;
    const PlanItem* front = nullptr;
    unsigned end = 0;
    for (const auto& next : items) {
        const unsigned limit = is_bits(next.area) ? limits.bits : limits.registers;
        if (next.count > limit) continue;
        const unsigned gap = limits.gap_registers * (is_bits(next.area) ? 16U : 1U);
        const unsigned longer = std::max(end, unsigned{next.offset} + next.count);
        if (front == nullptr || front->unit != next.unit || front->area != next.area ||
            next.offset > end + gap || longer - front->offset > limit) {
            ++requests;
            front = &next;
            end = next.offset + next.count;
        } else {
            end = longer;
        }
    }
    return requests;
}

void expect_legal(const Plan& plan, const PlanLimits& limits, size_t items) {
    std::vector<int> covered(items, 0);
    uint32_t expected_first = 0;
    for (const auto& block : plan.blocks) {
        EXPECT_EQ(block.first, expected_first);
        EXPECT_LT(block.first, block.last);
        expected_first = block.last;
        EXPECT_GE(block.count, 1);
        EXPECT_LE(block.count, is_bits(block.area) ? limits.bits : limits.registers);
        for (uint32_t i = block.first; i < block.last; ++i) {
            const auto& one = plan.items[i];
            EXPECT_EQ(one.unit, block.unit);
            EXPECT_EQ(one.area, block.area);
            EXPECT_GE(one.offset, block.offset);
            EXPECT_LE(one.offset + one.count, block.offset + block.count);
            ++covered[one.id];
        }
    }
    EXPECT_EQ(expected_first, plan.items.size());
    for (const auto& one : plan.too_wide)
        ++covered[one.id];
    for (const int times : covered)
        EXPECT_EQ(times, 1);
}

TEST(ModbusPlanner, RandomTagsAreCoveredOnceByLegalRequests) {
    Random random(11);
    for (int round = 0; round < 3'000; ++round) {
        const PlanLimits limits{.registers = static_cast<uint16_t>(1 + random.below(125)),
                                .bits = static_cast<uint16_t>(1 + random.below(300)),
                                .gap_registers = static_cast<uint16_t>(random.below(20))};
        const auto items = random_items(random);
        const auto plan = make_plan(items, limits);
        expect_legal(plan, limits, items.size());
        EXPECT_LE(plan.blocks.size(), naive_requests(items, limits));
    }
}

// Every way to part a few sorted items, to see that fewer requests are not possible.
size_t least_requests(const std::vector<PlanItem>& items, size_t from, const PlanLimits& limits) {
    if (from == items.size()) return 0;
    size_t best = items.size();
    unsigned end = items[from].offset;
    for (size_t to = from; to < items.size(); ++to) {
        if (to > from && items[to].offset > end + limits.gap_registers) break;
        end = std::max(end, unsigned{items[to].offset} + items[to].count);
        if (end - items[from].offset > limits.registers) break;
        best = std::min(best, 1 + least_requests(items, to + 1, limits));
    }
    return best;
}

TEST(ModbusPlanner, NoPlanHasFewerRequests) {
    Random random(5);
    for (int round = 0; round < 500; ++round) {
        std::vector<PlanItem> items;
        for (uint32_t i = 0; i < 8; ++i)
            items.push_back(item(static_cast<uint16_t>(random.below(40)),
                                 static_cast<uint16_t>(1 + random.below(6)), i));
        const PlanLimits limits{.registers = static_cast<uint16_t>(6 + random.below(12)),
                                .gap_registers = static_cast<uint16_t>(random.below(5))};
        const auto plan = make_plan(items, limits);
        EXPECT_EQ(plan.blocks.size(), least_requests(plan.items, 0, limits));
    }
}

TEST(ModbusPlanner, SplitsAtGapsThenInHalves) {
    const auto plan = make_plan({item(0, 2, 0), item(2, 2, 1), item(10, 1, 2)}, {});
    ASSERT_EQ(plan.blocks.size(), 1U);
    const auto runs = split(plan, plan.blocks[0]);
    ASSERT_EQ(runs.size(), 2U);
    EXPECT_EQ(runs[0].count, 4);
    EXPECT_EQ(runs[1].offset, 10);
    const auto halves = split(plan, runs[0]);
    ASSERT_EQ(halves.size(), 2U);
    EXPECT_EQ(halves[0].count, 2);
    EXPECT_TRUE(split(plan, halves[0]).empty());
}

TEST(ModbusPlanner, SplittingEndsWithEveryItemInOnePiece) {
    Random random(23);
    for (int round = 0; round < 300; ++round) {
        const auto plan = make_plan(random_items(random), {});
        for (const auto& whole : plan.blocks) {
            std::vector<Block> todo{whole};
            std::set<uint32_t> seen;
            size_t steps = 0;
            while (!todo.empty()) {
                const auto block = todo.back();
                todo.pop_back();
                ASSERT_LT(++steps, 2U * (whole.last - whole.first) + 1);
                const auto parts = split(plan, block);
                todo.insert(todo.end(), parts.begin(), parts.end());
                if (!parts.empty()) continue;
                for (uint32_t i = block.first; i < block.last; ++i) {
                    EXPECT_TRUE(seen.insert(i).second);
                    EXPECT_EQ(plan.items[i].offset, block.offset);
                    EXPECT_EQ(plan.items[i].count, block.count);
                }
            }
            EXPECT_EQ(seen.size(), whole.last - whole.first);
        }
    }
}

}  // namespace
}  // namespace hw::modbus

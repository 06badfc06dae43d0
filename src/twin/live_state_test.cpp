#include "twin/live_state.h"

#include <gtest/gtest.h>

#include <map>

#include "base/random.h"
#include "twin/point_table.h"

namespace hw::twin {
namespace {

TEST(Slots, OfTwinsNeverOverlapAndAreUsedAgain) {
    Slots slots;
    Random random(3);
    std::map<uint32_t, uint32_t> held;  // first, count
    for (uint32_t i = 0; i < 5'000; ++i) {
        if (!held.empty() && random.below(3) == 0) {
            const auto at = held.begin();
            slots.free(at->first, at->second);
            held.erase(at);
            continue;
        }
        const auto count = static_cast<uint32_t>(random.below(40) + 1);
        const uint32_t first = slots.allocate(count, i);
        const auto above = held.lower_bound(first);
        if (above != held.end()) {
            ASSERT_LE(first + count, above->first);
        }
        if (above != held.begin()) {
            ASSERT_LE(std::prev(above)->first + std::prev(above)->second, first);
        }
        held.emplace(first, count);
        for (uint32_t slot = first; slot < first + count; ++slot) {
            ASSERT_EQ(slots.twin(slot), i);
            ASSERT_TRUE(slots[slot].value.is_null());
            slots[slot].value = sql::Datum::integer(i);
        }
    }
    const size_t bytes = slots.bytes();
    for (const auto& [first, count] : held)
        slots.free(first, count);
    EXPECT_EQ(slots.used(), 0);
    slots.allocate(10'000, 1);
    EXPECT_LE(slots.bytes(), bytes + (1 << 20));
}

TEST(Interests, SharesCombinations) {
    Interests interests;
    EXPECT_EQ(interests.number({}), 0);
    const uint32_t one = interests.number({1, 0, 0, 0});
    const uint32_t two = interests.number({0, 1, 0, 0});
    EXPECT_NE(one, two);
    EXPECT_EQ(interests.number({1, 0, 0, 0}), one);
    EXPECT_EQ(interests.words(two)[1], 1);
    interests.clear();
    EXPECT_EQ(interests.size(), 1);
}

std::vector<uint32_t> slots_of(const PointTable& table, uint32_t point) {
    std::vector<uint32_t> slots;
    const auto* entry = table.find(point);
    if (entry != nullptr)
        table.each(entry->binding.load(), [&](uint32_t slot) { slots.push_back(slot); });
    return slots;
}

TEST(PointTable, FeedsSeveralSlotsFromOnePoint) {
    PointTable table;
    EXPECT_EQ(table.find(5), nullptr);
    EXPECT_TRUE(table.bind(5, 100));
    EXPECT_TRUE(table.bind(5, 200));
    EXPECT_TRUE(table.bind(5, 300));
    EXPECT_EQ(slots_of(table, 5), (std::vector<uint32_t>{100, 200, 300}));
    table.unbind(5, 200);
    table.unbind(5, 999);
    EXPECT_EQ(slots_of(table, 5), (std::vector<uint32_t>{100, 300}));
    table.unbind(5, 100);
    EXPECT_EQ(slots_of(table, 5), std::vector<uint32_t>{300});
    table.unbind(5, 300);
    EXPECT_EQ(slots_of(table, 5), std::vector<uint32_t>{});
    EXPECT_TRUE(table.bind(6, 0));
    EXPECT_EQ(slots_of(table, 6), std::vector<uint32_t>{0}) << "slot 0 is one like any other";
}

TEST(PointTable, AwaitedPointsHaveNoSlotYet) {
    PointTable table;
    EXPECT_TRUE(table.await(7));
    EXPECT_NE(table.find(7)->binding.load(), 0) << "its samples are queued";
    EXPECT_TRUE(slots_of(table, 7).empty());
    EXPECT_TRUE(table.bind(7, 1));
    EXPECT_TRUE(table.await(7));
    EXPECT_EQ(slots_of(table, 7), std::vector<uint32_t>{1}) << "a binding stays";
    EXPECT_TRUE(table.await(8));
    table.forget_awaited(8);
    EXPECT_EQ(table.find(8)->binding.load(), 0);
    EXPECT_FALSE(table.bind(UINT32_MAX, 1)) << "beyond the table";
}

}  // namespace
}  // namespace hw::twin

#include "twin/edge_list.h"

#include <gtest/gtest.h>

#include <set>
#include <vector>

#include "base/random.h"

namespace hw::twin {
namespace {

std::vector<uint32_t> all(const EdgeList& list) {
    std::vector<uint32_t> numbers;
    EdgeList::Position at = list.find([](uint32_t) { return false; });
    for (; !list.at_end(at); list.next(at))
        numbers.push_back(list[at]);
    return numbers;
}

TEST(EdgeList, IsAsASortedSet) {
    Random random(7);
    EdgeList list;
    std::set<uint32_t> expected;
    for (int i = 0; i < 60'000; ++i) {
        const auto number = static_cast<uint32_t>(random.below(20'000));
        const auto before = [&](uint32_t other) { return other < number; };
        if (expected.contains(number)) {
            list.remove(number, before);
            expected.erase(number);
        } else {
            list.insert(number, before);
            expected.insert(number);
        }
        ASSERT_EQ(list.size(), expected.size());
        if (i % 5'000 == 0) {
            ASSERT_EQ(all(list), std::vector(expected.begin(), expected.end()));
        }
        const auto from = expected.lower_bound(number);
        const auto at = list.find(before);
        ASSERT_EQ(list.at_end(at), from == expected.end());
        if (from != expected.end()) {
            ASSERT_EQ(list[at], *from);
        }
    }
    while (!expected.empty()) {
        const uint32_t number = *expected.begin();
        list.remove(number, [&](uint32_t other) { return other < number; });
        expected.erase(number);
    }
    EXPECT_TRUE(list.empty());
    EXPECT_TRUE(all(list).empty());
}

}  // namespace
}  // namespace hw::twin

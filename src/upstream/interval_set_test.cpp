#include "upstream/interval_set.h"

#include <gtest/gtest.h>

#include <vector>

#include "base/random.h"

namespace hw::upstream {
namespace {

// Against a plain array of flags.
TEST(IntervalSet, is_a_set) {
    Random random(3);
    IntervalSet set;
    std::vector<bool> plain(200);
    for (int step = 0; step < 5000; ++step) {
        const uint64_t first = random.below(180);
        const Interval interval{first, first + random.below(20)};
        const bool in = random.chance(0.6);
        in ? set.add(interval) : set.remove(interval);
        for (uint64_t n = interval.first; n <= interval.last; ++n)
            plain[n] = in;
        uint64_t runs = 0;
        for (uint64_t n = 0; n < plain.size(); ++n) {
            ASSERT_EQ(set.contains(n), plain[n]) << n;
            runs += plain[n] && (n == 0 || !plain[n - 1]) ? 1 : 0;
        }
        ASSERT_EQ(set.size(), runs);
        uint64_t missing = first;
        while (missing < plain.size() && plain[missing])
            ++missing;
        ASSERT_EQ(set.first_missing(first), missing);
        const Interval other{random.below(100), 100 + random.below(100)};
        uint64_t count = 0;
        for (uint64_t n = other.first; n <= other.last; ++n)
            count += n < plain.size() && plain[n] ? 1 : 0;
        ASSERT_EQ(set.count_in(other), count);
        ASSERT_EQ(set.contains_all(other), count == other.last - other.first + 1);
    }
}

TEST(IntervalSet, knows_where_a_hole_ends) {
    IntervalSet set;
    EXPECT_EQ(set.last_missing(0), std::nullopt);
    set.add({10, 20});
    EXPECT_EQ(set.last_missing(3), 9u);
    EXPECT_EQ(set.last_missing(21), std::nullopt);
}

}  // namespace
}  // namespace hw::upstream

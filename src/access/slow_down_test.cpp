#include "access/slow_down.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

namespace hw::access {
namespace {

constexpr Time start{1'000'000'000'000};

TEST(SlowDown, WaitsDoubleFromTheLimitOn) {
    SlowDown slow(5, 100);
    Time now = start;
    for (int i = 0; i < 4; ++i)
        EXPECT_EQ(slow.failed("anna", now), Duration{});
    EXPECT_EQ(slow.wait("anna", now), Duration{});
    EXPECT_EQ(slow.failed("anna", now), seconds(1));
    EXPECT_EQ(slow.wait("anna", now), seconds(1));
    EXPECT_EQ(slow.wait("bert", now), Duration{});
    now = now + seconds(1);
    EXPECT_EQ(slow.wait("anna", now), Duration{});
    for (const int64_t expected : {2, 4, 8, 16, 32, 64, 128, 256, 512, 900, 900}) {
        EXPECT_EQ(slow.failed("anna", now), seconds(expected));
        now = now + seconds(expected);
    }
}

TEST(SlowDown, ASuccessAndALongTimeForget) {
    SlowDown slow(2, 100);
    slow.failed("anna", start);
    slow.succeeded("anna");
    EXPECT_EQ(slow.failed("anna", start), Duration{});
    EXPECT_EQ(slow.failed("anna", start + seconds(3601)), Duration{});
    EXPECT_EQ(slow.failed("anna", start + seconds(3602)), seconds(1));
    slow.succeeded("nobody");
}

TEST(SlowDown, TellsTheFirstOfEachWait) {
    SlowDown slow(1, 100);
    slow.failed("anna", start);
    bool first = false;
    slow.wait("anna", start, &first);
    EXPECT_TRUE(first);
    slow.wait("anna", start, &first);
    EXPECT_FALSE(first);
    slow.failed("anna", start + seconds(1));
    slow.wait("anna", start + seconds(1), &first);
    EXPECT_TRUE(first);
}

TEST(SlowDown, AFullTableForgetsTheOldestAndLocksNobodyOut) {
    SlowDown slow(1, 10);
    slow.failed("anna", start);
    for (int i = 0; i < 9; ++i)
        slow.failed(fmt::format("made-up-{}", i), start);
    EXPECT_EQ(slow.size(), 10u);
    slow.failed("anna", start);  // touched again: she is remembered
    for (int i = 0; i < 9; ++i)
        slow.failed(fmt::format("more-{}", i), start);
    EXPECT_EQ(slow.size(), 10u);
    EXPECT_GT(slow.wait("anna", start), Duration{});
    EXPECT_EQ(slow.wait("made-up-0", start), Duration{});
    slow.failed("last", start);
    EXPECT_EQ(slow.wait("anna", start), Duration{});
    EXPECT_EQ(slow.wait("somebody-else", start), Duration{});
}

TEST(FamiliarPlaces, TheLastAreKnown) {
    FamiliarPlaces places(2);
    places.add("anna", "10.0.0.1");
    places.add("bert", "10.0.0.1");
    EXPECT_TRUE(places.has("anna", "10.0.0.1"));
    EXPECT_FALSE(places.has("anna", "10.0.0.2"));
    places.add("anna", "10.0.0.1");
    places.add("carl", "10.0.0.3");
    EXPECT_TRUE(places.has("anna", "10.0.0.1"));
    EXPECT_FALSE(places.has("bert", "10.0.0.1"));
}

}  // namespace
}  // namespace hw::access

#include "upstream/lanes.h"

#include <gtest/gtest.h>

namespace hw::upstream {
namespace {

constexpr Time now{1'000'000'000};

Lanes::Settings settings() {
    Lanes::Settings s;
    s.linger = milliseconds(100);
    s.batch_rows = 10;
    s.live_rows_limit = 30;
    s.live_in_flight = 2;
    s.backlog_in_flight = 2;
    s.reserved_window = 1;
    return s;
}

TEST(Lanes, send_nothing_before_the_link_is_up) {
    Lanes lanes(settings(), {});
    lanes.live_added({1, 5}, now);
    EXPECT_EQ(lanes.take_evicted(), 1u);
    EXPECT_FALSE(lanes.next(now, 100));
    lanes.connected();
    ASSERT_TRUE(lanes.next(now, 100));
    EXPECT_EQ(lanes.next(now, 100)->lane, Lane::backlog);
    EXPECT_FALSE(lanes.next(now, 0));
}

TEST(Lanes, a_live_record_waits_for_company) {
    Lanes lanes(settings(), {});
    lanes.connected();
    lanes.backlog_empty();
    lanes.live_added({1, 4}, now);
    EXPECT_FALSE(lanes.next(now, 100));
    EXPECT_EQ(lanes.deadline(), now + milliseconds(100));
    const auto late = lanes.next(now + milliseconds(100), 100);
    ASSERT_TRUE(late);
    EXPECT_EQ(late->lane, Lane::live);
    EXPECT_EQ(late->last, 1u);
    lanes.live_added({2, 6}, now);
    const auto full = lanes.next(now, 100);
    ASSERT_TRUE(full);
    EXPECT_EQ(full->first, 1u);
    EXPECT_EQ(full->last, 2u);
    lanes.live_added({3, 1}, now);
    EXPECT_EQ(lanes.next(now, 100)->last, 2u);  // the third would be over batch_rows
}

TEST(Lanes, live_goes_before_the_backlog_and_keeps_room) {
    Lanes lanes(settings(), {});
    lanes.connected();
    EXPECT_EQ(lanes.next(now, 5)->lane, Lane::backlog);
    lanes.sent(Lane::backlog, {{1, 5}});
    EXPECT_FALSE(lanes.next(now, 1)) << "the last place of the window is for live samples";
    EXPECT_EQ(lanes.next(now, 2)->lane, Lane::backlog);
    const uint64_t second = lanes.sent(Lane::backlog, {{2, 5}});
    EXPECT_FALSE(lanes.next(now, 100)) << "backlog in flight is bounded";
    lanes.live_added({10, 10}, now);
    EXPECT_EQ(lanes.next(now, 1)->lane, Lane::live);
    lanes.sent(Lane::live, {{10, 10}});
    EXPECT_EQ(lanes.live_rows(), 0u);
    EXPECT_EQ(lanes.answered(second).size(), 1u);
    EXPECT_EQ(lanes.next(now, 2)->lane, Lane::backlog);
}

TEST(Lanes, a_window_of_one_still_drains) {
    Lanes lanes(settings(), {});
    lanes.connected();
    EXPECT_EQ(lanes.next(now, 1)->lane, Lane::backlog);
}

TEST(Lanes, too_much_live_becomes_backlog) {
    Lanes lanes(settings(), {});
    lanes.connected();
    lanes.backlog_empty();
    for (uint64_t n = 1; n <= 5; ++n)
        lanes.live_added({n, 10}, now);
    EXPECT_EQ(lanes.take_evicted(), 2u);
    EXPECT_FALSE(lanes.claimed().contains(2));
    EXPECT_TRUE(lanes.claimed().contains(3));
    EXPECT_EQ(lanes.next(now, 100)->first, 3u);
    lanes.sent(Lane::live, {{3, 10}});
    lanes.sent(Lane::live, {{4, 10}});
    EXPECT_EQ(lanes.next(now, 100)->lane, Lane::backlog);
}

TEST(Lanes, a_loss_brings_all_back) {
    IntervalSet acknowledged;
    acknowledged.add({1, 3});
    Lanes lanes(settings(), acknowledged);
    lanes.connected();
    const uint64_t done = lanes.sent(Lane::backlog, {{4, 1}});
    const uint64_t flying = lanes.sent(Lane::backlog, {{5, 1}, {6, 1}});
    lanes.live_added({7, 1}, now);
    EXPECT_EQ(lanes.answered(done).size(), 1u);
    lanes.lost();
    EXPECT_EQ(lanes.take_evicted(), 7u);
    EXPECT_EQ(lanes.claimed().first_missing(1), 5u);
    EXPECT_FALSE(lanes.claimed().contains(7));
    EXPECT_TRUE(lanes.answered(flying).empty()) << "an answer to a connection before";
    EXPECT_EQ(lanes.in_flight(Lane::backlog), 0u);
}

TEST(Lanes, what_is_refused_goes_back) {
    Lanes lanes(settings(), {});
    lanes.connected();
    const uint64_t token = lanes.sent(Lane::live, {{1, 1}, {2, 1}});
    lanes.backlog_empty();
    EXPECT_EQ(lanes.refused(token).size(), 2u);
    EXPECT_FALSE(lanes.claimed().contains(1));
    EXPECT_EQ(lanes.next(now, 9)->lane, Lane::backlog);
    lanes.give_up({1, 2});
    lanes.forget_before(2);
    EXPECT_FALSE(lanes.claimed().contains(1));
    EXPECT_TRUE(lanes.claimed().contains(2));
}

}  // namespace
}  // namespace hw::upstream

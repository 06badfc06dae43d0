#include "upstream/gaps.h"

#include <gtest/gtest.h>

#include "upstream/queue_state.h"

namespace hw::upstream {
namespace {

Time at(int64_t second) {
    return Time{second * 1'000'000'000};
}

TEST(GapLog, an_outage_is_open_then_delayed_then_filled) {
    GapLog log;
    log.outage(at(10), "refused", 5);
    log.outage(at(11), "still refused", 6);
    ASSERT_EQ(log.gaps().size(), 1u);
    EXPECT_EQ(log.gaps()[0].state, GapState::open);
    EXPECT_EQ(log.gaps()[0].detail, "refused");
    EXPECT_EQ(log.take_changed().size(), 1u);
    EXPECT_TRUE(log.take_changed().empty());
    log.outage_grew(30);
    log.outage_grew(12);
    log.outage_over(at(20), 9);
    EXPECT_FALSE(log.in_outage());
    EXPECT_EQ(log.gaps()[0].state, GapState::delayed);
    EXPECT_EQ(log.gaps()[0].samples, 42u);
    EXPECT_EQ(log.gaps()[0].records, (Interval{5, 8}));
    IntervalSet done;
    done.add({5, 7});
    log.acknowledged(done, 1);
    EXPECT_EQ(log.gaps()[0].state, GapState::delayed);
    done.add({8, 8});
    log.acknowledged(done, 1);
    EXPECT_EQ(log.gaps()[0].state, GapState::filled);
    EXPECT_EQ(log.take_changed().size(), 1u);
}

TEST(GapLog, an_outage_without_samples_is_filled_at_once) {
    GapLog log;
    log.outage(at(10), "", 5);
    log.outage_over(at(11), 5);
    EXPECT_EQ(log.gaps()[0].state, GapState::filled);
}

TEST(GapLog, what_the_queue_dropped_does_not_keep_a_delay_open) {
    GapLog log;
    log.outage(at(10), "", 5);
    log.outage_over(at(11), 9);
    IntervalSet done;
    done.add({7, 8});
    log.acknowledged(done, 6);
    EXPECT_EQ(log.gaps()[0].state, GapState::delayed);
    log.acknowledged(done, 7);
    EXPECT_EQ(log.gaps()[0].state, GapState::filled);
}

TEST(GapLog, losses_of_one_cause_are_one_gap) {
    GapLog log;
    log.lost(GapReason::queue_full, at(0), at(10), 100);
    log.lost(GapReason::refused, at(5), at(5), 1, "too odd");
    log.lost(GapReason::queue_full, at(11), at(20), 50);
    ASSERT_EQ(log.gaps().size(), 2u);
    EXPECT_EQ(log.gaps()[0].samples, 150u);
    EXPECT_EQ(log.gaps()[0].to, at(20));
    log.lost(GapReason::queue_full, at(500), at(501), 1);
    EXPECT_EQ(log.gaps().size(), 3u);
}

TEST(GapLog, goes_on_after_a_restart) {
    GapLog log;
    log.outage(at(1), "", 3);
    log.outage_over(at(2), 6);
    log.outage(at(3), "", 6);
    GapLog next;
    next.restore({log.gaps().begin(), log.gaps().end()});
    EXPECT_TRUE(next.in_outage());
    next.stopped(at(4), at(5), false);
    EXPECT_EQ(next.gaps().back().reason, GapReason::edge_killed);
    next.outage_over(at(6), 6);
    IntervalSet done;
    done.add({1, 5});
    next.acknowledged(done, 1);
    ASSERT_EQ(next.gaps().size(), 3u);
    for (const Gap& gap : next.gaps())
        EXPECT_NE(gap.state, GapState::open);
    EXPECT_EQ(next.gaps()[0].state, GapState::filled);
    EXPECT_EQ(next.gaps()[2].id, 3u);
}

TEST(GapLog, keeps_the_last_thousand) {
    GapLog log;
    for (int64_t i = 0; i < 1500; ++i)
        log.lost(GapReason::refused, at(i * 1000), at(i * 1000), 1);
    EXPECT_EQ(log.gaps().size(), GapLog::limit);
    EXPECT_EQ(log.gaps().back().id, 1500u);
    EXPECT_EQ(log.total(), 1500u);
}

QueueState full_state() {
    QueueState state;
    state.saved = at(99);
    state.clean = true;
    state.next_record = 77;
    state.acknowledged = {{1, 5}, {9, 70}};
    state.segments = {{1, 1, 40, 400, 30, 5000, true, at(1), at(2)},
                      {2, 40, 77, 90, 0, 700, false, at(3), at(4)}};
    Gap gap;
    gap.id = 4;
    gap.reason = GapReason::queue_damaged;
    gap.state = GapState::lost;
    gap.from = at(-5);
    gap.to = at(6);
    gap.samples = 12;
    gap.records = {3, 9};
    gap.detail = "why";
    state.gaps = {gap};
    return state;
}

TEST(QueueState, comes_back_or_is_refused) {
    const std::string bytes = encode_state(full_state());
    const auto back = decode_state(as_bytes(bytes));
    ASSERT_TRUE(back) << back.error().text();
    EXPECT_EQ(*back, full_state());
    for (size_t i = 0; i < bytes.size(); ++i) {
        EXPECT_FALSE(decode_state(as_bytes(std::string_view(bytes).substr(0, i))));
        std::string damaged = bytes;
        damaged[i] = static_cast<char>(damaged[i] ^ 1);
        EXPECT_FALSE(decode_state(as_bytes(damaged))) << i;
    }
}

}  // namespace
}  // namespace hw::upstream

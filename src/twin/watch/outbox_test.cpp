#include "twin/watch/outbox.h"

#include <gtest/gtest.h>

namespace hw::twin {
namespace {

const TwinName tank{"works/tank", 3};
const TwinName pump{"works/pump", 4};
const WatchPath level{"level", 1};
const WatchPath flow{"flow", 2};

WatchEvent event(double value, const TwinName& twin = tank, const WatchPath& path = level) {
    WatchEvent one;
    one.twin = &twin;
    one.path = &path;
    one.value = sql::Datum::real(value);
    return one;
}

struct Box {
    explicit Box(Outbox::Settings settings) : outbox(settings, 1'000, counters) {}
    void put(WatchEvent one) {
        std::vector<WatchEvent> events;
        events.push_back(std::move(one));
        outbox.put(events, now);
    }
    void advance(Duration by) {
        now = now + by;
        outbox.release(now);
    }
    // The values that a reader gets from where it was.
    std::vector<double> read() {
        std::vector<double> values;
        Outbox::Taken taken;
        outbox.take(at, 100, taken);
        missed += taken.missed;
        for (const auto& one : taken.events)
            values.push_back(one.value.as_number());
        return values;
    }

    WatchCounters counters;
    Outbox outbox;
    uint64_t at = 1'000;
    uint64_t missed = 0;
    Time now{seconds(100).ns};
};
using Values = std::vector<double>;

TEST(Outbox, hands_out_events_in_order_with_their_sequence) {
    Box box({});
    box.put(event(1));
    box.put(event(2));
    Outbox::Taken taken;
    box.outbox.take(box.at, 1, taken);
    EXPECT_EQ(taken.first, 1'000u);
    EXPECT_EQ(taken.events.at(0).value, sql::Datum::real(1));
    EXPECT_EQ(box.at, 1'001u);
    EXPECT_EQ(box.read(), Values{2});
    EXPECT_EQ(box.read(), Values{});
    EXPECT_EQ(box.outbox.next(), 1'002u);
}

TEST(Outbox, drops_the_oldest_and_says_how_many) {
    Box box({.queue_limit = 3});
    for (int i = 0; i < 5; ++i)
        box.put(event(i));
    EXPECT_EQ(box.read(), (Values{2, 3, 4}));
    EXPECT_EQ(box.missed, 2u);
    box.put(event(5));
    EXPECT_EQ(box.read(), Values{5});
    EXPECT_EQ(box.missed, 2u);
}

TEST(Outbox, a_reader_resumes_behind_what_it_had) {
    Box box({.queue_limit = 3});
    for (int i = 0; i < 4; ++i)
        box.put(event(i));
    EXPECT_TRUE(box.outbox.resumable(1'003));
    EXPECT_TRUE(box.outbox.resumable(1'000)) << "it will get a gap";
    EXPECT_FALSE(box.outbox.resumable(1'004)) << "of no event yet";
    EXPECT_FALSE(box.outbox.resumable(999)) << "of an earlier life";
}

TEST(Outbox, keeps_some_for_resuming_when_all_readers_have_them) {
    Box box({.queue_limit = 100, .resume_limit = 2});
    for (int i = 0; i < 10; ++i)
        box.put(event(i));
    box.outbox.trim(1'009);
    EXPECT_EQ(box.outbox.size(), 3u) << "two that were read, one that was not";
    box.at = 1'009;
    EXPECT_EQ(box.read(), Values{9});
    EXPECT_EQ(box.missed, 0u);
}

TEST(Outbox, deadband_compares_with_what_was_sent) {
    Box box({.deadband = 1});
    for (const double value : {10.0, 10.6, 11.0, 11.1, 10.2, 10.0})
        box.put(event(value));
    EXPECT_EQ(box.read(), (Values{10, 11.1, 10.0}));
    EXPECT_EQ(box.counters.suppressed, 3u);
    auto bad = event(10.0);
    bad.quality = model::Quality::bad;
    box.put(bad);
    EXPECT_EQ(box.read(), Values{10.0}) << "another quality is a change";
}

TEST(Outbox, deadband_is_of_each_slot) {
    Box box({.deadband = 1});
    box.put(event(1));
    box.put(event(1, pump));
    box.put(event(1, tank, flow));
    EXPECT_EQ(box.read().size(), 3u);
    EXPECT_EQ(box.outbox.slots(), 3u);
}

TEST(Outbox, throttle_lets_the_newest_out_at_the_end_of_the_interval) {
    Box box({.min_interval = seconds(1)});
    box.put(event(1));
    EXPECT_EQ(box.read(), Values{1});
    box.put(event(2));
    box.put(event(3));
    EXPECT_EQ(box.read(), Values{});
    EXPECT_EQ(box.outbox.due(), box.now + seconds(1));
    box.advance(milliseconds(999));
    EXPECT_EQ(box.read(), Values{});
    box.advance(milliseconds(1));
    EXPECT_EQ(box.read(), Values{3});
    EXPECT_EQ(box.counters.throttled, 1u);
    EXPECT_EQ(box.outbox.due(), std::nullopt);
    box.advance(seconds(1));
    box.put(event(4));
    EXPECT_EQ(box.read(), Values{4}) << "the interval is over: at once";
}

TEST(Outbox, throttled_slots_wait_each_for_their_own_interval) {
    Box box({.min_interval = seconds(1)});
    box.put(event(1));
    box.advance(milliseconds(400));
    box.put(event(10, pump));
    box.put(event(11, pump));
    box.put(event(2));
    EXPECT_EQ(box.read(), (Values{1, 10}));
    box.advance(milliseconds(600));
    EXPECT_EQ(box.read(), Values{2});
    box.advance(milliseconds(400));
    EXPECT_EQ(box.read(), Values{11});
}

TEST(Outbox, a_value_that_came_back_within_the_interval_is_no_change) {
    Box box({.min_interval = seconds(1)});
    box.put(event(1));
    box.put(event(2));
    box.put(event(1));
    box.advance(seconds(1));
    EXPECT_EQ(box.read(), Values{1});
    EXPECT_EQ(box.counters.suppressed, 1u);
    Box every({.on_change = false, .min_interval = seconds(1)});
    every.put(event(1));
    every.put(event(1));
    every.advance(seconds(1));
    EXPECT_EQ(every.read(), (Values{1, 1}));
}

TEST(Outbox, what_is_no_value_is_never_held_back) {
    Box box({.deadband = 5, .min_interval = seconds(1)});
    for (int i = 0; i < 3; ++i) {
        auto stale = event(0);
        stale.kind = WatchEventKind::stale;
        box.put(stale);
    }
    EXPECT_EQ(box.read().size(), 3u);
}

TEST(Outbox, forgets_its_slots_when_nobody_listens) {
    Box box({.deadband = 5});
    box.put(event(1));
    box.outbox.forget();
    box.put(event(1));
    EXPECT_EQ(box.read(), (Values{1, 1}));
}

}  // namespace
}  // namespace hw::twin

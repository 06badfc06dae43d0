#include "broker/timers.h"

#include <gtest/gtest.h>

#include "broker/probe.h"
#include "broker/retained.h"

namespace hw::broker {
namespace {

TEST(Timers, come_in_order_and_only_when_due) {
    Timers timers;
    for (const int64_t when : {30, 10, 20})
        timers.arm(Time{when}, Timers::Kind::session, static_cast<uint64_t>(when));
    Timers::Timer timer;
    EXPECT_FALSE(timers.pop(Time{9}, timer));
    EXPECT_TRUE(timers.pop(Time{25}, timer));
    EXPECT_EQ(timer.serial, 10u);
    timers.keep_if([](const Timers::Timer& each) { return each.serial != 20; });
    EXPECT_FALSE(timers.pop(Time{25}, timer));
    EXPECT_TRUE(timers.pop(Time{30}, timer));
    EXPECT_EQ(timers.size(), 0u);
}

TEST(Timers, a_retained_topic_published_often_still_expires_once_it_should) {
    Retained retained({10, 1 << 20});
    Retained::Slot slot;
    for (int64_t i = 1; i <= 5000; ++i) {
        MessageRef message = Message::make("t", {}, as_bytes("1"));
        message->expires = Time{i + 100};
        retained.set(slot, message);
        retained.expire(Time{i});
        ASSERT_EQ(retained.count(), 1u);
    }
    retained.expire(Time{5099});
    EXPECT_EQ(retained.count(), 1u);
    retained.expire(Time{5100});
    EXPECT_EQ(retained.count(), 0u);
}

TEST(Timers, clients_that_come_and_go_expire_all_the_same) {
    probe::Bench bench;
    mqtt::PropertyList list;
    list.number(mqtt::PropertyId::session_expiry_interval, 10'000);
    probe::Client client(bench, mqtt::Version::v5);
    for (int i = 0; i < 3000; ++i) {
        client.connect(
            {.id = i % 2 == 0 ? "a" : "b", .clean = i % 3 == 0, .properties = list.view()});
        client.lose();
        bench.advance(seconds(1));
    }
    EXPECT_EQ(bench.broker->totals().sessions, 2u);
    bench.advance(seconds(9'900));
    EXPECT_EQ(bench.broker->totals().sessions, 2u);
    bench.advance(seconds(101));
    EXPECT_EQ(bench.broker->totals().sessions, 0u);
}

}  // namespace
}  // namespace hw::broker

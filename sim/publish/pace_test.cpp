#include "sim/publish/pace.h"

#include <gtest/gtest.h>

#include "sim/publish/broker_address.h"

namespace hw::sim {
namespace {

const Time start{1'000'000'000};

TEST(PaceTest, a_round_is_due_each_interval_over_speed) {
    Pace pace(start, 60, seconds(1));
    EXPECT_TRUE(pace.due(start));
    Time now = start;
    int rounds = 0;
    for (; now < start + seconds(10); now = now + milliseconds(1)) {
        while (pace.due(now)) {
            pace.done(now);
            ++rounds;
        }
    }
    EXPECT_EQ(rounds, 600);
}

TEST(PaceTest, waits_until_the_next_round) {
    Pace pace(start, 1, seconds(5));
    pace.done(start);
    EXPECT_FALSE(pace.due(start + seconds(4)));
    EXPECT_EQ(pace.wait(start + seconds(4)), seconds(1));
    EXPECT_TRUE(pace.due(start + seconds(5)));
}

TEST(PaceTest, does_not_race_after_a_long_stop) {
    Pace pace(start, 1, seconds(1));
    pace.done(start);
    const Time later = start + seconds(3600);
    pace.done(later);
    EXPECT_EQ(pace.wait(later), seconds(0));
    pace.done(later);
    EXPECT_EQ(pace.wait(later), seconds(1));
}

TEST(PaceTest, without_a_limit_a_round_is_always_due) {
    Pace pace(start, 0, seconds(1));
    pace.done(start);
    EXPECT_TRUE(pace.unlimited());
    EXPECT_TRUE(pace.due(start));
}

TEST(BackoffTest, doubles_to_a_quarter_of_a_minute) {
    Random random(1);
    Backoff backoff;
    EXPECT_LE(backoff.next(random), milliseconds(500));
    EXPECT_GT(backoff.next(random), milliseconds(700));
    Duration last{};
    for (int i = 0; i < 20; ++i)
        last = backoff.next(random);
    EXPECT_LE(last, seconds(15));
    EXPECT_GE(last, seconds(11));
    backoff.reset();
    EXPECT_LE(backoff.next(random), milliseconds(500));
}

TEST(BrokerAddressTest, reads_urls_and_plain_hosts) {
    const auto check = [](const char* text, const char* host, uint16_t port) {
        const auto address = parse_broker(text);
        ASSERT_TRUE(address) << text;
        EXPECT_EQ(address->host, host);
        EXPECT_EQ(address->port, port);
    };
    check("mqtt://127.0.0.1:1884", "127.0.0.1", 1884);
    check("mqtt://broker", "broker", 1883);
    check("mqtt://broker/", "broker", 1883);
    check("broker:2000", "broker", 2000);
    check("mqtt://[::1]:1885", "::1", 1885);
}

TEST(BrokerAddressTest, refuses_with_the_remedy) {
    for (const char* text : {"", "mqtt://", "http://x", "x:0", "x:70000", "x:1a", "[::1", "a/b",
                             "user@host", "mqtt://[::1]x", "mqtts://x"}) {
        const auto address = parse_broker(text);
        ASSERT_FALSE(address) << text;
        EXPECT_NE(address.error().text().find("mqtt://127.0.0.1:1883"), std::string::npos);
    }
}

}  // namespace
}  // namespace hw::sim

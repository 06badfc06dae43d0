#include "broker/route_cache.h"

#include <gtest/gtest.h>

#include "base/random.h"
#include "broker/topic.h"

namespace hw::broker {
namespace {

TEST(RouteCache, finds_again_what_it_made) {
    RouteCache cache({10'000, 10'000});
    for (int i = 0; i < 5000; ++i)
        cache.get("t/" + std::to_string(i)).plan = static_cast<uint64_t>(i);
    EXPECT_EQ(cache.size(), 5000u);
    for (int i = 0; i < 5000; ++i)
        ASSERT_EQ(cache.get("t/" + std::to_string(i)).plan, static_cast<uint64_t>(i));
}

TEST(RouteCache, stays_within_its_limits_and_right) {
    RouteCache cache({100, 1000});
    Random random(3);
    for (int i = 0; i < 50'000; ++i) {
        const std::string topic = std::to_string(random.below(300));
        Route& route = cache.get(topic);
        ASSERT_EQ(route.topic, topic);
        if (route.stamp == 0) {
            route.stamp = 1;
            route.deliveries.resize(random.below(50));
            cache.resolved(route, 0);
        }
        ASSERT_LE(cache.size(), 100u);
        ASSERT_LE(cache.deliveries(), 1050u);
    }
}

std::string random_path(Random& random, bool filter) {
    std::string path;
    const size_t levels = 1 + random.below(4);
    for (size_t i = 0; i < levels; ++i) {
        if (i != 0) path += '/';
        const uint64_t pick = random.below(filter ? 6 : 4);
        path += pick < 4 ? std::string(1, static_cast<char>('a' + pick)) : pick == 4 ? "+" : "b";
        if (filter && random.chance(0.2)) return path + "/#";
    }
    return path;
}

TEST(Interest, a_change_moves_the_stamp_of_every_topic_it_matches) {
    Random random(11);
    Interest interest;
    for (int i = 0; i < 20'000; ++i) {
        const std::string filter = random_path(random, true);
        const std::string topic = random_path(random, false);
        const Interest::Place place = Interest::place(topic);
        const uint64_t before = interest.stamp(place);
        interest.changed(filter);
        if (matches(filter, topic)) {
            ASSERT_NE(interest.stamp(place), before) << filter << topic;
        }
    }
}

TEST(Interest, leaves_other_devices_alone) {
    Interest interest;
    const Interest::Place place = Interest::place("plant/pump1/flow");
    const uint64_t before = interest.stamp(place);
    interest.changed("plant/pump2/#");
    interest.changed("works/#");
    EXPECT_EQ(interest.stamp(place), before);
    interest.changed("plant/#");
    EXPECT_NE(interest.stamp(place), before);
}

}  // namespace
}  // namespace hw::broker

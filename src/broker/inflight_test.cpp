#include "broker/inflight.h"

#include <gtest/gtest.h>

#include <deque>

#include "base/random.h"

namespace hw::broker {
namespace {

TEST(Inflight, gives_ids_in_sequence_and_wraps) {
    Inflight inflight;
    uint32_t last = 0;
    for (int i = 0; i < 140'000; ++i) {
        const uint16_t id = inflight.add({});
        EXPECT_NE(id, 0);
        EXPECT_EQ(id, last % 65'535 + 1);
        last = id;
        inflight.finish(id);
    }
    EXPECT_TRUE(inflight.empty());
}

TEST(Inflight, holds_the_window) {
    Inflight inflight;
    EXPECT_TRUE(inflight.has_room(2));
    const uint16_t a = inflight.add({});
    const uint16_t b = inflight.add({});
    EXPECT_FALSE(inflight.has_room(2));
    inflight.finish(b);
    EXPECT_TRUE(inflight.has_room(2));
    EXPECT_EQ(inflight.find(b), nullptr);
    EXPECT_NE(inflight.find(a), nullptr);
    EXPECT_EQ(inflight.find(0), nullptr);
    EXPECT_EQ(inflight.find(77), nullptr);
}

TEST(Inflight, sends_again_in_order_within_the_window) {
    Inflight inflight;
    for (int i = 0; i < 5; ++i)
        inflight.add({});
    inflight.finish(2);
    inflight.restart();
    EXPECT_FALSE(inflight.has_room(100));
    uint16_t id = 0;
    ASSERT_NE(inflight.next_resend(2, id), nullptr);
    EXPECT_EQ(id, 1);
    ASSERT_NE(inflight.next_resend(2, id), nullptr);
    EXPECT_EQ(id, 3);
    EXPECT_EQ(inflight.next_resend(2, id), nullptr);
    inflight.finish(1);
    inflight.finish(5);  // not sent again yet, finished by a late answer
    ASSERT_NE(inflight.next_resend(2, id), nullptr);
    EXPECT_EQ(id, 4);
    inflight.finish(3);
    inflight.finish(4);
    EXPECT_EQ(inflight.next_resend(2, id), nullptr);
    EXPECT_TRUE(inflight.empty());
    EXPECT_TRUE(inflight.has_room(1));
}

TEST(Inflight, agrees_with_a_plain_list) {
    for (uint64_t seed = 1; seed <= 50; ++seed) {
        Random random(seed);
        Inflight inflight;
        std::deque<uint16_t> model;
        for (int i = 0; i < 3000; ++i) {
            if (random.chance(0.5) && inflight.has_room(300)) {
                model.push_back(inflight.add({}));
            } else if (!model.empty()) {
                const size_t at = random.below(model.size());
                ASSERT_NE(inflight.find(model[at]), nullptr);
                inflight.finish(model[at]);
                model.erase(model.begin() + static_cast<long>(at));
            }
            ASSERT_EQ(inflight.unfinished(), model.size());
        }
    }
}

}  // namespace
}  // namespace hw::broker

#include "broker/packet_id_set.h"

#include <gtest/gtest.h>

#include <set>

#include "base/random.h"

namespace hw::broker {
namespace {

TEST(PacketIdSet, agrees_with_a_set) {
    Random random(7);
    PacketIdSet ids;
    std::set<uint16_t> model;
    for (int i = 0; i < 20'000; ++i) {
        const auto id = static_cast<uint16_t>(random.below(i % 2 == 0 ? 65'536 : 100));
        ASSERT_EQ(ids.contains(id), model.contains(id));
        if (random.chance(0.5))
            ASSERT_EQ(ids.insert(id), model.insert(id).second);
        else
            ASSERT_EQ(ids.erase(id), model.erase(id) == 1);
        ASSERT_EQ(ids.size(), model.size());
    }
    ids.clear();
    EXPECT_EQ(ids.size(), 0u);
    EXPECT_FALSE(ids.contains(5));
}

}  // namespace
}  // namespace hw::broker

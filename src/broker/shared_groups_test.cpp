#include "broker/shared_groups.h"

#include <gtest/gtest.h>

#include <map>

namespace hw::broker {
namespace {

TEST(SharedGroups, take_turns_and_end_with_the_last_member) {
    TopicIndex index;
    SharedGroups groups(index);
    Subscription a, b, c;
    for (Subscription* s : {&a, &b, &c}) {
        s->filter = "$share/g/x/+";
        groups.join(*s);
    }
    EXPECT_EQ(index.size(), 1u);
    std::vector<IndexEntry*> out;
    index.match("x/1", out);
    ASSERT_EQ(out.size(), 1u);
    auto& group = static_cast<SharedGroup&>(*out[0]);
    EXPECT_EQ(groups.find(group.serial), &group);
    std::map<Subscription*, int> turns;
    for (int i = 0; i < 9; ++i)
        ++turns[SharedGroups::pick(group, [](Subscription&) { return Readiness::ready; })];
    EXPECT_EQ(turns[&a], 3);
    EXPECT_EQ(turns[&b], 3);
    EXPECT_EQ(turns[&c], 3);
    const auto only_b = [&](Subscription& s) {
        return &s == &b ? Readiness::offline : Readiness::unable;
    };
    EXPECT_EQ(SharedGroups::pick(group, only_b), &b);
    const auto none = [](Subscription&) { return Readiness::unable; };
    EXPECT_EQ(SharedGroups::pick(group, none), nullptr);
    for (Subscription* s : {&a, &b, &c})
        groups.leave(*s);
    EXPECT_EQ(index.size(), 0u);
    EXPECT_EQ(groups.size(), 0u);
}

}  // namespace
}  // namespace hw::broker

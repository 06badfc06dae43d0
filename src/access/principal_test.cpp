#include "access/principal.h"

#include <gtest/gtest.h>

#include <vector>

#include "model/point_path.h"

namespace hw::access {
namespace {

Principal user(Role role, std::string scope = "#") {
    return {Principal::Kind::user, "anna", role, std::move(scope), false};
}

TEST(Principal, RolesHoldEachOther) {
    EXPECT_TRUE(user(Role::viewer).may(Verb::read));
    EXPECT_FALSE(user(Role::viewer).may(Verb::write));
    EXPECT_TRUE(user(Role::operating).may(Verb::write));
    EXPECT_FALSE(user(Role::operating).may(Verb::configure));
    EXPECT_TRUE(user(Role::engineer).may(Verb::configure));
    EXPECT_FALSE(user(Role::engineer).may(Verb::administer));
    EXPECT_TRUE(user(Role::administrator).may(Verb::administer));
    EXPECT_FALSE(Principal().may(Verb::read));
    auto fresh = user(Role::administrator);
    fresh.must_change = true;
    EXPECT_FALSE(fresh.may(Verb::read));
    for (const auto* name : {"viewer", "operator", "engineer", "administrator"})
        EXPECT_EQ(to_string(*parse_role(name)), name);
    EXPECT_FALSE(parse_role("root"));
}

TEST(Principal, AScopeBoundsPathsAndFilters) {
    const auto one = user(Role::operating, "works/north/#");
    EXPECT_TRUE(one.may(Verb::write, "works/north/p1/on"));
    EXPECT_FALSE(one.may(Verb::read, "works/south/p1/on"));
    EXPECT_FALSE(one.may(Verb::configure, "works/north/p1/on"));
    EXPECT_TRUE(one.may_filter(Verb::read, "works/north/+/on"));
    EXPECT_FALSE(one.may_filter(Verb::read, "works/+/p1/on"));
    EXPECT_FALSE(one.may_filter(Verb::read, "#"));
    // All of it is all of it: topics of the broker's own too.
    EXPECT_TRUE(user(Role::viewer).may_filter(Verb::read, "$SYS/#"));
    EXPECT_FALSE(user(Role::viewer, "+/#").may_filter(Verb::read, "$SYS/#"));
}

const std::vector<const char*> filters = {
    "#",     "+",       "a",   "a/#",  "a/+", "a/b", "+/b",    "+/#",    "a/+/c", "+/+/#",
    "a/b/#", "a/b/c/#", "b/#", "a//#", "/+",  "/#",  "$SYS/#", "$SYS/+", "+/b/c"};
const std::vector<const char*> topics = {"a",     "b",   "a/b",   "a/c",     "a/b/c",
                                         "a/x/c", "b/b", "b/b/c", "a/b/c/d", "$SYS/up",
                                         "a/",    "/a",  "a//b",  "$SYS",    "x/y/z"};

TEST(Filters, TheCommonOneMatchesWhatBothMatch) {
    for (const auto* one : filters)
        for (const auto* other : filters) {
            const auto common = common_filter(one, other);
            if (common) {
                EXPECT_TRUE(model::check_filter(*common)) << *common;
            }
            for (const auto* topic : topics) {
                const bool both = model::matches(one, topic) && model::matches(other, topic);
                EXPECT_EQ(common && model::matches(*common, topic), both)
                    << one << " and " << other << " at " << topic;
            }
        }
}

TEST(Filters, CoveringIsMatchingAllOfIt) {
    for (const auto* outer : filters)
        for (const auto* inner : filters) {
            if (!covers(outer, inner)) continue;
            for (const auto* topic : topics)
                if (model::matches(inner, topic)) {
                    EXPECT_TRUE(model::matches(outer, topic)) << outer << " " << inner << topic;
                }
        }
    EXPECT_TRUE(covers("a/#", "a"));
    EXPECT_TRUE(covers("a/+/#", "a/b/#"));
    EXPECT_FALSE(covers("a/b", "a/+"));
    EXPECT_FALSE(covers("a/+", "a/#"));
}

TEST(Grant, EndsByIdlenessByAgeAndByHand) {
    const Time start{1'000'000'000'000};
    Grant grant(user(Role::viewer), {start + seconds(100), seconds(10)}, start);
    EXPECT_TRUE(grant.good(start + seconds(9)));
    EXPECT_FALSE(grant.good(start + seconds(10)));
    grant.touch(start + seconds(95));
    EXPECT_TRUE(grant.good(start + seconds(99)));
    EXPECT_FALSE(grant.good(start + seconds(100)));
    Grant lasting(user(Role::viewer), {}, {});
    EXPECT_TRUE(lasting.good(start));
    lasting.end();
    EXPECT_FALSE(lasting.good(start));
}

}  // namespace
}  // namespace hw::access

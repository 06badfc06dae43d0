#include "scenario/fork.h"

#include <gtest/gtest.h>

#include "scenario/test_site.h"

namespace hw::scenario {
namespace {

using sql::Datum;

const Time start{seconds(1'772'409'600).ns};

TEST(Fork, ReadsFallThroughAndWritesStayInTheFork) {
    const TestSite site(1, 1, 1);
    const Fork base = site.fork(start);
    Fork one = base;
    ASSERT_TRUE(one.set(
        {.twin = "w/intake/header", .path = "flow_setpoint", .value = Datum::integer(200)}));
    Fork two = one;
    ASSERT_TRUE(
        two.set({.twin = "w/intake/header", .path = "flow_setpoint", .value = Datum::real(150)}));
    EXPECT_TRUE(base.read("w/intake/header", "flow_setpoint").value.is_null());
    EXPECT_EQ(one.read("w/intake/header", "flow_setpoint").value, Datum::real(200));
    EXPECT_EQ(two.read("w/intake/header", "flow_setpoint").value, Datum::real(150));
    EXPECT_EQ(two.read("w/tower", "mostLevel").value, Datum::real(6));
    EXPECT_EQ(&one.base(), &base.base());  // the twins are shared
    EXPECT_EQ(&two.base(), &base.base());
    EXPECT_FALSE(two.without_overrides().overridden());
    EXPECT_TRUE(two.overridden());
    EXPECT_EQ(one.read("w/intake/header", "flow_setpoint").quality,
              model::Quality::good_local_override);
}

TEST(Fork, AValueHoldsForItsSpan) {
    const TestSite site(1, 1, 1);
    Fork fork = site.fork(start);
    ASSERT_TRUE(fork.set({.twin = "w/tower", .path = "mostLevel", .value = Datum::real(5)}));
    ASSERT_TRUE(fork.set({.twin = "w/tower",
                          .path = "mostLevel",
                          .value = Datum::real(3),
                          .from = {true, seconds(3600).ns},
                          .to = {true, seconds(7200).ns}}));
    const auto at = [&](int64_t s) {
        return fork.read("w/tower", "mostLevel", start + seconds(s)).value.as_number();
    };
    EXPECT_EQ(at(0), 5);
    EXPECT_EQ(at(3600), 3);
    EXPECT_EQ(at(7199), 3);
    EXPECT_EQ(at(7200), 5);
    EXPECT_EQ(fork.spans("w/tower", "mostLevel").size(), 2U);
    EXPECT_EQ(fork.overridden_keys().size(), 1U);
}

TEST(Fork, RefusesWhatTheModelRefuses) {
    const TestSite site(1, 1, 1);
    Fork fork = site.fork(start);
    const auto none = fork.set({.twin = "w/towr", .path = "level", .value = Datum::real(1)});
    ASSERT_FALSE(none);
    EXPECT_EQ(none.error().code(), ErrorCode::not_found);
    EXPECT_NE(none.error().text().find("'w/tower'"), std::string::npos);
    const auto text = fork.set({.twin = "w/tower", .path = "level", .value = Datum::text("high")});
    ASSERT_FALSE(text);
    EXPECT_EQ(text.error().code(), ErrorCode::invalid_argument);
    EXPECT_FALSE(fork.set({.twin = "w/tower",
                           .path = "level",
                           .value = Datum::real(1),
                           .from = {false, (start + seconds(60)).ns},
                           .to = {false, start.ns}}));
    EXPECT_FALSE(fork.overridden());
    // An input that is no slot belongs to a model.
    EXPECT_TRUE(fork.set({.twin = "w/town", .path = "demand_factor", .value = Datum::real(1.2)}));
}

TEST(Fork, FindsTwinsByModelAndRelationship) {
    const TestSite site(2, 3, 4);
    const Fork fork = site.fork(start);
    EXPECT_EQ(fork.of_model("dtmi:headworks:water:Pump;1").size(), 5U);
    EXPECT_EQ(fork.of_model("dtmi:headworks:water:RapidFilter;1").size(), 4U);
    EXPECT_EQ(fork.hop("w/lift", "pumps").size(), 3U);
    const auto up = fork.hop("w/lift/pump1", "pumps", true);
    ASSERT_EQ(up.size(), 1U);
    EXPECT_EQ(up[0]->id, "w/lift");
    EXPECT_EQ(fork.find("w/nothing"), nullptr);
}

}  // namespace
}  // namespace hw::scenario

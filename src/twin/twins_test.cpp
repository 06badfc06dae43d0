#include "twin/twins.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "twin/test_support.h"

namespace hw::twin {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

// Notes what a follower hears.
class Ear final : public Follower {
  public:
    uint32_t interest(const TwinName&, const Interface&, size_t) override { return wanted; }
    void changed(uint32_t, const TwinName& twin, size_t slot, const LiveValue& value) override {
        heard.push_back(twin.id + " " + std::to_string(slot) + " " + sql::to_json(value.value));
    }
    void happened(const Happening& happening) override {
        happenings.push_back(std::string(to_string(happening.kind)) + " " +
                             (happening.twin ? happening.twin->id : "") + " " +
                             std::string(happening.path) + " " + std::string(happening.detail));
    }
    void round_end() override { ++rounds; }

    uint32_t wanted = 1;
    std::vector<std::string> heard, happenings;
    size_t rounds = 0;
};

TEST(Twins, FollowTheirPointsAndDerive) {
    TestHouse house;
    house.open();
    house.put_models();
    ASSERT_TRUE(house.put("w/p1", "Pump"));
    ASSERT_TRUE(house.put("w/p2", "Pump"));
    ASSERT_TRUE(house.put("w", "Works"));
    ASSERT_TRUE(house.relate("w", "pumps", "w/p1"));
    ASSERT_TRUE(house.relate("w", "pumps", "w/p2"));
    EXPECT_TRUE(house.value("w/p1", "flow").is_null());
    house.sample("w/p1/flow", 2);  // points that were not there when the twins were made
    house.sample("w/p2/flow", 3);
    house.sample("w/p1/head", 10);
    house.sample("w/p1/drive/speed", 7);
    EXPECT_EQ(house.value("w/p1", "flow"), real(2));
    EXPECT_EQ(house.value("w/p1", "drive/speed"), real(7));
    EXPECT_EQ(house.value("w/p1", "power"), real(2 * 10 * 9.81));
    EXPECT_EQ(house.value("w", "total"), real(5));
    EXPECT_EQ(house.value("w", "double"), real(10));
    EXPECT_EQ(house.value("w", "count"), integer(2));
    EXPECT_EQ(house.live("w", "total").quality, model::Quality::good);
    EXPECT_EQ(house.live("w", "total").time, house.clock.now());
    EXPECT_EQ(house.live("w", "total").origin, Origin::derived);
    house.sample("w/p1/flow", 100, seconds(-1));
    EXPECT_EQ(house.value("w", "total"), real(5)) << "an older sample changes nothing";
    ASSERT_TRUE(house.twins->remove_relationship("w", "pumps", "w/p2", house.change));
    EXPECT_EQ(house.value("w", "total"), real(2));
    EXPECT_EQ(house.twins->point("w/p1", "flow").value(), "w/p1/flow");
    EXPECT_EQ(house.twins->point("w/p1", "mode").value(), "w/p1/mode") << "is awaited";
    EXPECT_EQ(house.twins->point("w/p1", "serial").value(), "");
}

TEST(Twins, AreTheSameAfterReopening) {
    TestHouse house;
    house.open();
    house.put_models();
    ASSERT_TRUE(house.put("w/p1", "Pump", R"({"serial":"A7","drive":{"rated":1450}})"));
    ASSERT_TRUE(house.put("w", "Works"));
    ASSERT_TRUE(house.relate("w", "pumps", "w/p1"));
    ASSERT_TRUE(house.put("gone", "Works"));
    ASSERT_TRUE(house.twins->remove("gone", false, house.change));
    house.sample("w/p1/flow", 2);
    house.sample("w/p1/running", 1);
    const auto before = house.twins->snapshot({});
    house.close();
    house.open();
    const auto after = house.twins->snapshot({});
    ASSERT_EQ(before->twins.size(), 2);
    EXPECT_TRUE(diff(*before, *after).empty());
    EXPECT_EQ(after->find("w/p1")->updated_by, "ann");
    EXPECT_EQ(house.value("w/p1", "serial"), sql::Datum::text("A7"));
    EXPECT_EQ(house.value("w/p1", "drive/rated"), real(1450));
    EXPECT_EQ(house.value("w/p1", "running"), sql::Datum::boolean(true));
    EXPECT_EQ(house.value("w", "total"), real(2));
    const auto again = house.put("gone", "Works");
    ASSERT_TRUE(again);
    EXPECT_EQ(again->revision, 2) << "a twin that comes again goes on counting";
}

TEST(Twins, TellFollowersWhatChanges) {
    TestHouse house;
    Ear ear;
    house.open({&ear});
    house.put_models();
    ASSERT_TRUE(house.put("p", "Pump"));
    ASSERT_TRUE(house.put("w", "Works"));
    ASSERT_TRUE(house.relate("w", "pumps", "p"));
    EXPECT_THAT(ear.happenings, ElementsAre("twin_created p  ", "twin_created w  ",
                                            "relationship_added w pumps p"));
    ear.heard.clear();
    house.sample("p/flow", 4);
    house.twins->sync();
    const auto slot = [&](std::string_view model, std::string_view path) {
        return std::to_string(*house.twins->models()->find(model)->slot(path));
    };
    EXPECT_THAT(ear.heard, testing::Contains("p " + slot("dtmi:test:Pump;1", "flow") + " 4.0"));
    EXPECT_THAT(ear.heard, testing::Contains("w " + slot("dtmi:test:Works;1", "total") + " 4.0"));
    ear.heard.clear();
    ear.wanted = 0;
    house.twins->ask_again();
    house.sample("p/flow", 5, seconds(1));
    house.twins->sync();
    EXPECT_TRUE(ear.heard.empty());
    EXPECT_GT(ear.rounds, 0);
}

}  // namespace
}  // namespace hw::twin

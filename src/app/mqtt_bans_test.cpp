#include "app/mqtt_bans.h"

#include <gtest/gtest.h>

namespace hw::app {
namespace {

using api::Ban;
using api::BanKind;

class MqttBansTest : public testing::Test {
  protected:
    MqttBansTest()
        : database_(*catalog::Database::open(":memory:")),
          bans_(*MqttBans::open(*database_, clock_)) {}

    bool banned(std::string_view client, std::string_view user = "",
                std::string_view peer = "10.1.2.3:5000") {
        return bans_->banned({client, user, {}, peer});
    }
    void put(BanKind kind, std::string value, std::optional<Time> until = {}) {
        ASSERT_TRUE(bans_->put({kind, std::move(value), until, "why", "who", clock_.now()}));
    }

    ManualClock clock_{Time{1'700'000'000'000'000'000}};
    std::unique_ptr<catalog::Database> database_;
    std::unique_ptr<MqttBans> bans_;
};

TEST_F(MqttBansTest, HoldForIdsNamesAndNetworks) {
    EXPECT_FALSE(banned("a", "u"));
    put(BanKind::client, "a");
    put(BanKind::user, "u");
    put(BanKind::address, "10.1.77.1/16");
    EXPECT_TRUE(banned("a", "", "1.1.1.1:1"));
    EXPECT_TRUE(banned("b", "u", "1.1.1.1:1"));
    EXPECT_TRUE(banned("b", "v"));
    EXPECT_FALSE(banned("b", "v", "10.2.2.3:5000"));
    EXPECT_FALSE(banned("u", "a", "[fd00::1]:5000"));
    EXPECT_EQ(bans_->list().at(2).value, "10.1.0.0/16");
    EXPECT_FALSE(bans_->put({BanKind::address, "nowhere"}));
    EXPECT_TRUE(*bans_->remove(BanKind::address, "10.1.0.0/16"));
    EXPECT_FALSE(*bans_->remove(BanKind::address, "10.1.0.0/16"));
    EXPECT_FALSE(*bans_->remove(BanKind::address, "nowhere"));
    EXPECT_FALSE(banned("b", "v"));
}

TEST_F(MqttBansTest, NetworksOfAllLengthsAreFound) {
    for (const auto* network : {"10.1.0.0/16", "10.1.2.0/24", "10.1.2.3", "192.168.0.0/29",
                                "fd00:1::/32", "fd00:1:2::/48"})
        put(BanKind::address, network);
    EXPECT_TRUE(banned("a", "", "192.168.0.7:1"));
    EXPECT_FALSE(banned("a", "", "192.168.0.8:1"));
    EXPECT_TRUE(banned("a", "", "[fd00:1:9::1]:1"));
    EXPECT_FALSE(banned("a", "", "[fd00:2::1]:1"));
    // One within another goes by itself.
    EXPECT_TRUE(*bans_->remove(BanKind::address, "10.1.2.0/24"));
    EXPECT_TRUE(banned("a"));
    EXPECT_TRUE(*bans_->remove(BanKind::address, "10.1.0.0/16"));
    EXPECT_TRUE(banned("a"));
    EXPECT_FALSE(banned("a", "", "10.1.2.4:1"));
    EXPECT_TRUE(*bans_->remove(BanKind::address, "10.1.2.3"));
    EXPECT_FALSE(banned("a"));
    put(BanKind::address, "0.0.0.0/0");
    EXPECT_TRUE(banned("a"));
    EXPECT_FALSE(banned("a", "", "[fd00:2::1]:1"));
}

TEST_F(MqttBansTest, EndByThemselves) {
    put(BanKind::client, "a", clock_.now() + seconds(10));
    put(BanKind::address, "10.1.2.3", clock_.now() + seconds(10));
    EXPECT_TRUE(banned("a"));
    clock_.advance(seconds(10));
    EXPECT_FALSE(banned("a"));
    EXPECT_TRUE(bans_->list().empty());
    // Replaced by one that does not end.
    put(BanKind::client, "a");
    EXPECT_TRUE(banned("a"));
    EXPECT_FALSE(bans_->list().at(0).until);
}

TEST_F(MqttBansTest, OutliveTheServer) {
    put(BanKind::client, "a", clock_.now() + seconds(10));
    put(BanKind::user, "u");
    auto again = *MqttBans::open(*database_, clock_);
    ASSERT_EQ(again->list().size(), 2u);
    EXPECT_EQ(again->list()[0].until, clock_.now() + seconds(10));
    EXPECT_EQ(again->list()[1].reason, "why");
    EXPECT_TRUE(again->holds("x", "u", ""));
}

TEST_F(MqttBansTest, AreAskedBeforeTheGate) {
    struct Closed final : broker::Gate {
        mqtt::Reason connect(const broker::Visitor&) override {
            return mqtt::Reason::not_authorized;
        }
        bool may_publish(std::string_view, std::string_view topic) override { return topic == "p"; }
        bool may_subscribe(std::string_view, std::string_view filter) override {
            return filter == "s";
        }
    } inner;
    BanGate gate(*bans_, inner);
    put(BanKind::client, "a");
    EXPECT_EQ(gate.connect({"a", "", {}, ""}), mqtt::Reason::banned);
    EXPECT_EQ(gate.connect({"b", "", {}, ""}), mqtt::Reason::not_authorized);
    EXPECT_TRUE(gate.may_publish("a", "p"));
    EXPECT_FALSE(gate.may_publish("a", "s"));
    EXPECT_TRUE(gate.may_subscribe("a", "s"));
    EXPECT_FALSE(gate.may_subscribe("a", "p"));
}

}  // namespace
}  // namespace hw::app

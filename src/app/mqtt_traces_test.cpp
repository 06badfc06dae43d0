#include "app/mqtt_traces.h"

#include <gtest/gtest.h>

#include "broker/probe.h"

namespace hw::app {
namespace {

using api::TraceKind;
using broker::bit;
using broker::Event;
using broker::probe::Bench;
using broker::probe::Client;
using mqtt::Version;

// Somebody else who follows messages of "seen/#" and pings.
class Other final : public broker::Observer {
  public:
    const std::atomic<uint64_t>& stamp() const override { return version; }
    uint64_t interest(std::string_view topic) override {
        return topic.starts_with("seen/") ? 5 : 0;
    }
    void message(uint64_t interest, const broker::Seen&) override {
        EXPECT_EQ(interest, 5u);
        ++messages;
    }
    uint32_t events() override { return bit(Event::ping) | bit(Event::connected); }
    void event(const broker::Happening& happening) override {
        EXPECT_TRUE(happening.event == Event::ping || happening.event == Event::connected);
        ++happenings;
    }
    void round_end() override { ++rounds; }

    std::atomic<uint64_t> version{1};
    int messages = 0, happenings = 0, rounds = 0;
};

class MqttTracesTest : public testing::Test {
  protected:
    MqttTracesTest() { bench_.broker->set_observer(traces_); }

    void begin(std::string name, TraceKind kind, std::string value, Duration length = seconds(60)) {
        ASSERT_TRUE(traces_.begin(
            {std::move(name), kind, std::move(value), bench_.clock.now() + length, "who"}));
    }
    std::string events(std::string_view name) {
        std::string out;
        const auto records = traces_.records(name, {}, 1'000);
        for (const auto& record : *records)
            out.append(out.empty() ? "" : " ").append(record.event);
        return out;
    }

    Other other_;
    Bench bench_;
    MqttTraces traces_{&other_, [this] { other_.version.fetch_add(1); }, bench_.clock};
};

TEST_F(MqttTracesTest, LeaveTheOtherObserverAsItIs) {
    Client a(bench_, Version::v5);
    a.connect({.id = "a"});
    EXPECT_EQ(traces_.events(), other_.events());
    EXPECT_EQ(traces_.interest("x"), 0u);
    a.publish("seen/1", "v");
    a.publish("x", "v");
    EXPECT_EQ(other_.messages, 1);
    begin("t", TraceKind::topic, "seen/#");
    a.publish("seen/1", "v");
    a.publish("x", "v");
    EXPECT_EQ(other_.messages, 2);
    EXPECT_EQ(other_.happenings, 1);  // one connect
    EXPECT_GT(other_.rounds, 0);
    EXPECT_EQ(events("t"), "published");  // the other took it
}

TEST_F(MqttTracesTest, FollowAClient) {
    begin("t", TraceKind::client, "b");
    Client a(bench_, Version::v5);
    a.connect({.id = "a"});
    Client b(bench_, Version::v5);
    b.connect({.id = "b"});
    b.subscribe("t/#");
    a.publish("t/1", std::string(2'000, 'x'));
    b.publish("u", "w", 0, 0, true);
    b.disconnect();
    EXPECT_EQ(events("t"), "connected subscribed delivered published dropped disconnected");
    const auto records = *traces_.records("t", {}, 100);
    EXPECT_EQ(records[2].payload.size(), MqttTraces::payload_limit);
    EXPECT_EQ(records[2].payload_bytes, 2'000u);
    EXPECT_EQ(records[2].from_client_id, "a");
    EXPECT_TRUE(records[3].retain);
    EXPECT_EQ(records[5].reason, "normal");
    EXPECT_EQ(traces_.records("t", records[1].number, 2)->size(), 2u);
    EXPECT_EQ(traces_.records("t", {}, 2)->front().number, records[4].number);
}

TEST_F(MqttTracesTest, FollowTopicsAndSubscriptionsToThem) {
    begin("t", TraceKind::topic, "works/+/flow");
    Client a(bench_, Version::v5);
    a.connect({.id = "a"});
    a.subscribe("works/+/flow");
    a.subscribe("works/#");  // wider
    a.subscribe("works/1/flow");
    a.publish("works/1/flow", "v");
    a.publish("works/1/level", "v");
    EXPECT_EQ(events("t"), "subscribed subscribed published delivered");
}

TEST_F(MqttTracesTest, EndAndCostNothingMore) {
    begin("t", TraceKind::client, "a", seconds(10));
    Client a(bench_, Version::v5);
    a.connect({.id = "a"});
    a.publish("x", "v");
    EXPECT_NE(traces_.interest("x"), 0u);
    bench_.clock.advance(seconds(10));
    traces_.tick();
    EXPECT_EQ(traces_.interest("x"), 0u);
    EXPECT_EQ(traces_.events(), other_.events());
    a.publish("x", "v");
    EXPECT_FALSE(traces_.find("t")->running);
    EXPECT_EQ(traces_.find("t")->records, 3u);  // connected published dropped
    EXPECT_TRUE(traces_.remove("t"));
    EXPECT_FALSE(traces_.remove("t"));
    EXPECT_FALSE(traces_.stop("t"));
    EXPECT_FALSE(traces_.records("t", {}, 1));
}

TEST_F(MqttTracesTest, KeepTheNewestWithinTheirLimit) {
    begin("t", TraceKind::topic, "#");
    Client a(bench_, Version::v5);
    a.connect({.id = "a"});
    const std::string payload(MqttTraces::payload_limit, 'x');
    for (int i = 0; i < 3'000; ++i)
        a.publish("x", payload);
    const auto view = *traces_.find("t");
    EXPECT_LE(view.bytes, MqttTraces::bytes_limit);
    EXPECT_LT(view.kept, view.records);
    EXPECT_EQ(traces_.records("t", {}, 1)->front().number, view.records);
    for (size_t i = 1; i < MqttTraces::traces_limit; ++i)
        begin(std::to_string(i), TraceKind::client, "c");
    EXPECT_EQ(traces_.begin({"more", TraceKind::client, "c", {}, ""}).error().code(),
              ErrorCode::limit_exceeded);
    EXPECT_EQ(traces_.begin({"t", TraceKind::client, "c", {}, ""}).error().code(),
              ErrorCode::conflict);
    EXPECT_FALSE(traces_.begin({"a", TraceKind::address, "nowhere", {}, ""}));
    EXPECT_EQ(traces_.list().size(), MqttTraces::traces_limit);
}

}  // namespace
}  // namespace hw::app

// Messages for somebody within the process, and samples that go to subscribers only.

#include "broker/services.h"

#include <gtest/gtest.h>

#include "broker/probe.h"

namespace hw::broker {
namespace {

using mqtt::PropertyId;
using mqtt::Version;
using probe::Bench;
using probe::Client;

TEST(Services, get_messages_with_who_sent_them_and_where_to_answer) {
    Bench bench;
    std::vector<std::string> got;
    bench.broker->serve("orders/#", [&](const Arrived& message) {
        got.push_back(std::string(message.client_id) + "@" + std::string(message.peer) + " " +
                      std::string(message.topic) + "=" + std::string(as_text(message.payload)) +
                      " -> " + std::string(message.response_topic) + "/" +
                      std::string(as_text(message.correlation_data)));
    });
    Client a(bench, Version::v5);
    a.connect({.id = "a"});
    a.read();
    Client b(bench, Version::v3_1_1);
    b.connect({.id = "b"});
    b.subscribe("orders/#");
    b.read();
    mqtt::PropertyList list;
    list.text(PropertyId::response_topic, "answers/a").text(PropertyId::correlation_data, "7");
    mqtt::Publish order{"orders/1", as_bytes("x"), mqtt::PacketId(1), mqtt::Qos::at_least_once};
    order.properties = list.view();
    a.publish(order);
    a.publish("other", "y", 0);
    const auto taken = bench.broker->publish({.topic = "orders/2", .payload = as_bytes("z")});
    EXPECT_TRUE(taken.has_value());
    bench.broker->round_end();
    EXPECT_EQ(got, (std::vector<std::string>{"a@probe:1 orders/1=x -> answers/a/7",
                                             "@ orders/2=z -> /"}));
    EXPECT_EQ(b.payloads().size(), 2u);  // subscribers get them all the same
    // Somebody took it, so the publisher is not told that nobody did.
    const auto acks = a.read();
    ASSERT_EQ(acks.size(), 1u);
    EXPECT_EQ(acks[0].reason, mqtt::Reason::success);
}

TEST(Announce, reaches_subscribers_and_is_not_kept_again) {
    Bench bench;
    EXPECT_FALSE(bench.broker->has_subscriptions());
    EXPECT_FALSE(bench.broker->wanted("kept/flow"));
    Client a(bench, Version::v5);
    a.connect({.id = "a"});
    a.subscribe("kept/+");
    a.read();
    EXPECT_TRUE(bench.broker->has_subscriptions());
    EXPECT_TRUE(bench.broker->wanted("kept/flow"));
    EXPECT_FALSE(bench.broker->wanted("other"));
    bench.broker->announce({.topic = "kept/flow", .payload = as_bytes("12.5")});
    bench.broker->announce({.topic = "other", .payload = as_bytes("1")});
    bench.broker->round_end();
    EXPECT_EQ(a.payloads(), std::vector<std::string>{"12.5"});
    EXPECT_TRUE(bench.keeper.kept.empty());
}

}  // namespace
}  // namespace hw::broker

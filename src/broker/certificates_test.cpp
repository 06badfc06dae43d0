#include "broker/certificates.h"

#include <gtest/gtest.h>

#include "broker/probe.h"

namespace hw::broker {
namespace {

using mqtt::Reason;
using mqtt::Version;
using probe::Bench;
using probe::Client;

Client connected(Bench& bench, std::string_view id) {
    Client client(bench, Version::v5);
    client.connect({.id = id});
    client.read();
    return client;
}

TEST(Certificates, births_are_kept_for_those_who_come_late) {
    Bench bench;
    Client edge = connected(bench, "edge"), early = connected(bench, "early");
    early.subscribe("$sparkplug/certificates/#");
    early.read();
    edge.publish("spBv1.0/G1/NBIRTH/E1", "first", 0);
    edge.publish("spBv1.0/G1/NBIRTH/E1", "node", 0);
    edge.publish("spBv1.0/G1/DBIRTH/E1/D1", "device", 0);
    edge.publish("spBv1.0/G1/DDATA/E1/D1", "data", 0);
    edge.publish("spBv1.0/G1/NBIRTH", "no topic of Sparkplug", 0);
    const auto live = early.read();
    ASSERT_EQ(live.size(), 3u);
    EXPECT_EQ(live[0].topic, "$sparkplug/certificates/spBv1.0/G1/NBIRTH/E1");
    EXPECT_EQ(live[0].payload, "first");
    Client late = connected(bench, "late");
    late.subscribe("$sparkplug/certificates/spBv1.0/#", 1);
    auto kept = late.read();
    std::erase_if(kept, [](const auto& packet) { return packet.topic.empty(); });
    std::ranges::sort(kept, {}, &probe::Packet::topic);
    ASSERT_EQ(kept.size(), 2u);
    EXPECT_EQ(kept[0].topic, "$sparkplug/certificates/spBv1.0/G1/DBIRTH/E1/D1");
    EXPECT_EQ(kept[0].payload, "device");
    EXPECT_EQ(kept[1].topic, "$sparkplug/certificates/spBv1.0/G1/NBIRTH/E1");
    EXPECT_EQ(kept[1].payload, "node");
    for (const auto& packet : kept) {
        EXPECT_TRUE(packet.retain);
        EXPECT_EQ(packet.qos, 0);
    }
}

TEST(Certificates, nobody_else_writes_them) {
    Bench bench;
    Client a = connected(bench, "a");
    a.publish("$sparkplug/certificates/spBv1.0/G1/NBIRTH/E1", "forged", 1, 1, true);
    const auto answer = a.read();
    ASSERT_EQ(answer.size(), 1u);
    EXPECT_EQ(answer[0].reason, Reason::not_authorized);
    EXPECT_EQ(bench.broker->totals().retained, 0u);
}

TEST(Certificates, none_where_they_are_not_wanted) {
    Settings settings = Bench::quiet();
    settings.sparkplug_aware = false;
    Bench bench(settings);
    Client a = connected(bench, "a");
    a.publish("spBv1.0/G1/NBIRTH/E1", "node", 0);
    EXPECT_EQ(bench.broker->totals().retained, 0u);
}

}  // namespace
}  // namespace hw::broker

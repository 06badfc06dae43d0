#include "broker/broker.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "broker/probe.h"

namespace hw::broker {
namespace {

using mqtt::PacketType;
using mqtt::PropertyId;
using mqtt::Reason;
using mqtt::Version;
using probe::Bench;
using probe::Client;
using probe::Packet;
using Payloads = std::vector<std::string>;

// What both versions have in common runs as both.
class BothVersions : public testing::TestWithParam<Version> {
  protected:
    Client client() { return Client(bench, GetParam()); }
    Client connected(std::string_view id, bool clean = true) {
        Client made = client();
        connect(made, id, clean);
        return made;
    }
    void connect(Client& made, std::string_view id, bool clean) {
        mqtt::PropertyList list;
        if (!clean && made.version == Version::v5)
            list.number(PropertyId::session_expiry_interval, 3600);
        made.connect({.id = id, .clean = clean, .properties = list.view()});
        const auto packets = made.read();
        ASSERT_FALSE(packets.empty());
        EXPECT_EQ(packets[0].type, PacketType::connack);
        EXPECT_EQ(packets[0].reason, Reason::success);
        present = packets[0].session_present;
        after_connack.assign(packets.begin() + 1, packets.end());
    }
    bool v5() const { return GetParam() == Version::v5; }

    Bench bench;
    bool present = false;
    std::vector<Packet> after_connack;
};

INSTANTIATE_TEST_SUITE_P(Mqtt, BothVersions, testing::Values(Version::v3_1_1, Version::v5),
                         [](const auto& each) {
                             return each.param == Version::v5 ? "v5" : "v3_1_1";
                         });

// Its client may hold on to a session of before a restart, whose subscriptions are gone.
TEST_P(BothVersions, a_session_that_its_client_may_not_know_of_is_not_present) {
    Client a = connected("a", false);
    a.lose();
    connect(a, "a", false);
    EXPECT_FALSE(present);
    a.publish("x", "1", 1, 1);
    a.lose();
    connect(a, "a", false);
    EXPECT_TRUE(present);
    EXPECT_EQ(bench.broker->totals().sessions, 1u);
}

TEST_P(BothVersions, passes_on_at_the_lower_qos) {
    Client a = connected("a"), b = connected("b");
    b.subscribe("x/+", 1);
    const auto suback = b.read();
    ASSERT_EQ(suback.size(), 1u);
    EXPECT_EQ(suback[0].reasons, "\1");
    a.publish("x/1", "zero");
    a.publish("x/1", "one", 1, 5);
    a.publish("x/1", "two", 2, 6);
    a.publish("y/1", "other");
    const auto got = b.read();
    ASSERT_EQ(got.size(), 3u);
    EXPECT_EQ(got[0].qos, 0);
    EXPECT_EQ(got[1].qos, 1);
    EXPECT_EQ(got[1].id, 1);
    EXPECT_EQ(got[2].qos, 1);
    EXPECT_EQ(got[2].id, 2);
    EXPECT_EQ(got[2].payload, "two");
    const auto acks = a.read();
    ASSERT_EQ(acks.size(), 2u);
    EXPECT_EQ(acks[0].type, PacketType::puback);
    EXPECT_EQ(acks[0].id, 5);
    EXPECT_EQ(acks[1].type, PacketType::pubrec);
}

TEST_P(BothVersions, qos_2_goes_through_once) {
    Client a = connected("a"), b = connected("b");
    b.subscribe("t", 2);
    b.read();
    a.publish("t", "m", 2, 7);
    a.publish("t", "m", 2, 7);  // the client repeats
    EXPECT_EQ(a.read().size(), 2u);
    a.ack(PacketType::pubrel, 7);
    EXPECT_EQ(a.read().at(0).type, PacketType::pubcomp);
    const auto got = b.read();
    ASSERT_EQ(got.size(), 1u);
    EXPECT_EQ(got[0].qos, 2);
    b.ack(PacketType::pubrec, got[0].id);
    EXPECT_EQ(b.read().at(0).type, PacketType::pubrel);
    b.ack(PacketType::pubcomp, got[0].id);
    EXPECT_TRUE(b.read().empty());
    EXPECT_EQ(bench.broker->clients({.after = "a", .limit = 1}).items.at(0).inflight, 0u);
    a.publish("t", "n", 2, 7);  // released, so the id is new
    EXPECT_EQ(b.payloads(), Payloads{"n"});
}

TEST_P(BothVersions, retained_messages_are_set_sent_and_cleared) {
    Client a = connected("a");
    a.publish("r/1", "v1", 1, 1, true);
    a.publish("r/1", "v2", 1, 2, true);
    a.publish("r/2", "w", 0, 0, true);
    Client b = connected("b");
    b.subscribe("r/1", 1);
    auto got = b.read();
    ASSERT_EQ(got.size(), 2u);
    EXPECT_EQ(got[1].payload, "v2");
    EXPECT_TRUE(got[1].retain);
    EXPECT_EQ(got[1].qos, 1);
    a.publish("r/1", "v3", 0, 0, true);
    got = b.read();
    ASSERT_EQ(got.size(), 1u);
    EXPECT_FALSE(got[0].retain);
    a.publish("r/1", "", 0, 0, true);
    EXPECT_EQ(b.payloads(), Payloads{""});
    Client c = connected("c");
    c.subscribe("r/#");
    EXPECT_EQ(c.payloads(), Payloads{"w"});
    EXPECT_EQ(bench.broker->retained({.filter = "#", .limit = 10}).items.size(), 1u);
}

TEST_P(BothVersions, an_absent_session_gets_its_messages_later) {
    Client a = connected("a"), b = connected("b", false);
    b.subscribe("t", 1);
    b.read();
    b.lose();
    for (int i = 0; i < 5; ++i)
        a.publish("t", std::to_string(i), i == 2 ? 0 : 1, static_cast<uint16_t>(i + 1));
    connect(b, "b", false);
    EXPECT_TRUE(present);
    ASSERT_EQ(after_connack.size(), 4u);
    EXPECT_EQ(after_connack[0].payload, "0");
    EXPECT_EQ(after_connack[3].payload, "4");
    EXPECT_FALSE(after_connack[0].dup);
    EXPECT_EQ(bench.broker->figures().dropped_offline, 1u);
    b.lose();
    connect(b, "b", true);
    EXPECT_FALSE(present);
    a.publish("t", "x", 1, 9);
    EXPECT_TRUE(b.read().empty());
}

TEST_P(BothVersions, what_was_not_acknowledged_is_sent_again) {
    Client a = connected("a"), b = connected("b", false);
    b.subscribe("t", 2);
    b.read();
    a.publish("t", "one", 1, 1);
    a.publish("t", "two", 2, 2);
    a.publish("t", "three", 2, 3);
    auto got = b.read();
    ASSERT_EQ(got.size(), 3u);
    b.ack(PacketType::pubrec, got[2].id);
    b.lose();
    connect(b, "b", false);
    ASSERT_EQ(after_connack.size(), 3u);
    EXPECT_EQ(after_connack[0].payload, "one");
    EXPECT_TRUE(after_connack[0].dup);
    EXPECT_EQ(after_connack[0].id, got[0].id);
    EXPECT_EQ(after_connack[1].payload, "two");
    EXPECT_TRUE(after_connack[1].dup);
    EXPECT_EQ(after_connack[2].type, PacketType::pubrel);
    b.ack(PacketType::puback, got[0].id);
    b.ack(PacketType::pubrec, got[1].id);
    b.ack(PacketType::pubcomp, got[1].id);
    b.ack(PacketType::pubcomp, got[2].id);
    EXPECT_EQ(bench.broker->clients({.after = "a", .limit = 1}).items.at(0).inflight, 0u);
}

TEST_P(BothVersions, a_second_connection_takes_the_session_over) {
    Client first = connected("a", false);
    first.subscribe("t", 1);
    first.read();
    Client second = connected("a", false);
    EXPECT_TRUE(present);
    EXPECT_TRUE(first.line->closed);
    const auto last = first.read();
    ASSERT_EQ(last.size(), v5() ? 1u : 0u);
    if (v5()) {
        EXPECT_EQ(last[0].reason, Reason::session_taken_over);
    }
    second.publish("t", "self", 1, 1);
    EXPECT_EQ(second.payloads(), Payloads{"self"});
    first.lose();
    EXPECT_EQ(bench.broker->totals().connected, 1u);
    EXPECT_EQ(bench.broker->totals().connections, 1u);
}

TEST_P(BothVersions, the_will_speaks_for_who_is_lost_but_not_for_who_leaves) {
    Client watcher = connected("w");
    watcher.subscribe("will/#");
    watcher.read();
    const std::string text = "gone";
    Client a = client();
    const mqtt::Will will{"will/a", as_bytes(text), mqtt::Qos::at_least_once, true};
    a.connect({.id = "a", .will = will});
    a.lose();
    EXPECT_EQ(watcher.payloads(), Payloads{"gone"});
    EXPECT_EQ(bench.broker->retained({.filter = "#", .limit = 10}).items.size(), 1u);
    a.connect({.id = "a", .will = will});
    a.disconnect();
    EXPECT_TRUE(watcher.payloads().empty());
    a.connect({.id = "a", .will = will});
    Client again = client();
    again.connect({.id = "a"});
    EXPECT_EQ(watcher.payloads(), Payloads{"gone"});
}

TEST_P(BothVersions, silence_beyond_one_and_a_half_keep_alives_ends_it) {
    Client a = client();
    a.connect({.id = "a", .keep_alive_s = 10});
    a.read();
    bench.advance(seconds(14));
    EXPECT_FALSE(a.line->closed);
    a.send(std::string("\xc0\0", 2));
    EXPECT_EQ(a.read().at(0).type, PacketType::pingresp);
    bench.advance(seconds(14));
    EXPECT_FALSE(a.line->closed);
    bench.advance(seconds(2));
    EXPECT_TRUE(a.line->closed);
    const auto last = a.read();
    if (v5()) {
        EXPECT_EQ(last.at(0).reason, Reason::keep_alive_timeout);
    }
}

TEST_P(BothVersions, who_says_nothing_at_all_is_closed) {
    const auto line = bench.open();
    bench.advance(seconds(9));
    EXPECT_FALSE(line->closed);
    bench.advance(seconds(2));
    EXPECT_TRUE(line->closed);
}

TEST_P(BothVersions, sessions_end_when_their_time_is_over) {
    Settings settings = Bench::quiet();
    settings.session_expiry_limit = seconds(100);
    Bench short_lived(settings);
    Client a(short_lived, GetParam());
    mqtt::PropertyList list;
    if (v5()) list.number(PropertyId::session_expiry_interval, 0xffffffff);
    a.connect({.id = "a", .clean = false, .properties = list.view()});
    const auto connack = a.read().at(0);
    if (v5()) {
        EXPECT_EQ(connack.properties().number(PropertyId::session_expiry_interval, 0), 100u);
    }
    a.subscribe("t");
    a.lose();
    short_lived.advance(seconds(99));
    EXPECT_EQ(short_lived.broker->totals().sessions, 1u);
    short_lived.advance(seconds(2));
    EXPECT_EQ(short_lived.broker->totals().sessions, 0u);
    EXPECT_EQ(short_lived.broker->totals().subscriptions, 0u);
}

TEST_P(BothVersions, dollar_topics_are_not_met_by_leading_wildcards) {
    Client a = connected("a"), b = connected("b");
    b.subscribe("#");
    b.subscribe("+/x");
    b.read();
    a.publish("$own/x", "1");
    EXPECT_TRUE(b.read().empty());
    b.subscribe("$own/#");
    b.read();
    a.publish("$own/x", "2");
    EXPECT_EQ(b.payloads(), Payloads{"2"});
    a.publish("$SYS/broker/version", "fake", 1, 4);
    EXPECT_EQ(bench.broker->figures().publishes_denied, 1u);
}

TEST_P(BothVersions, unsubscribing_ends_the_flow) {
    Client a = connected("a"), b = connected("b");
    b.subscribe("t");
    a.publish("t", "1");
    EXPECT_EQ(b.payloads(), Payloads{"1"});
    b.unsubscribe("t");
    EXPECT_EQ(b.read().at(0).type, PacketType::unsuback);
    a.publish("t", "2");
    EXPECT_TRUE(b.read().empty());
}

TEST_P(BothVersions, overlapping_subscriptions_deliver_once_at_the_highest_qos) {
    Client a = connected("a"), b = connected("b");
    b.subscribe("t/#", 0);
    b.subscribe("t/+", 1);
    b.read();
    a.publish("t/1", "m", 1, 1);
    const auto got = b.read();
    ASSERT_EQ(got.size(), 1u);
    EXPECT_EQ(got[0].qos, 1);
}

TEST_P(BothVersions, a_round_is_one_send_for_each_connection) {
    Client a = connected("a"), b = connected("b");
    b.subscribe("t", 1);
    b.read();
    const size_t before = b.line->sends;
    std::string bytes;
    for (uint16_t i = 1; i <= 50; ++i)
        mqtt::encode(mqtt::Publish{"t", as_bytes("m"), mqtt::PacketId(i), mqtt::Qos::at_least_once},
                     a.version, bytes);
    a.send(bytes);
    EXPECT_EQ(b.line->sends, before + 1);
    EXPECT_EQ(b.payloads().size(), 50u);
    EXPECT_EQ(a.read().size(), 50u);
}

TEST_P(BothVersions, a_broken_packet_closes_one_connection_only) {
    Client a = connected("a"), b = connected("b"), c = connected("c");
    b.subscribe("t");
    b.read();
    c.send("\x34\x03zzz");
    EXPECT_TRUE(c.line->closed);
    const auto last = c.read();
    if (v5()) {
        EXPECT_EQ(last.at(0).reason, Reason::malformed_packet);
    }
    a.publish("t", "fine");
    EXPECT_EQ(b.payloads(), Payloads{"fine"});
    EXPECT_EQ(bench.broker->figures().protocol_errors, 1u);
}

TEST_P(BothVersions, kick_and_shutdown_say_why) {
    Client a = connected("a"), b = connected("b");
    EXPECT_FALSE(bench.broker->kick("nobody"));
    EXPECT_TRUE(bench.broker->kick("a"));
    bench.broker->round_end();
    EXPECT_TRUE(a.line->closed);
    bench.broker->shutdown();
    bench.broker->round_end();
    EXPECT_TRUE(b.line->closed);
    if (v5()) {
        EXPECT_EQ(a.read().at(0).reason, Reason::administrative_action);
        EXPECT_EQ(b.read().at(0).reason, Reason::server_shutting_down);
    }
    Client late = client();
    late.connect({.id = "late"});
    EXPECT_TRUE(late.line->closed);
    a.lose();
    b.lose();
    late.lose();
    EXPECT_TRUE(bench.broker->idle());
}

TEST(Broker, publishes_from_inside_the_process) {
    Bench bench;
    Client b(bench, Version::v5);
    b.connect({.id = "b"});
    b.subscribe("t", 1);
    b.read();
    ASSERT_TRUE(bench.broker->publish({.topic = "t",
                                       .payload = as_bytes("m"),
                                       .qos = 1,
                                       .content_type = "text/plain",
                                       .user_properties = {{"k", "v"}}}));
    EXPECT_FALSE(bench.broker->publish({.topic = "a/#"}));
    EXPECT_FALSE(bench.broker->publish({.topic = "$SYS/x"}));
    int done = 0;
    const auto count = [&](const Result<void>& result) { done += result.has_value() ? 1 : 100; };
    ASSERT_TRUE(bench.broker->publish({.topic = "kept/t", .payload = as_bytes("1")}, count));
    ASSERT_TRUE(bench.broker->publish({.topic = "other", .payload = as_bytes("1")}, count));
    EXPECT_EQ(done, 1);
    bench.broker->round_end();
    bench.commit();
    EXPECT_EQ(done, 2);
    const auto got = b.read();
    ASSERT_EQ(got.size(), 1u);
    EXPECT_EQ(got[0].properties().text(PropertyId::content_type), "text/plain");
    EXPECT_TRUE(got[0].properties().has(PropertyId::user_property));
}

TEST(Broker, shows_itself_in_pages) {
    Bench bench;
    std::vector<Client> clients;
    for (const char* id : {"c", "a", "b"}) {
        clients.emplace_back(bench, Version::v5).connect({.id = id, .keep_alive_s = 30});
        clients.back().subscribe("x/#");
        clients.back().subscribe("y");
    }
    const auto first = bench.broker->clients({.limit = 2}).items;
    ASSERT_EQ(first.size(), 2u);
    EXPECT_EQ(first[0].client_id, "a");
    EXPECT_EQ(first[0].subscriptions, 2u);
    EXPECT_EQ(first[0].keep_alive_s, 30);
    EXPECT_EQ(first[0].protocol, 5);
    EXPECT_EQ(first[0].peer, "probe:1");
    EXPECT_EQ(bench.broker->clients({.after = "b", .limit = 2}).items.size(), 1u);
    auto page = bench.broker->subscriptions({.limit = 3});
    ASSERT_EQ(page.items.size(), 3u);
    ASSERT_TRUE(page.next);
    EXPECT_EQ(page.next->client + " " + page.next->filter, "b x/#");
    page = bench.broker->subscriptions(
        {.after_client = page.next->client, .after_filter = page.next->filter});
    EXPECT_EQ(page.items.size(), 3u);
    EXPECT_EQ(page.items.at(0).client_id + page.items.at(0).filter, "by");
    EXPECT_FALSE(page.next);
    EXPECT_EQ(bench.broker->subscriptions({.limit = 100}).items.size(), 6u);
    EXPECT_EQ(bench.broker->totals().subscriptions, 6u);
    bench.advance(seconds(1));
    const std::string metrics = bench.metrics.render();
    EXPECT_NE(metrics.find("headworks_broker_connections_opened_total 3"), std::string::npos);
    EXPECT_NE(metrics.find("headworks_broker_subscriptions 6"), std::string::npos);
}

TEST(Broker, finds_clients_and_subscriptions) {
    Bench bench;
    Client a(bench, Version::v5);
    a.connect({.id = "Pump1", .clean = true});
    a.subscribe("works/#");
    a.subscribe("$share/g/jobs");
    mqtt::PropertyList kept;
    kept.number(PropertyId::session_expiry_interval, 100);
    Client b(bench, Version::v5);
    b.connect({.id = "pump2", .clean = false, .properties = kept.view()});
    b.lose();
    EXPECT_EQ(bench.broker->clients({.part = "PUMP"}).items.size(), 2u);
    EXPECT_EQ(bench.broker->clients({.part = "probe:"}).items.size(), 1u);
    EXPECT_EQ(bench.broker->clients({.part = "x"}).items.size(), 0u);
    auto page = bench.broker->clients({.connected_only = true, .visits = 1});
    EXPECT_EQ(page.items.size(), 1u);
    EXPECT_EQ(page.next, "Pump1");
    EXPECT_FALSE(bench.broker->clients({.after = *page.next, .visits = 1}).next);
    const auto online = bench.broker->client("Pump1");
    ASSERT_TRUE(online);
    EXPECT_TRUE(online->clean_start);
    EXPECT_EQ(online->connected_at, bench.clock.now());
    EXPECT_GT(online->bytes_in, 0u);
    EXPECT_GT(online->bytes_out, 0u);
    const auto offline = bench.broker->client("pump2");
    ASSERT_TRUE(offline);
    EXPECT_FALSE(offline->connected);
    EXPECT_EQ(offline->expires_at, bench.clock.now() + seconds(100));
    EXPECT_FALSE(bench.broker->client("pump3"));

    auto found = bench.broker->subscriptions({.shared_only = true});
    ASSERT_EQ(found.items.size(), 1u);
    EXPECT_EQ(found.items[0].members, 1u);
    EXPECT_EQ(bench.broker->subscriptions({.part = "WORKS"}).items.size(), 1u);
    EXPECT_EQ(bench.broker->subscriptions({.client = "Pump1"}).items.size(), 2u);
    EXPECT_TRUE(bench.broker->subscriptions({.client = "pump2"}).items.empty());
    EXPECT_TRUE(bench.broker->subscriptions({.client = "pump3"}).items.empty());
    // Looks count where nothing is found, too.
    found = bench.broker->subscriptions({.part = "none", .visits = 1});
    EXPECT_TRUE(found.items.empty());
    EXPECT_TRUE(found.next);
}

TEST(Broker, shows_retained_messages_and_recent_topics) {
    Bench bench;
    Client a(bench, Version::v5);
    a.connect({.id = "a"});
    a.publish("r/1", std::string(100, 'x'), 1, 1, true);
    a.publish("r/2", "v", 1, 2, true);
    a.publish("s", "v");
    auto page = bench.broker->retained({.filter = "r/#", .payload_limit = 10});
    ASSERT_EQ(page.items.size(), 2u);
    EXPECT_EQ(page.items[0].payload.size(), 10u);
    EXPECT_EQ(page.items[0].payload_bytes, 100u);
    page = bench.broker->retained({.filter = "r/#", .bytes_limit = 100});
    EXPECT_EQ(page.items.size(), 1u);
    EXPECT_EQ(page.next, "r/1");
    EXPECT_TRUE(bench.broker->clear_retained("r/1"));
    EXPECT_FALSE(bench.broker->clear_retained("r/1"));
    EXPECT_EQ(bench.broker->retained({}).items.size(), 1u);
    a.publish("r/1", "w", 1, 3, true);  // its route still finds the place
    EXPECT_EQ(bench.broker->retained({}).items.size(), 2u);

    std::vector<std::string> topics;
    for (uint64_t from = 0;;) {
        from = bench.broker->recent_topics(
            from, 7, [&](std::string_view topic) { topics.emplace_back(topic); });
        if (from == 0) break;
    }
    std::sort(topics.begin(), topics.end());
    EXPECT_EQ(topics, (std::vector<std::string>{"r/1", "r/2", "s"}));
}

TEST(Broker, tells_rates_of_the_last_seconds) {
    Bench bench;
    Client a(bench, Version::v5);
    a.connect({.id = "a"});
    EXPECT_EQ(bench.broker->rates().seconds, 0);
    bench.advance(seconds(1));
    for (int i = 0; i < 20; ++i) {
        a.publish("t", "v");
        a.publish("t", "v");
        bench.advance(seconds(1));
    }
    const Rates rates = bench.broker->rates();
    EXPECT_GT(rates.seconds, 9);
    EXPECT_LT(rates.seconds, 13);
    EXPECT_NEAR(rates.messages_in, 2, 0.2);
    EXPECT_EQ(rates.messages_out, 0);
    EXPECT_EQ(bench.broker->started(), Time{1'700'000'000'000'000'000});
}

TEST(Broker, publishes_the_sys_tree) {
    Settings settings;
    settings.sys_interval = seconds(10);
    Bench bench(settings);
    Client a(bench, Version::v3_1_1);
    a.connect({.id = "a"});
    a.subscribe("$SYS/#");
    a.read();
    bench.advance(seconds(1));
    const size_t all = a.payloads().size();
    EXPECT_GE(all, 15u);
    bench.advance(seconds(11));
    const size_t changed = a.payloads().size();
    EXPECT_GT(changed, 0u);
    EXPECT_LT(changed, all);
    EXPECT_EQ(
        bench.broker->retained({.filter = "$SYS/broker/version", .limit = 1}).items.at(0).payload,
        "headworks 1");
}

}  // namespace
}  // namespace hw::broker

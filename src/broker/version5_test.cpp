// What only MQTT 5 has.

#include <gtest/gtest.h>

#include <map>

#include "broker/probe.h"

namespace hw::broker {
namespace {

using mqtt::PacketType;
using mqtt::PropertyId;
using mqtt::PropertyList;
using mqtt::Qos;
using mqtt::Reason;
using mqtt::RetainHandling;
using mqtt::Version;
using probe::Bench;
using probe::Client;
using Payloads = std::vector<std::string>;

struct Version5 : testing::Test {
    Client connected(std::string_view id, const PropertyList& list = {}, bool clean = true) {
        Client client(bench, Version::v5);
        client.connect({.id = id, .clean = clean, .properties = list.view()});
        const auto packets = client.read();
        EXPECT_EQ(packets.at(0).reason, Reason::success);
        after_connack.clear();
        for (size_t i = 1; i < packets.size(); ++i)
            after_connack.push_back(packets[i].payload);
        return client;
    }
    Client lasting(std::string_view id) {
        PropertyList list;
        list.number(PropertyId::session_expiry_interval, 3600);
        return connected(id, list, false);
    }

    Bench bench;
    Payloads after_connack;
};

TEST_F(Version5, assigns_a_client_id_and_tells_its_limits) {
    Client a(bench, Version::v5);
    a.connect({.id = "", .keep_alive_s = 60});
    const auto connack = a.read().at(0);
    const std::string assigned(connack.properties().text(PropertyId::assigned_client_identifier));
    EXPECT_FALSE(assigned.empty());
    EXPECT_EQ(bench.broker->clients({.limit = 1}).items.at(0).client_id, assigned);
    EXPECT_EQ(connack.properties().number(PropertyId::topic_alias_maximum, 0), 64u);
    EXPECT_EQ(connack.properties().number(PropertyId::maximum_packet_size, 0), 1u << 20);
}

TEST_F(Version5, passes_properties_on_in_order) {
    Client a = connected("a"), b = connected("b");
    b.subscribe("t", 1);
    b.read();
    PropertyList list;
    list.user("x", "1").text(PropertyId::content_type, "text/csv").user("a", "2");
    list.text(PropertyId::response_topic, "answers").text(PropertyId::correlation_data, "id");
    list.number(PropertyId::payload_format_indicator, 1).user("x", "1");
    a.publish({"t", as_bytes("m"), {}, Qos::at_most_once, false, false, list.view()});
    const auto got = b.read();
    ASSERT_EQ(got.size(), 1u);
    EXPECT_EQ(got[0].property_bytes, list.view().raw());
}

TEST_F(Version5, names_every_subscription_identifier) {
    Client a = connected("a"), b = connected("b"), c = connected("c");
    b.subscribe({"t/#", Qos::at_least_once}, 7);
    b.subscribe({"t/1", Qos::at_most_once}, 300);
    c.subscribe("t/1");
    b.read();
    a.publish("t/1", "m", 1, 1);
    const auto got = b.read();
    ASSERT_EQ(got.size(), 1u);
    std::vector<uint32_t> ids;
    for (const auto& property : got[0].properties())
        if (property.id == PropertyId::subscription_identifier) ids.push_back(property.number);
    EXPECT_EQ(ids, (std::vector<uint32_t>{7, 300}));
    EXPECT_EQ(c.payloads(), Payloads{"m"});
}

TEST_F(Version5, no_local_keeps_own_messages_away) {
    Client a = connected("a"), b = connected("b");
    a.subscribe({"t", Qos::at_most_once, true});
    b.subscribe({"t", Qos::at_most_once, true});
    a.read();
    b.read();
    a.publish("t", "m");
    EXPECT_TRUE(a.read().empty());
    EXPECT_EQ(b.payloads(), Payloads{"m"});
}

TEST_F(Version5, retain_handling_and_retain_as_published) {
    Client a = connected("a");
    a.publish("r", "old", 0, 0, true);
    Client b = connected("b");
    const auto subscribe = [&](RetainHandling handling) {
        b.subscribe({"r", Qos::at_most_once, false, true, handling});
        return b.payloads().size();
    };
    EXPECT_EQ(subscribe(RetainHandling::do_not_send), 0u);
    EXPECT_EQ(subscribe(RetainHandling::send_if_new), 0u);
    EXPECT_EQ(subscribe(RetainHandling::send), 1u);
    b.unsubscribe("r");
    b.read();
    EXPECT_EQ(subscribe(RetainHandling::send_if_new), 1u);
    a.publish("r", "new", 0, 0, true);
    const auto got = b.read();
    ASSERT_EQ(got.size(), 1u);
    EXPECT_TRUE(got[0].retain);
}

TEST_F(Version5, messages_expire_and_count_down) {
    Client a = connected("a"), b = lasting("b");
    b.subscribe("t", 1);
    b.lose();
    PropertyList list;
    list.number(PropertyId::message_expiry_interval, 10);
    a.publish(
        {"t", as_bytes("short"), mqtt::PacketId(1), Qos::at_least_once, true, false, list.view()});
    list.clear();
    list.number(PropertyId::message_expiry_interval, 100);
    a.publish(
        {"t", as_bytes("long"), mqtt::PacketId(2), Qos::at_least_once, false, false, list.view()});
    bench.advance(seconds(30));
    Client late = connected("late");
    late.subscribe("t");
    EXPECT_TRUE(late.payloads().empty());
    b.connect({.id = "b", .clean = false});
    const auto got = b.read();
    ASSERT_EQ(got.size(), 2u);
    EXPECT_EQ(got[1].payload, "long");
    EXPECT_EQ(got[1].properties().number(PropertyId::message_expiry_interval, 0), 70u);
    EXPECT_EQ(bench.broker->figures().dropped_expired, 1u);
}

TEST_F(Version5, keeps_to_the_receive_maximum) {
    Client a = connected("a");
    PropertyList list;
    list.number(PropertyId::receive_maximum, 2);
    Client b = connected("b", list);
    b.subscribe("t", 1);
    b.read();
    for (uint16_t i = 1; i <= 5; ++i)
        a.publish("t", std::to_string(i), 1, i);
    EXPECT_EQ(b.payloads(), (Payloads{"1", "2"}));
    b.ack(PacketType::puback, 1);
    EXPECT_EQ(b.payloads(), Payloads{"3"});
    b.ack(PacketType::puback, 2);
    b.ack(PacketType::puback, 3);
    EXPECT_EQ(b.payloads(), (Payloads{"4", "5"}));
}

TEST_F(Version5, topic_aliases_work_both_ways) {
    Client a = connected("a");
    PropertyList list;
    list.number(PropertyId::topic_alias_maximum, 5);
    Client b = connected("b", list);
    b.subscribe("long/topic/name");
    b.read();
    PropertyList alias;
    alias.number(PropertyId::topic_alias, 3);
    a.publish(
        {"long/topic/name", as_bytes("1"), {}, Qos::at_most_once, false, false, alias.view()});
    a.publish({"", as_bytes("2"), {}, Qos::at_most_once, false, false, alias.view()});
    const auto got = b.read();
    ASSERT_EQ(got.size(), 2u);
    EXPECT_EQ(got[0].topic, "long/topic/name");
    EXPECT_EQ(got[1].topic, "");
    EXPECT_EQ(got[1].payload, "2");
    EXPECT_EQ(got[0].properties().number(PropertyId::topic_alias, 0),
              got[1].properties().number(PropertyId::topic_alias, 1));
}

TEST_F(Version5, a_packet_too_large_for_the_client_is_dropped) {
    Client a = connected("a");
    PropertyList list;
    list.number(PropertyId::maximum_packet_size, 100);
    Client b = connected("b", list);
    b.subscribe("t", 1);
    b.read();
    a.publish("t", std::string(200, 'x'), 1, 1);
    a.publish("t", "small", 1, 2);
    EXPECT_EQ(b.payloads(), Payloads{"small"});
    EXPECT_EQ(bench.broker->figures().dropped_too_large, 1u);
    EXPECT_EQ(bench.broker->clients({.after = "a", .limit = 1}).items.at(0).inflight, 1u);
}

TEST_F(Version5, a_will_may_wait_and_be_withdrawn) {
    Client watcher = connected("w");
    watcher.subscribe("will");
    watcher.read();
    PropertyList session, delay;
    session.number(PropertyId::session_expiry_interval, 100);
    delay.number(PropertyId::will_delay_interval, 30).user("k", "v");
    const mqtt::Will will{"will", as_bytes("gone"), Qos::at_most_once, false, delay.view()};
    Client a(bench, Version::v5);
    const Client::Options options{
        .id = "a", .clean = false, .will = will, .properties = session.view()};
    a.connect(options);
    a.lose();
    bench.advance(seconds(29));
    a.connect(options);
    bench.advance(seconds(29));
    EXPECT_TRUE(watcher.payloads().empty());
    a.lose();
    bench.advance(seconds(31));
    const auto got = watcher.read();
    ASSERT_EQ(got.size(), 1u);
    PropertyList expected;
    expected.user("k", "v");
    EXPECT_EQ(got[0].property_bytes, expected.view().raw());
    // The end of the session brings the will forward.
    a.connect(options);
    a.lose();
    Client fresh = connected("a");
    EXPECT_EQ(watcher.payloads(), Payloads{"gone"});
    fresh.disconnect(Reason::disconnect_with_will);
    EXPECT_TRUE(watcher.payloads().empty());  // it had none
}

TEST_F(Version5, a_disconnect_may_change_the_expiry_and_ask_for_the_will) {
    Client watcher = connected("w");
    watcher.subscribe("will");
    watcher.read();
    PropertyList session;
    session.number(PropertyId::session_expiry_interval, 100);
    Client a(bench, Version::v5);
    a.connect(
        {.id = "a", .will = mqtt::Will{"will", as_bytes("gone")}, .properties = session.view()});
    PropertyList none;
    none.number(PropertyId::session_expiry_interval, 0);
    a.disconnect(Reason::disconnect_with_will, none.view());
    EXPECT_EQ(watcher.payloads(), Payloads{"gone"});
    EXPECT_EQ(bench.broker->totals().sessions, 1u);
}

TEST_F(Version5, shared_subscriptions_take_turns) {
    Client a = connected("a");
    std::vector<Client> members;
    for (const char* id : {"m1", "m2", "m3"}) {
        members.push_back(connected(id));
        members.back().subscribe("$share/g/t/+", 1);
        members.back().read();
    }
    Client alone = connected("alone");
    alone.subscribe("$share/h/t/#", 0);
    alone.read();
    for (uint16_t i = 1; i <= 9; ++i)
        a.publish("t/1", std::to_string(i), 1, i);
    for (Client& member : members)
        EXPECT_EQ(member.payloads().size(), 3u);
    EXPECT_EQ(alone.payloads().size(), 9u);
}

TEST_F(Version5, what_a_leaving_member_did_not_finish_goes_to_another) {
    Client a = connected("a"), one = connected("one"), two = connected("two");
    one.subscribe("$share/g/t", 2);
    two.subscribe("$share/g/t", 2);
    one.read();
    two.read();
    for (uint16_t i = 1; i <= 4; ++i)
        a.publish("t", std::to_string(i), 1, i);
    a.publish("t", "exactly", 2, 5);
    EXPECT_EQ(two.payloads(), (Payloads{"2", "4"}));
    one.lose();  // had 1, 3 and "exactly"; the last may go to nobody else
    EXPECT_EQ(two.payloads(), (Payloads{"1", "3"}));
}

TEST_F(Version5, a_shared_message_waits_for_an_absent_member_if_all_are) {
    Client a = connected("a"), member = lasting("m");
    member.subscribe("$share/g/t", 1);
    member.lose();
    a.publish("t", "1", 1, 1);
    Client other = lasting("o");
    other.subscribe("$share/g/t", 1);
    other.read();
    a.publish("t", "2", 1, 2);
    EXPECT_EQ(other.payloads(), Payloads{"2"});
    member = lasting("m");
    EXPECT_EQ(after_connack, Payloads{"1"});
}

TEST_F(Version5, refuses_filters_one_by_one) {
    Settings settings = Bench::quiet();
    settings.subscriptions_limit = 2;
    settings.topic_levels_limit = 3;
    Bench strict(settings);
    Client a(strict, Version::v5);
    a.connect({.id = "a"});
    a.read();
    const mqtt::Subscription wanted[] = {
        {"a/b/c/d"}, {"ok", Qos::exactly_once}, {"fine"}, {"too/many"}, {"ok"}};
    std::string bytes;
    mqtt::encode_subscribe(mqtt::PacketId(1), wanted, {}, Version::v5, bytes);
    a.send(bytes);
    EXPECT_EQ(a.read().at(0).reasons, std::string("\x8f\x02\0\x97\0", 5));
    a.unsubscribe("never");
    EXPECT_EQ(a.read().at(0).reasons, "\x11");
    a.publish("a/b/c/d", "deep", 1, 1);
    EXPECT_EQ(a.read().at(0).reason, Reason::topic_name_invalid);
}

TEST_F(Version5, tells_a_publisher_that_nobody_listens) {
    Client a = connected("a");
    a.publish("t", "m", 1, 1);
    EXPECT_EQ(a.read().at(0).reason, Reason::no_matching_subscribers);
}

TEST_F(Version5, a_refused_pubrec_ends_the_message) {
    Client a = connected("a"), b = connected("b");
    b.subscribe("t", 2);
    b.read();
    a.publish("t", "m", 2, 1);
    b.read();
    b.ack(PacketType::pubrec, 1, Reason::quota_exceeded);
    EXPECT_TRUE(b.read().empty());
    EXPECT_EQ(bench.broker->clients({.after = "a", .limit = 1}).items.at(0).inflight, 0u);
    b.ack(PacketType::pubrec, 44);
    EXPECT_EQ(b.read().at(0).reason, Reason::packet_identifier_not_found);
}

// Lets "evil" do nothing.
struct StrictGate final : Gate {
    Reason connect(const Visitor& visitor) override {
        return visitor.user_name == "nobody" || visitor.client_id == "stranger"
                   ? Reason::bad_user_name_or_password
                   : Reason::success;
    }
    bool may_publish(std::string_view id, std::string_view) override { return id != "evil"; }
    bool may_subscribe(std::string_view id, std::string_view) override { return id != "evil"; }
};

TEST(Gate, is_asked_for_everything) {
    ManualClock clock{Time{1}};
    probe::FakeKeeper keeper;
    StrictGate gate;
    Metrics metrics;
    Bench bench;
    bench.broker = std::make_unique<Broker>(Bench::quiet(), clock, keeper, gate, metrics, "1");
    Client stranger(bench, Version::v5), evil(bench, Version::v5), old(bench, Version::v3_1_1);
    stranger.connect({.id = "stranger"});
    EXPECT_EQ(stranger.read().at(0).reason, Reason::bad_user_name_or_password);
    EXPECT_TRUE(stranger.line->closed);
    old.connect({.id = "stranger"});
    EXPECT_TRUE(mqtt::failed(old.read().at(0).reason));
    evil.connect({.id = "evil"});
    evil.subscribe("t");
    evil.publish("t", "m", 1, 1);
    const auto got = evil.read();
    ASSERT_EQ(got.size(), 3u);
    EXPECT_EQ(got[1].reasons, "\x87");
    EXPECT_EQ(got[2].reason, Reason::not_authorized);
    Client parting(bench, Version::v5);
    parting.connect({.id = "evil", .will = mqtt::Will{"t", as_bytes("gone")}});
    EXPECT_EQ(parting.read().at(0).reason, Reason::not_authorized);
}

}  // namespace
}  // namespace hw::broker

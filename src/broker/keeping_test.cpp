// Acknowledgements wait for the keeper; back-pressure; slow subscribers.

#include <gtest/gtest.h>

#include "broker/probe.h"

namespace hw::broker {
namespace {

using mqtt::PacketType;
using mqtt::PropertyId;
using mqtt::Reason;
using mqtt::Version;
using probe::Bench;
using probe::Client;
using Payloads = std::vector<std::string>;
using Ids = std::vector<int>;

Client connected(Bench& bench, std::string_view id, Version version = Version::v5,
                 bool clean = true) {
    Client client(bench, version);
    mqtt::PropertyList list;
    if (!clean && version == Version::v5) list.number(PropertyId::session_expiry_interval, 3600);
    client.connect({.id = id, .clean = clean, .properties = list.view()});
    client.read();
    return client;
}

Ids acked(Client& client) {
    Ids ids;
    for (const auto& packet : client.read())
        ids.push_back(packet.id);
    return ids;
}

TEST(Keeping, acknowledges_after_the_commit_and_in_order) {
    Bench bench;
    Client a = connected(bench, "a"), b = connected(bench, "b");
    b.subscribe("#");
    b.read();
    a.publish("kept/1", "1", 1, 1);
    a.publish("kept/2", "2", 2, 2);
    a.publish("other", "3", 1, 3);             // not kept, but behind those that are
    a.publish("kept/4", "undecodable", 1, 4);  // cannot be kept
    EXPECT_EQ(b.payloads().size(), 4u);        // subscribers do not wait
    EXPECT_TRUE(a.read().empty());
    EXPECT_EQ(bench.keeper.kept.size(), 2u);
    ASSERT_EQ(bench.keeper.submitted.size(), 2u);
    bench.broker->committed(bench.keeper.submitted[0], {});
    bench.broker->round_end();
    EXPECT_EQ(acked(a), Ids{1});
    bench.broker->committed(bench.keeper.submitted[1], {});
    bench.broker->round_end();
    const auto rest = a.read();
    ASSERT_EQ(rest.size(), 3u);
    EXPECT_EQ(rest[0].type, PacketType::pubrec);
    EXPECT_EQ(rest[1].id, 3);
    EXPECT_EQ(rest[2].id, 4);
    a.publish("other", "5", 1, 5);
    EXPECT_EQ(acked(a), Ids{5});
    EXPECT_EQ(bench.broker->totals().uncommitted_rounds, 0u);
}

TEST(Keeping, receive_times_grow_within_a_round) {
    Bench bench;
    Client a = connected(bench, "a");
    std::string bytes;
    for (int i = 0; i < 100; ++i)
        mqtt::encode(mqtt::Publish{"kept/x", as_bytes("1")}, Version::v5, bytes);
    a.send(bytes);
    ASSERT_EQ(bench.keeper.times.size(), 100u);
    for (size_t i = 1; i < 100; ++i)
        EXPECT_LT(bench.keeper.times[i - 1], bench.keeper.times[i]);
    EXPECT_EQ(bench.keeper.submitted.size(), 1u);
}

TEST(Keeping, a_failed_commit_is_told_to_v5) {
    Bench bench;
    Client a = connected(bench, "a");
    a.publish("kept/1", "1", 1, 1);
    a.publish("kept/1", "2", 2, 2);
    bench.commit(fail(ErrorCode::no_space, "full"));
    auto got = a.read();
    ASSERT_EQ(got.size(), 2u);
    EXPECT_EQ(got[0].reason, Reason::quota_exceeded);
    EXPECT_EQ(got[1].reason, Reason::quota_exceeded);
    a.publish("kept/1", "2", 2, 2);  // the id is free again
    bench.commit();
    got = a.read();
    ASSERT_EQ(got.size(), 1u);
    EXPECT_EQ(got[0].reason, Reason::success);
    EXPECT_EQ(bench.keeper.kept.size(), 3u);
    a.publish("kept/1", "3", 1, 3);
    bench.commit(fail(ErrorCode::io_failed, "broken"));
    EXPECT_EQ(a.read().at(0).reason, Reason::unspecified_error);
    EXPECT_EQ(bench.broker->figures().keep_failed, 3u);
}

TEST(Keeping, a_failed_commit_closes_v3_without_an_answer) {
    Bench bench;
    Client a = connected(bench, "a", Version::v3_1_1);
    a.publish("kept/1", "1", 1, 1);
    a.publish("kept/1", "2", 1, 2);
    bench.commit(fail(ErrorCode::no_space, "full"));
    EXPECT_TRUE(a.read().empty());
    EXPECT_TRUE(a.line->closed);
}

TEST(Keeping, a_failed_commit_fails_only_what_was_to_be_kept) {
    Bench bench;
    Client a = connected(bench, "a", Version::v5, false);
    a.publish("kept/1", "1", 2, 1);
    a.lose();
    a = connected(bench, "a", Version::v5, false);
    a.publish("kept/1", "2", 1, 2);
    a.publish("kept/1", "1", 2, 1);  // goes behind 2 and is of the round before
    a.publish("other", "3", 2, 3);   // goes behind 2 and is of no round
    ASSERT_EQ(bench.keeper.submitted.size(), 2u);
    bench.broker->committed(bench.keeper.submitted[0], {});
    bench.broker->committed(bench.keeper.submitted[1], fail(ErrorCode::no_space, "full"));
    bench.broker->round_end();
    const auto got = a.read();
    ASSERT_EQ(got.size(), 3u);
    EXPECT_EQ(got[0].reason, Reason::quota_exceeded);
    EXPECT_EQ(got[1].reason, Reason::success);
    EXPECT_FALSE(mqtt::failed(got[2].reason));
    EXPECT_EQ(bench.broker->figures().keep_failed, 1u);
}

TEST(Keeping, a_repeated_qos_2_message_waits_with_the_first) {
    Bench bench;
    Client a = connected(bench, "a", Version::v5, false);
    a.publish("kept/1", "1", 2, 1);
    a.lose();
    a = connected(bench, "a", Version::v5, false);
    a.publish("kept/1", "1", 2, 1);
    EXPECT_TRUE(a.read().empty());
    EXPECT_EQ(bench.keeper.kept.size(), 1u);
    bench.commit();
    const auto got = a.read();
    ASSERT_EQ(got.size(), 1u);  // only the new connection's
    EXPECT_EQ(got[0].type, PacketType::pubrec);
    EXPECT_EQ(got[0].reason, Reason::success);
}

TEST(Keeping, a_repeated_qos_2_message_fails_with_the_first) {
    Bench bench;
    Client a = connected(bench, "a", Version::v5, false);
    a.publish("kept/1", "1", 2, 1);
    a.lose();
    a = connected(bench, "a", Version::v5, false);
    a.publish("kept/1", "1", 2, 1);
    bench.commit(fail(ErrorCode::no_space, "full"));
    const auto got = a.read();
    ASSERT_EQ(got.size(), 1u);
    EXPECT_TRUE(mqtt::failed(got[0].reason));
}

TEST(Keeping, the_publisher_may_be_gone_when_the_commit_comes) {
    Bench bench;
    Client a = connected(bench, "a"), b = connected(bench, "b", Version::v5, false);
    a.publish("kept/1", "1", 1, 1);
    b.publish("kept/1", "2", 1, 1);
    a.lose();
    b.lose();
    bench.commit();
    EXPECT_EQ(bench.broker->totals().sessions, 1u);
}

TEST(Keeping, pauses_who_publishes_what_is_kept_while_the_keeper_is_overloaded) {
    Bench bench;
    Client a = connected(bench, "a"), b = connected(bench, "b");
    bench.keeper.jam = true;
    a.publish("kept/1", "1", 1, 1);
    b.publish("other", "1", 1, 1);
    EXPECT_FALSE(a.line->reading);
    EXPECT_TRUE(b.line->reading);
    EXPECT_EQ(bench.broker->totals().paused, 1u);
    EXPECT_TRUE(bench.broker->clients({.limit = 1}).items.at(0).paused);
    bench.keeper.jam = false;
    bench.broker->resume_reading();
    EXPECT_TRUE(a.line->reading);
    bench.keeper.jam = true;
    a.publish("kept/1", "2", 1, 2);
    EXPECT_FALSE(a.line->reading);
    bench.keeper.jam = false;
    bench.broker->round_end();  // looks by itself, too
    EXPECT_TRUE(a.line->reading);
}

TEST(Keeping, a_paused_client_is_not_taken_for_silent) {
    Bench bench;
    Client a(bench, Version::v5);
    a.connect({.id = "a", .keep_alive_s = 10});
    bench.keeper.jam = true;
    a.publish("kept/1", "1", 1, 1);
    bench.advance(seconds(100));
    EXPECT_FALSE(a.line->closed);
    bench.keeper.jam = false;
    bench.advance(seconds(1));
    bench.advance(seconds(10));
    EXPECT_FALSE(a.line->closed);
    bench.advance(seconds(60));
    EXPECT_TRUE(a.line->closed);
}

TEST(SlowSubscriber, is_not_who_gets_much_in_one_round) {
    Settings settings = Bench::quiet();
    settings.output_bytes_limit = 4096;
    Bench bench(settings);
    Client a = connected(bench, "a"), b = connected(bench, "b");
    b.subscribe("t", 1);
    b.read();
    const std::string payload(1000, 'x');
    std::string bytes;
    for (uint16_t i = 1; i <= 10; ++i)
        mqtt::encode(mqtt::Publish{"t", as_bytes(payload), mqtt::PacketId(i % 2 == 0 ? 0 : i),
                                   static_cast<mqtt::Qos>(i % 2)},
                     Version::v5, bytes);
    a.send(bytes);
    EXPECT_EQ(b.payloads().size(), 10u);
    EXPECT_EQ(bench.broker->figures().dropped(), 0u);
}

TEST(SlowSubscriber, gets_qos_0_in_order_behind_retained_messages) {
    Bench bench;
    Client a = connected(bench, "a"), slow(bench, Version::v5);
    mqtt::PropertyList one;
    one.number(PropertyId::receive_maximum, 1);
    slow.connect({.id = "slow", .properties = one.view()});
    slow.read();
    a.publish("r/1", "r1", 1, 1, true);
    a.publish("r/2", "r2", 1, 2, true);
    slow.subscribe("#", 1);
    a.publish("t", "1", 1, 3);  // waits for room in the window
    a.publish("t", "first");    // waits behind the retained ones
    Payloads got;
    const auto answer = [&] {
        for (const auto& packet : slow.read()) {
            if (packet.type != PacketType::publish) continue;
            got.push_back(packet.payload);
            if (packet.qos == 1) slow.ack(PacketType::puback, packet.id);
        }
    };
    answer();
    EXPECT_EQ(got.size(), 1u);
    a.publish("t", "second");
    for (int i = 0; i < 5; ++i)
        answer();
    ASSERT_EQ(got.size(), 5u);
    EXPECT_EQ(Payloads(got.begin() + 2, got.end()), (Payloads{"1", "first", "second"}));
}

TEST(SlowSubscriber, loses_qos_0_and_queues_the_rest) {
    Settings settings = Bench::quiet();
    settings.output_bytes_limit = 4096;
    settings.queue_messages_limit = 3;
    Bench bench(settings);
    Client a = connected(bench, "a"), slow = connected(bench, "slow"), fine = connected(bench, "f");
    slow.subscribe("t", 1);
    fine.subscribe("t", 1);
    slow.line->jammed = true;
    slow.line->queued_bytes = 5000;
    slow.read();
    fine.read();
    a.publish("t", "0");  // the broker has not looked at the socket since: still sent
    slow.line->sent.clear();
    a.publish("t", "lost");
    for (int i = 1; i <= 5; ++i)
        a.publish("t", std::to_string(i), 1, static_cast<uint16_t>(i));
    EXPECT_TRUE(slow.read().empty());
    EXPECT_EQ(bench.broker->figures().dropped_slow, 1u);
    EXPECT_EQ(bench.broker->figures().dropped_queue, 2u);
    EXPECT_EQ(fine.payloads().size(), 7u);
    slow.line->jammed = false;
    slow.line->queued_bytes = 0;
    slow.line->handler->on_drained();
    bench.broker->round_end();
    EXPECT_EQ(slow.payloads(), (Payloads{"3", "4", "5"}));
}

TEST(SlowSubscriber, gets_all_retained_messages_in_its_own_time) {
    Settings settings = Bench::quiet();
    settings.output_bytes_limit = 4096;
    settings.queue_messages_limit = 3;
    Bench bench(settings);
    Client a = connected(bench, "a"), slow = connected(bench, "slow");
    for (int i = 0; i < 50; ++i)
        a.publish("r/" + std::to_string(i), "old", 0, 0, true);
    slow.line->jammed = true;
    slow.line->queued_bytes = 5000;
    slow.send(std::string("\xc0\0", 2));  // so that the broker looks at the socket
    slow.subscribe("r/#");
    slow.read();
    a.publish("r/7", "new");
    EXPECT_TRUE(slow.read().empty());
    slow.line->jammed = false;
    slow.line->queued_bytes = 0;
    slow.line->handler->on_drained();
    bench.broker->round_end();
    const Payloads got = slow.payloads();
    ASSERT_EQ(got.size(), 51u);
    EXPECT_EQ(got.back(), "new");  // not overtaken by what is older
}

}  // namespace
}  // namespace hw::broker

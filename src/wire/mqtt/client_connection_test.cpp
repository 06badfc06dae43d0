#include "wire/mqtt/client_connection.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <optional>
#include <string>
#include <vector>

#include "wire/mqtt/test_bytes.h"

namespace hw::mqtt {
namespace {

class Recorder : public ClientHandler {
  public:
    void on_connected(const Connack& p) override {
        note(fmt::format("connected {}", p.session_present));
    }
    void on_message(const Publish& p) override {
        note(fmt::format("message {} {}", p.topic, as_text(p.payload)));
    }
    void on_acknowledged(PacketId id, Reason reason) override {
        note(fmt::format("ack {} {:#x}", id.value(), static_cast<int>(reason)));
    }
    void on_subscribed(PacketId id, BytesView reasons) override {
        note(fmt::format("subscribed {} {}", id.value(), reasons.size()));
    }
    void on_unsubscribed(PacketId id, BytesView) override {
        note(fmt::format("unsubscribed {}", id.value()));
    }
    void on_closed(const ProtocolError& e) override {
        note(fmt::format("closed {:#x}", static_cast<int>(e.reason)));
    }
    void note(std::string what) { seen.push_back(std::move(what)); }
    std::vector<std::string> take() { return std::exchange(seen, {}); }
    std::vector<std::string> seen;
};

using Seen = std::vector<std::string>;

struct Bench {
    explicit Bench(ClientOptions options = {}) : client(std::move(options)) {}
    void feed(std::string_view bytes, Time now = Time{0}) {
        client.feed(as_bytes(bytes), now, recorder, out);
    }
    void connect(bool session = false, Properties granted = {}) {
        client.connect(Time{0}, out);
        std::string bytes;
        encode(Connack{.session_present = session, .properties = granted}, client.options().version,
               bytes);
        out.clear();
        feed(bytes);
        ASSERT_TRUE(client.connected());
        recorder.seen.erase(std::find(recorder.seen.begin(), recorder.seen.end(),
                                      fmt::format("connected {}", session)));
    }
    void ack(PacketType type, int id, Reason reason = Reason::success) {
        std::string bytes;
        encode(Ack{type, PacketId{static_cast<uint16_t>(id)}, reason}, client.options().version,
               bytes);
        feed(bytes);
    }
    uint16_t publish(std::string_view payload, Qos qos) {
        const auto id =
            client.publish({.topic = "t", .payload = as_bytes(payload), .qos = qos}, out);
        EXPECT_TRUE(id) << id.error().text();
        return id ? id->value() : 0;
    }
    void deliver(int id, Qos qos, std::string_view payload, bool dup = false) {
        std::string bytes;
        encode(Publish{.topic = "in",
                       .payload = as_bytes(payload),
                       .packet_id = PacketId{static_cast<uint16_t>(id)},
                       .qos = qos,
                       .dup = dup},
               client.options().version, bytes);
        feed(bytes);
    }
    std::string take() { return std::exchange(out, {}); }

    ClientConnection client;
    Recorder recorder;
    std::string out;
};

TEST(ClientConnection, ConnectsWithAllItWasGiven) {
    for (const Version version : {Version::v3_1, Version::v3_1_1, Version::v5}) {
        Bench bench({.version = version,
                     .client_id = "me",
                     .clean_start = false,
                     .keep_alive_s = 7,
                     .user_name = "u",
                     .password = "p",
                     .will = ClientWill{"w", "gone", Qos::at_least_once, true},
                     .receive_maximum = 9});
        bench.client.connect(Time{0}, bench.out);
        const auto connect = parse_connect(frame_of(bench.out));
        ASSERT_TRUE(connect);
        EXPECT_EQ(connect->version, version);
        EXPECT_EQ(connect->client_id, "me");
        EXPECT_EQ(connect->keep_alive_s, 7);
        EXPECT_EQ(connect->user_name, "u");
        EXPECT_EQ(as_text(*connect->password), "p");
        EXPECT_EQ(connect->will->topic, "w");
        EXPECT_TRUE(connect->will->retain);
        EXPECT_EQ(connect->properties.number(PropertyId::receive_maximum, 0),
                  version == Version::v5 ? 9u : 0u);
    }
}

TEST(ClientConnection, HearsARefusal) {
    Bench bench;
    bench.client.connect(Time{0}, bench.out);
    bench.feed(bytes_of({0x20, 2, 0, 5}));
    EXPECT_EQ(bench.recorder.seen, Seen{"closed 0x87"});
    EXPECT_TRUE(bench.client.closed());
    Bench wrong;
    wrong.client.connect(Time{0}, wrong.out);
    wrong.feed(bytes_of({0xd0, 0}));
    EXPECT_EQ(wrong.recorder.seen, Seen{"closed 0x82"});
    Bench present;
    present.client.connect(Time{0}, present.out);
    present.feed(bytes_of({0x20, 2, 1, 0}));
    EXPECT_EQ(present.recorder.seen, Seen{"closed 0x82"});
}

TEST(ClientConnection, TimesOutOnASilentServer) {
    Bench bench({.answer_timeout = seconds(3)});
    bench.client.connect(Time{0}, bench.out);
    EXPECT_EQ(bench.client.deadline(), Time{} + seconds(3));
    bench.client.tick(Time{} + seconds(2), bench.recorder, bench.out);
    EXPECT_TRUE(bench.recorder.seen.empty());
    bench.client.tick(Time{} + seconds(3), bench.recorder, bench.out);
    EXPECT_EQ(bench.recorder.seen, Seen{"closed 0x88"});
}

TEST(ClientConnection, PublishesAtEveryQos) {
    for (const Version version : {Version::v3_1_1, Version::v5}) {
        Bench bench({.version = version});
        bench.connect();
        EXPECT_EQ(bench.publish("zero", Qos::at_most_once), 0);
        EXPECT_EQ(bench.client.in_flight(), 0u);
        const int one = bench.publish("one", Qos::at_least_once);
        const int two = bench.publish("two", Qos::exactly_once);
        EXPECT_EQ(bench.client.in_flight(), 2u);
        bench.ack(PacketType::puback, one);
        bench.take();
        bench.ack(PacketType::pubrec, two);
        EXPECT_EQ(bench.take(), bytes_of({0x62, 2, 0, two}));
        bench.ack(PacketType::pubrec, two);  // repeated
        EXPECT_EQ(bench.take(), bytes_of({0x62, 2, 0, two}));
        bench.ack(PacketType::pubcomp, two);
        bench.ack(PacketType::pubcomp, two);
        bench.ack(PacketType::puback, one);
        EXPECT_EQ(bench.recorder.seen,
                  (Seen{fmt::format("ack {} 0x0", one), fmt::format("ack {} 0x0", two)}));
        EXPECT_TRUE(bench.client.idle());
    }
}

TEST(ClientConnection, HearsThatAMessageWasRefused) {
    Bench bench({.version = Version::v5});
    bench.connect();
    const int one = bench.publish("one", Qos::at_least_once);
    const int two = bench.publish("two", Qos::exactly_once);
    bench.take();
    bench.ack(PacketType::puback, one, Reason::not_authorized);
    bench.ack(PacketType::pubrec, two, Reason::quota_exceeded);
    EXPECT_TRUE(bench.out.empty());
    EXPECT_EQ(bench.recorder.seen,
              (Seen{fmt::format("ack {} 0x87", one), fmt::format("ack {} 0x97", two)}));
    EXPECT_TRUE(bench.client.idle());
    bench.ack(PacketType::pubrec, 99);
    EXPECT_EQ(bench.take(), bytes_of({0x62, 3, 0, 99, 0x92}));
}

TEST(ClientConnection, StaysWithinTheWindow) {
    PropertyList granted;
    granted.number(PropertyId::receive_maximum, 2);
    Bench bench({.version = Version::v5, .in_flight_max = 10});
    bench.connect(false, granted.view());
    EXPECT_EQ(bench.client.window(), 2u);
    const int first = bench.publish("1", Qos::at_least_once);
    bench.publish("2", Qos::exactly_once);
    EXPECT_EQ(bench.client.window(), 0u);
    const auto third = bench.client.publish({.topic = "t", .qos = Qos::at_least_once}, bench.out);
    ASSERT_FALSE(third);
    EXPECT_EQ(third.error().code(), ErrorCode::unavailable);
    bench.ack(PacketType::puback, first);
    EXPECT_EQ(bench.client.window(), 1u);
    EXPECT_EQ(bench.publish("0", Qos::at_most_once), 0);
}

TEST(ClientConnection, RefusesWhatTheServerWould) {
    PropertyList granted;
    granted.number(PropertyId::maximum_qos, 1)
        .number(PropertyId::retain_available, 0)
        .number(PropertyId::maximum_packet_size, 20);
    Bench bench({.version = Version::v5});
    const auto code = [&](const Publish& message) {
        const auto id = bench.client.publish(message, bench.out);
        return id ? std::optional<ErrorCode>{} : id.error().code();
    };
    EXPECT_EQ(code({.topic = "t"}), ErrorCode::unavailable);
    bench.connect(false, granted.view());
    EXPECT_EQ(code({.topic = "t", .qos = Qos::exactly_once}), ErrorCode::unsupported);
    EXPECT_EQ(code({.topic = "t", .retain = true}), ErrorCode::unsupported);
    EXPECT_EQ(code({.topic = "a/#"}), ErrorCode::invalid_argument);
    EXPECT_EQ(code({.topic = "t", .payload = as_bytes("over the size limit")}),
              ErrorCode::limit_exceeded);
    EXPECT_TRUE(bench.out.empty());
    EXPECT_EQ(code({.topic = "t"}), std::nullopt);
}

TEST(ClientConnection, Subscribes) {
    Bench bench;
    bench.connect();
    const Subscription asked[] = {{"a/#", Qos::at_least_once}, {"b"}};
    const auto id = bench.client.subscribe(asked, bench.out);
    ASSERT_TRUE(id);
    EXPECT_EQ(parse_subscribe(frame_of(bench.out), Version::v3_1_1)->subscriptions.size(), 2u);
    bench.feed(bytes_of({0x90, 4, 0, id->value(), 1, 0x80}));
    const std::string_view gone[] = {"b"};
    const auto other = bench.client.unsubscribe(gone, bench.out);
    bench.feed(bytes_of({0xb0, 2, 0, other->value()}));
    bench.feed(bytes_of({0xb0, 2, 0, other->value()}));
    EXPECT_EQ(bench.recorder.seen, (Seen{fmt::format("subscribed {} 2", id->value()),
                                         fmt::format("unsubscribed {}", other->value())}));
    EXPECT_TRUE(bench.client.idle());
    const Subscription bad[] = {{"a/#/b"}};
    EXPECT_FALSE(bench.client.subscribe(bad, bench.out));
    EXPECT_FALSE(bench.client.subscribe({}, bench.out));
}

TEST(ClientConnection, AcknowledgesWhatComes) {
    Bench bench;
    bench.connect();
    bench.deliver(0, Qos::at_most_once, "0");
    EXPECT_TRUE(bench.out.empty());
    bench.deliver(5, Qos::at_least_once, "1");
    EXPECT_EQ(bench.take(), bytes_of({0x40, 2, 0, 5}));
    bench.deliver(6, Qos::exactly_once, "2");
    bench.deliver(6, Qos::exactly_once, "2", true);  // the PUBREC was lost
    EXPECT_EQ(bench.take(), bytes_of({0x50, 2, 0, 6, 0x50, 2, 0, 6}));
    bench.ack(PacketType::pubrel, 6);
    bench.ack(PacketType::pubrel, 6);  // the PUBCOMP was lost
    EXPECT_EQ(bench.take(), bytes_of({0x70, 2, 0, 6, 0x70, 2, 0, 6}));
    bench.deliver(6, Qos::exactly_once, "3");  // a new message
    EXPECT_EQ(bench.recorder.seen,
              (Seen{"message in 0", "message in 1", "message in 2", "message in 3"}));
}

TEST(ClientConnection, LimitsUnreleasedMessages) {
    Bench bench({.version = Version::v5, .receive_maximum = 1});
    bench.connect();
    bench.deliver(1, Qos::exactly_once, "1");
    bench.take();
    bench.deliver(2, Qos::exactly_once, "2");
    EXPECT_EQ(bench.recorder.seen.back(), "closed 0x93");
    EXPECT_EQ(bench.take(), bytes_of({0xe0, 1, 0x93}));
}

TEST(ClientConnection, RepeatsInOrderAfterALossWithTheSession) {
    Bench bench({.client_id = "c", .clean_start = false});
    bench.connect();
    const int a = bench.publish("a", Qos::at_least_once);
    const int b = bench.publish("b", Qos::at_least_once);
    bench.ack(PacketType::puback, a);
    const int c = bench.publish("c", Qos::exactly_once);  // takes the id of a again
    const int d = bench.publish("d", Qos::exactly_once);
    EXPECT_EQ(a, c);
    bench.ack(PacketType::pubrec, d);
    bench.recorder.take();
    bench.client.lost();
    EXPECT_FALSE(bench.client.publish({.topic = "t"}, bench.out));
    bench.connect(true);
    EXPECT_EQ(bench.take(), bytes_of({0x3a, 6, 0,   1, 't', 0,   b,    'b', 0x3c, 6,
                                      0,    1, 't', 0, c,   'c', 0x62, 2,   0,    d}));
    EXPECT_EQ(bench.client.in_flight(), 3u);
    bench.ack(PacketType::puback, b);
    bench.ack(PacketType::pubrec, c);
    bench.ack(PacketType::pubcomp, c);
    bench.ack(PacketType::pubcomp, d);
    EXPECT_TRUE(bench.client.idle());
    EXPECT_EQ(bench.recorder.seen.size(), 3u);
}

TEST(ClientConnection, PublishesAnewWhereTheSessionIsGone) {
    Bench bench;
    bench.connect();
    const int a = bench.publish("a", Qos::at_least_once);
    const int b = bench.publish("b", Qos::exactly_once);
    bench.ack(PacketType::pubrec, b);
    bench.client.lost();
    bench.connect(false);
    EXPECT_EQ(bench.take(), bytes_of({0x32, 6, 0, 1, 't', 0, a, 'a'}));
    EXPECT_EQ(bench.recorder.seen, Seen{fmt::format("ack {} 0x0", b)});
    Bench forgetful({.repeats = false});
    forgetful.connect();
    forgetful.publish("a", Qos::at_least_once);
    forgetful.client.lost();
    forgetful.connect(false);
    EXPECT_TRUE(forgetful.out.empty());
    EXPECT_TRUE(forgetful.client.idle());
}

TEST(ClientConnection, RepeatsWithinTheNewWindow) {
    Bench bench({.version = Version::v5, .clean_start = false});
    bench.connect();
    for (const auto payload : {"a", "b", "c"})
        bench.publish(payload, Qos::at_least_once);
    bench.client.lost();
    PropertyList granted;
    granted.number(PropertyId::receive_maximum, 2);
    bench.connect(true, granted.view());
    EXPECT_EQ(bench.take().size(), 18u);  // two of nine bytes
    EXPECT_EQ(bench.client.window(), 0u);
    bench.ack(PacketType::puback, 1);
    EXPECT_EQ(bench.take(), bytes_of({0x3a, 7, 0, 1, 't', 0, 3, 0, 'c'}));
    bench.ack(PacketType::puback, 2);
    EXPECT_EQ(bench.client.window(), 1u);
}

TEST(ClientConnection, PingsWhenNothingElseIsSent) {
    Bench bench({.keep_alive_s = 10, .answer_timeout = seconds(4)});
    bench.connect();
    const auto at = [](int64_t s) { return Time{} + seconds(s); };
    EXPECT_EQ(bench.client.deadline(), at(5));
    bench.publish("busy", Qos::at_most_once);
    bench.take();
    bench.client.tick(at(5), bench.recorder, bench.out);
    EXPECT_TRUE(bench.out.empty());
    bench.client.tick(at(10), bench.recorder, bench.out);
    EXPECT_EQ(bench.take(), bytes_of({0xc0, 0}));
    EXPECT_EQ(bench.client.deadline(), at(14));
    bench.feed(bytes_of({0xd0, 0}), at(11));
    EXPECT_EQ(bench.client.deadline(), at(15));
    bench.client.tick(at(15), bench.recorder, bench.out);
    EXPECT_EQ(bench.take(), bytes_of({0xc0, 0}));
    bench.client.tick(at(19), bench.recorder, bench.out);
    EXPECT_EQ(bench.recorder.seen, Seen{"closed 0x8d"});
}

TEST(ClientConnection, UsesAliasesWhereBothWant) {
    PropertyList granted;
    granted.number(PropertyId::topic_alias_maximum, 100);
    Bench bench({.version = Version::v5, .topic_alias_maximum = 1, .topic_alias_maximum_out = 4});
    bench.connect(false, granted.view());
    for (int i = 0; i < 2; ++i)
        (void)bench.client.publish({.topic = "plant/a"}, bench.out);
    EXPECT_EQ(bench.take().size(), 15u + 8u);
    PropertyList alias;
    alias.number(PropertyId::topic_alias, 1);
    std::string bytes;
    encode(Publish{.topic = "x", .properties = alias.view()}, Version::v5, bytes);
    encode(Publish{.properties = alias.view()}, Version::v5, bytes);
    bench.feed(bytes);
    EXPECT_EQ(bench.recorder.seen, (Seen{"message x ", "message x "}));
}

TEST(ClientConnection, HearsTheServersGoodbye) {
    Bench bench({.version = Version::v5});
    bench.connect();
    bench.feed(bytes_of({0xe0, 1, 0x8e}));
    EXPECT_EQ(bench.recorder.seen, Seen{"closed 0x8e"});
    EXPECT_TRUE(bench.out.empty());
    Bench leaving({.version = Version::v5});
    leaving.connect();
    leaving.client.disconnect(leaving.out, Reason::disconnect_with_will);
    EXPECT_EQ(leaving.take(), bytes_of({0xe0, 1, 0x04}));
    leaving.feed(bytes_of({0xd0, 0}));
    EXPECT_TRUE(leaving.recorder.seen.empty());
}

TEST(ClientConnection, TakesItsAssignedName) {
    PropertyList granted;
    granted.text(PropertyId::assigned_client_identifier, "auto-7");
    Bench bench({.version = Version::v5});
    bench.connect(false, granted.view());
    EXPECT_EQ(bench.client.options().client_id, "auto-7");
}

}  // namespace
}  // namespace hw::mqtt

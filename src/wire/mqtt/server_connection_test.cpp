#include "wire/mqtt/server_connection.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "wire/mqtt/test_bytes.h"

namespace hw::mqtt {
namespace {

// Writes down what it is told, and answers CONNECT at once unless told otherwise.
class Recorder : public ServerHandler {
  public:
    void on_connect(const Connect& p) override {
        note(fmt::format("connect {}", p.client_id));
        if (accepts) connection->accept(acceptance, *out);
    }
    void on_publish(const Publish& p) override {
        note(fmt::format("publish {} {} q{} id{}", p.topic, as_text(p.payload),
                         static_cast<int>(p.qos), p.packet_id.value()));
    }
    void on_ack(const Ack& p) override {
        note(fmt::format("{} {}", to_string(p.type), p.packet_id.value()));
    }
    void on_subscribe(const Subscribe& p) override {
        note(fmt::format("subscribe {}", p.packet_id.value()));
        for (const Subscription& s : p.subscriptions)
            note(fmt::format("+{}", s.filter));
    }
    void on_unsubscribe(const Unsubscribe& p) override {
        note(fmt::format("unsubscribe {}", p.packet_id.value()));
    }
    void on_disconnect(const Disconnect& p) override {
        note(fmt::format("disconnect {}", static_cast<int>(p.reason)));
    }
    void on_auth(const Auth& p) override { note(fmt::format("auth {:#x}", int(p.reason))); }
    void on_protocol_error(const ProtocolError& e) override {
        note(fmt::format("error {:#x}", static_cast<int>(e.reason)));
    }
    void note(std::string what) { seen.push_back(std::move(what)); }

    ServerConnection* connection = nullptr;
    std::string* out = nullptr;
    bool accepts = true;
    Acceptance acceptance;
    std::vector<std::string> seen;
};

struct Bench {
    explicit Bench(ServerLimits wanted = {}) : limits(wanted), connection(limits, Time{0}) {
        recorder.connection = &connection;
        recorder.out = &out;
    }
    void feed(std::string_view bytes, Time now = Time{0}) {
        connection.feed(as_bytes(bytes), now, recorder, out);
    }
    void connect(Version version = Version::v5, uint16_t keep_alive_s = 0,
                 Properties properties = {}) {
        std::string bytes;
        encode(Connect{.version = version,
                       .keep_alive_s = keep_alive_s,
                       .client_id = "c",
                       .properties = properties},
               bytes);
        feed(bytes);
        out.clear();
        recorder.seen.clear();
    }
    std::string take() { return std::exchange(out, {}); }

    ServerLimits limits;
    ServerConnection connection;
    Recorder recorder;
    std::string out;
};

std::string publish_bytes(const Publish& packet, Version version = Version::v5) {
    std::string bytes;
    encode(packet, version, bytes);
    return bytes;
}

std::string connect_bytes(Version version, std::string_view id = "c") {
    std::string bytes;
    encode(Connect{.version = version, .client_id = id}, bytes);
    return bytes;
}

std::string dialogue(Version version) {
    std::string bytes = connect_bytes(version);
    PropertyList alias;
    if (version == Version::v5) alias.number(PropertyId::topic_alias, 1);
    encode(Publish{.topic = "a/b", .payload = as_bytes("1"), .properties = alias.view()}, version,
           bytes);
    if (version == Version::v5)
        encode(Publish{.payload = as_bytes("2"), .properties = alias.view()}, version, bytes);
    encode(Publish{.topic = "q",
                   .payload = as_bytes(std::string(200, 'x')),
                   .packet_id = PacketId{7},
                   .qos = Qos::exactly_once},
           version, bytes);
    encode(Ack{PacketType::pubrel, PacketId{7}}, version, bytes);
    const Subscription asked[] = {{"a/#", Qos::at_least_once}, {"b"}};
    encode_subscribe(PacketId{8}, asked, {}, version, bytes);
    const std::string_view gone[] = {"b"};
    encode_unsubscribe(PacketId{9}, gone, {}, version, bytes);
    encode_pingreq(bytes);
    encode(Disconnect{}, version, bytes);
    return bytes;
}

TEST(ServerConnection, HandsOverEachPacketInOrder) {
    for (const Version version : {Version::v3_1, Version::v3_1_1, Version::v5}) {
        Bench bench;
        bench.feed(dialogue(version));
        std::vector<std::string> expected = {"connect c", "publish a/b 1 q0 id0"};
        if (version == Version::v5) expected.push_back("publish a/b 2 q0 id0");
        for (const std::string& more :
             {"publish q " + std::string(200, 'x') + " q2 id7", std::string("PUBREL 7"),
              std::string("subscribe 8"), std::string("+a/#"), std::string("+b"),
              std::string("unsubscribe 9"), std::string("disconnect 0")})
            expected.push_back(more);
        EXPECT_EQ(bench.recorder.seen, expected);
        EXPECT_TRUE(bench.connection.closed());
        EXPECT_TRUE(bench.out.ends_with(bytes_of({0xd0, 0})));
    }
}

TEST(ServerConnection, IsTheSameForEverySplit) {
    for (const Version version : {Version::v3_1_1, Version::v5}) {
        const std::string bytes = dialogue(version);
        Bench whole;
        whole.feed(bytes);
        for (size_t at = 0; at <= bytes.size(); ++at) {
            Bench split;
            split.feed(view(bytes).substr(0, at));
            split.feed(view(bytes).substr(at));
            EXPECT_EQ(split.recorder.seen, whole.recorder.seen) << at;
            EXPECT_EQ(split.out, whole.out);
        }
        Bench drops;
        for (const char byte : bytes)
            drops.feed({&byte, 1});
        EXPECT_EQ(drops.recorder.seen, whole.recorder.seen);
        EXPECT_EQ(drops.out, whole.out);
    }
}

TEST(ServerConnection, StaysSmall) {
    EXPECT_LE(sizeof(ServerConnection), 400u);
}

TEST(ServerConnection, WantsConnectFirstAndOnce) {
    Bench first;
    first.feed(bytes_of({0xc0, 0}));
    EXPECT_EQ(first.recorder.seen, std::vector<std::string>{"error 0x82"});
    EXPECT_TRUE(first.out.empty());
    EXPECT_TRUE(first.connection.closed());

    Bench twice;
    twice.connect();
    twice.feed(connect_bytes(Version::v5));
    EXPECT_EQ(twice.recorder.seen, std::vector<std::string>{"error 0x82"});
    EXPECT_EQ(static_cast<uint8_t>(twice.out[0]), 0xe0);
    twice.out.clear();
    twice.feed(bytes_of({0xc0, 0}));  // and nothing more
    EXPECT_EQ(twice.recorder.seen.size(), 1u);
    EXPECT_TRUE(twice.out.empty());
}

TEST(ServerConnection, RefusesOtherVersionsInTheirForm) {
    const auto answer = [](int level) {
        Bench bench;
        bench.feed(packet_of(0x10, bytes_of({0, 4, 'M', 'Q', 'T', 'T', level, 2, 0, 0, 0, 0})));
        EXPECT_TRUE(bench.connection.closed());
        return bench.out;
    };
    EXPECT_EQ(answer(3), bytes_of({0x20, 2, 0, 1}));
    EXPECT_EQ(answer(0x84), bytes_of({0x20, 2, 0, 1}));
    EXPECT_EQ(parse_connack(frame_of(answer(6)), Version::v5)->reason,
              Reason::unsupported_protocol_version);
    Bench other;
    other.feed(bytes_of({0x10, 7, 0, 4, 'H', 'T', 'T', 'P', 1}));
    EXPECT_TRUE(other.connection.closed());
    EXPECT_TRUE(other.out.empty());
}

TEST(ServerConnection, AnswersAMalformedConnectIn5Only) {
    const auto answer = [](Version version) {
        std::string bytes = connect_bytes(version);
        bytes[9] = static_cast<char>(bytes[9] | 1);  // the reserved connect flag
        Bench bench;
        bench.feed(bytes);
        EXPECT_EQ(bench.recorder.seen, std::vector<std::string>{"error 0x81"});
        return bench.out;
    };
    EXPECT_TRUE(answer(Version::v3_1_1).empty());
    const std::string said = answer(Version::v5);
    EXPECT_EQ(parse_connack(frame_of(said), Version::v5)->reason, Reason::malformed_packet);
    Bench unnamed;
    std::string bytes;
    encode(Connect{.clean_start = false}, bytes);
    unnamed.feed(bytes);
    EXPECT_EQ(unnamed.out, bytes_of({0x20, 2, 0, 2}));  // 3.1.1: [MQTT-3.1.3-8]
}

TEST(ServerConnection, SaysWhyItEndsIn5AndJustEndsBefore) {
    const auto bad = bytes_of({0x36, 5, 0, 1, 't', 0, 1});
    Bench five;
    five.connect(Version::v5);
    five.feed(bad);
    EXPECT_EQ(five.recorder.seen, std::vector<std::string>{"error 0x81"});
    const auto goodbye = parse_disconnect(frame_of(five.out), Version::v5);
    EXPECT_EQ(goodbye->reason, Reason::malformed_packet);
    EXPECT_EQ(goodbye->properties.text(PropertyId::reason_string), "QoS is 3");
    Bench three;
    three.connect(Version::v3_1_1);
    three.feed(bad);
    EXPECT_TRUE(three.out.empty());
    EXPECT_TRUE(three.connection.closed());
}

TEST(ServerConnection, TellsItsLimits) {
    Bench bench({.packet_bytes_max = 5000,
                 .receive_maximum = 20,
                 .topic_alias_maximum = 8,
                 .keep_alive_max_s = 100});
    bench.recorder.acceptance = {
        .session_present = true, .assigned_client_id = "auto-1", .session_expiry_s = 3600};
    bench.feed(connect_bytes(Version::v5, ""));
    const auto connack = parse_connack(frame_of(bench.out), Version::v5);
    ASSERT_TRUE(connack);
    EXPECT_TRUE(connack->session_present);
    const Properties& said = connack->properties;
    EXPECT_EQ(said.number(PropertyId::maximum_packet_size, 0), 5000u);
    EXPECT_EQ(said.number(PropertyId::receive_maximum, 0), 20u);
    EXPECT_EQ(said.number(PropertyId::topic_alias_maximum, 0), 8u);
    EXPECT_EQ(said.number(PropertyId::server_keep_alive, 0), 100u);
    EXPECT_EQ(said.number(PropertyId::session_expiry_interval, 0), 3600u);
    EXPECT_EQ(said.text(PropertyId::assigned_client_identifier), "auto-1");
    EXPECT_EQ(bench.connection.keep_alive_s(), 100);
}

TEST(ServerConnection, KeepsWhatFollowsAConnectUntilItIsAnswered) {
    Bench bench;
    bench.recorder.accepts = false;
    const std::string bytes =
        connect_bytes(Version::v3_1_1) +
        publish_bytes({.topic = "t", .payload = as_bytes("1")}, Version::v3_1_1);
    bench.feed(bytes);
    bench.feed(publish_bytes({.topic = "t", .payload = as_bytes("2")}, Version::v3_1_1));
    EXPECT_TRUE(bench.connection.awaits_answer());
    EXPECT_EQ(bench.recorder.seen.size(), 1u);
    bench.connection.accept({}, bench.out);
    bench.connection.resume(Time{0}, bench.recorder, bench.out);
    EXPECT_EQ(bench.recorder.seen.size(), 3u);
    EXPECT_EQ(bench.recorder.seen[2], "publish t 2 q0 id0");

    Bench refused;
    refused.recorder.accepts = false;
    refused.feed(bytes);
    refused.connection.refuse(Reason::not_authorized, refused.out);
    refused.connection.resume(Time{0}, refused.recorder, refused.out);
    EXPECT_EQ(refused.out, bytes_of({0x20, 2, 0, 5}));
    EXPECT_EQ(refused.recorder.seen.size(), 1u);
    EXPECT_TRUE(refused.connection.closed());
}

TEST(ServerConnection, TalksAuthBeforeItAccepts) {
    PropertyList method;
    method.text(PropertyId::authentication_method, "SCRAM");
    std::string bytes;
    encode(Connect{.version = Version::v5, .client_id = "c", .properties = method.view()}, bytes);
    Bench bench;
    bench.recorder.accepts = false;
    bench.feed(bytes);
    bench.connection.auth({Reason::continue_authentication, method.view()}, bench.out);
    EXPECT_EQ(static_cast<uint8_t>(bench.take()[0]), 0xf0);
    bytes.clear();
    encode(Auth{Reason::continue_authentication, method.view()}, bytes);
    bench.feed(bytes);
    EXPECT_EQ(bench.recorder.seen.back(), "auth 0x18");

    Bench plain;
    plain.connect(Version::v5);
    plain.feed(bytes);
    EXPECT_EQ(plain.recorder.seen.back(), "error 0x82");
}

TEST(ServerConnection, RefusesWhatOnlyAServerSends) {
    for (const std::string& bytes : {bytes_of({0x20, 3, 0, 0, 0}), bytes_of({0x90, 4, 0, 1, 0, 0}),
                                     bytes_of({0xb0, 4, 0, 1, 0, 0}), bytes_of({0xd0, 0})}) {
        Bench bench;
        bench.connect();
        bench.feed(bytes);
        EXPECT_EQ(bench.recorder.seen, std::vector<std::string>{"error 0x82"});
    }
    Bench bench;
    bench.connect();
    PropertyList identifier;
    identifier.number(PropertyId::subscription_identifier, 1);
    bench.feed(publish_bytes({.topic = "t", .properties = identifier.view()}));
    EXPECT_EQ(bench.recorder.seen, std::vector<std::string>{"error 0x82"});
}

TEST(ServerConnection, ChecksTopicAliases) {
    const auto publish = [](std::string_view topic, uint32_t alias) {
        PropertyList properties;
        properties.number(PropertyId::topic_alias, alias);
        return publish_bytes({.topic = topic, .properties = properties.view()});
    };
    Bench bench({.topic_alias_maximum = 2});
    bench.connect();
    bench.feed(publish("a", 1) + publish("b", 2) + publish("", 1) + publish("c", 1) +
               publish("", 1) + publish("", 2));
    EXPECT_EQ(
        bench.recorder.seen,
        (std::vector<std::string>{"publish a  q0 id0", "publish b  q0 id0", "publish a  q0 id0",
                                  "publish c  q0 id0", "publish c  q0 id0", "publish b  q0 id0"}));
    bench.feed(publish("d", 3));
    EXPECT_EQ(bench.recorder.seen.back(), "error 0x94");
    Bench unset({.topic_alias_maximum = 2});
    unset.connect();
    unset.feed(publish("", 2));
    EXPECT_EQ(unset.recorder.seen.back(), "error 0x82");
}

TEST(ServerConnection, EnforcesTheReceiveMaximum) {
    const auto publish = [](int id, Qos qos) {
        return publish_bytes(
            {.topic = "t", .packet_id = PacketId{static_cast<uint16_t>(id)}, .qos = qos});
    };
    Bench bench({.receive_maximum = 2});
    bench.connect();
    bench.feed(publish(1, Qos::at_least_once) + publish(2, Qos::exactly_once));
    EXPECT_EQ(bench.connection.inbound_unacknowledged(), 2u);
    bench.connection.puback(PacketId{1}, bench.out);
    bench.connection.pubrec(PacketId{2}, bench.out);
    bench.feed(publish(3, Qos::at_least_once));
    EXPECT_EQ(bench.recorder.seen.back(), "publish t  q1 id3");
    bench.connection.pubcomp(PacketId{2}, bench.out);
    bench.connection.pubrec(PacketId{3}, bench.out, Reason::quota_exceeded);  // ends it
    EXPECT_EQ(bench.connection.inbound_unacknowledged(), 0u);
    bench.connection.pubcomp(PacketId{9}, bench.out);  // of an earlier connection
    EXPECT_EQ(bench.connection.inbound_unacknowledged(), 0u);
    bench.feed(publish(1, Qos::at_least_once) + publish(2, Qos::at_least_once) +
               publish(3, Qos::at_least_once));
    EXPECT_EQ(bench.recorder.seen.back(), "error 0x93");
    EXPECT_TRUE(bench.connection.closed());
}

TEST(ServerConnection, RefusesPacketsOverTheLimit) {
    Bench bench({.packet_bytes_max = 100});
    bench.connect();
    bench.feed(bytes_of({0x30, 0x63}));  // 101 bytes are announced
    EXPECT_EQ(bench.recorder.seen, std::vector<std::string>{"error 0x95"});
}

TEST(ServerConnection, KeepsTime) {
    Bench silent({.connect_timeout = seconds(5)});
    EXPECT_EQ(silent.connection.deadline(), Time{} + seconds(5));
    silent.feed(bytes_of({0x10}), Time{} + seconds(4));  // dribbling does not help
    EXPECT_FALSE(silent.connection.expired(Time{} + milliseconds(4'999)));
    EXPECT_TRUE(silent.connection.expired(Time{} + seconds(5)));
    silent.connection.time_out(silent.out);
    EXPECT_TRUE(silent.out.empty());
    EXPECT_TRUE(silent.connection.closed());

    Bench bench;
    bench.connect(Version::v5, 10);
    EXPECT_EQ(bench.connection.deadline(), Time{} + seconds(15));
    bench.feed(bytes_of({0xc0, 0}), Time{} + seconds(7));
    EXPECT_EQ(bench.take(), bytes_of({0xd0, 0}));
    EXPECT_FALSE(bench.connection.expired(Time{} + milliseconds(21'999)));
    EXPECT_TRUE(bench.connection.expired(Time{} + seconds(22)));
    bench.connection.time_out(bench.out);
    EXPECT_EQ(bench.out, bytes_of({0xe0, 1, 0x8d}));
    EXPECT_EQ(bench.connection.deadline(), std::nullopt);

    Bench patient;
    patient.connect(Version::v3_1_1, 0);
    EXPECT_EQ(patient.connection.deadline(), std::nullopt);
}

TEST(ServerConnection, SendsImagesWithinTheClientsSize) {
    PropertyList properties;
    properties.number(PropertyId::maximum_packet_size, 12);
    Bench bench;
    bench.connect(Version::v5, 0, properties.view());
    PublishImage image;
    image.assign({.topic = "t",
                  .payload = as_bytes("12"),
                  .packet_id = PacketId{1},
                  .qos = Qos::at_least_once},
                 Version::v5);
    EXPECT_EQ(bench.connection.publish(image, PacketId{0x0203}, true, true, bench.out), Sent::yes);
    EXPECT_EQ(bench.take(), bytes_of({0x3b, 8, 0, 1, 't', 2, 3, 0, '1', '2'}));
    image.assign({.topic = "t", .payload = as_bytes("12345678")}, Version::v5);
    EXPECT_EQ(bench.connection.publish(image, {}, false, false, bench.out), Sent::too_large);
    EXPECT_EQ(bench.connection.publish({.topic = "t", .payload = as_bytes("12345678")}, bench.out),
              Sent::too_large);
    EXPECT_TRUE(bench.out.empty());
    bench.connection.disconnect(Reason::server_shutting_down, bench.out, "a reason too long");
    EXPECT_EQ(bench.take(), bytes_of({0xe0, 1, 0x8b}));
    EXPECT_EQ(bench.connection.publish(image, {}, false, false, bench.out), Sent::closed);
    bench.connection.puback(PacketId{1}, bench.out);
    bench.connection.disconnect(Reason::server_shutting_down, bench.out);
    EXPECT_TRUE(bench.out.empty());
}

TEST(ServerConnection, ShortensTopicsForWhoAllowsIt) {
    PropertyList properties;
    properties.number(PropertyId::topic_alias_maximum, 1);
    Bench bench;
    bench.connect(Version::v5, 0, properties.view());
    EXPECT_TRUE(bench.connection.uses_topic_aliases());
    InboundAliases aliases;
    for (const auto topic : {"plant/a", "plant/a", "plant/b", "plant/a", "plant/a"}) {
        bench.connection.publish({.topic = topic, .payload = as_bytes("1")}, bench.out);
        const std::string bytes = bench.take();
        auto packet = parse_publish(frame_of(bytes), Version::v5);
        ASSERT_TRUE(packet);
        ASSERT_FALSE(aliases.resolve(*packet, 1));
        EXPECT_EQ(packet->topic, topic);
        bench.recorder.note(fmt::format("{}", bytes.size()));
    }
    EXPECT_EQ(bench.recorder.seen, (std::vector<std::string>{"16", "9", "16", "16", "9"}));
    Bench plain;
    plain.connect(Version::v5);
    EXPECT_FALSE(plain.connection.uses_topic_aliases());
}

TEST(ServerConnection, MapsReasonsForOldClients) {
    Bench bench;
    bench.connect(Version::v3_1_1);
    const Reason reasons[] = {Reason::granted_qos_1, Reason::not_authorized};
    bench.connection.suback(PacketId{1}, reasons, bench.out);
    bench.connection.unsuback(PacketId{2}, reasons, bench.out);
    bench.connection.puback(PacketId{3}, bench.out, Reason::not_authorized);
    bench.connection.pubrel(PacketId{4}, bench.out);
    bench.connection.disconnect(Reason::session_taken_over, bench.out);
    EXPECT_EQ(bench.out,
              bytes_of({0x90, 4, 0, 1, 1, 0x80, 0xb0, 2, 0, 2, 0x40, 2, 0, 3, 0x62, 2, 0, 4}));
}

TEST(ServerConnection, ChecksTheSessionExpiryOnLeaving) {
    PropertyList expiry;
    expiry.number(PropertyId::session_expiry_interval, 5);
    std::string leave;
    encode(Disconnect{Reason::success, expiry.view()}, Version::v5, leave);
    Bench none;
    none.connect(Version::v5);
    none.feed(leave);
    EXPECT_EQ(none.recorder.seen, std::vector<std::string>{"error 0x82"});
    Bench some;
    some.connect(Version::v5, 0, expiry.view());
    some.feed(leave);
    EXPECT_EQ(some.recorder.seen, std::vector<std::string>{"disconnect 0"});
    EXPECT_TRUE(some.out.empty());
}

}  // namespace
}  // namespace hw::mqtt

#include "wire/mqtt/codec.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "wire/mqtt/test_bytes.h"

namespace hw::mqtt {
namespace {

constexpr Version all_versions[] = {Version::v3_1, Version::v3_1_1, Version::v5};

TEST(Frame, AsksForWhatIsMissing) {
    const std::string whole = packet_of(0x30, std::string(300, 'x'));
    EXPECT_EQ(next_packet("", 1000, Version::v5).size_needed, 2u);
    EXPECT_EQ(next_packet(whole.substr(0, 1), 1000, Version::v5).size_needed, 2u);
    EXPECT_EQ(next_packet(whole.substr(0, 2), 1000, Version::v5).size_needed, 3u);
    for (size_t size = 3; size < whole.size(); ++size) {
        const auto next = next_packet(view(whole).substr(0, size), 1000, Version::v5);
        EXPECT_EQ(next.framing, Framing::need_more);
        EXPECT_EQ(next.size_needed, whole.size());
    }
    EXPECT_EQ(next_packet(whole, 1000, Version::v5).framing, Framing::complete);
}

TEST(Frame, RefusesAPacketOverTheLimitByItsHeader) {
    const std::string header = bytes_of({0x30, 0x80, 0x01});
    EXPECT_EQ(next_packet(header, 131, Version::v5).framing, Framing::need_more);
    const auto next = next_packet(header, 130, Version::v5);
    EXPECT_EQ(next.framing, Framing::error);
    EXPECT_EQ(next.error.reason, Reason::packet_too_large);
}

TEST(Frame, RefusesLengthsOverFourBytes) {
    const auto bytes = bytes_of({0x30, 0xff, 0xff, 0xff, 0xff});
    EXPECT_EQ(next_packet(bytes, SIZE_MAX, Version::v3_1_1).error.reason, Reason::malformed_packet);
    const auto most = bytes_of({0x30, 0xff, 0xff, 0xff, 0x7f});
    EXPECT_EQ(next_packet(most, SIZE_MAX, Version::v5).size_needed, remaining_length_max + 5);
}

TEST(Frame, RefusesPaddedLengthsIn5Only) {
    const auto bytes = bytes_of({0xc0, 0x80, 0x00});
    EXPECT_EQ(next_packet(bytes, 100, Version::v5).framing, Framing::error);
    EXPECT_EQ(next_packet(bytes, 100, Version::v3_1_1).framing, Framing::complete);
}

TEST(Frame, RefusesReservedTypesAndFlags) {
    for (int first = 0; first < 256; ++first) {
        const int type = first >> 4;
        const int flags = first & 15;
        const bool two = type == 6 || type == 8 || type == 10;
        const bool good = type == 3 || (type != 0 && flags == (two ? 2 : 0));
        const auto bytes = bytes_of({first, 0});
        EXPECT_EQ(next_packet(bytes, 100, Version::v5).framing == Framing::complete, good) << first;
        const bool good_before_5 = good && type != 15;
        EXPECT_EQ(next_packet(bytes, 100, Version::v3_1_1).framing == Framing::complete,
                  good_before_5);
        EXPECT_EQ(next_packet(bytes, 100, Version::v3_1).framing == Framing::complete,
                  good_before_5 || (two && flags == 0x0a));
    }
}

TEST(Connect, ReadsTheExampleOfTheStandard) {
    // 3.1.2, figure 3-6: keep alive 10, clean start, will QoS 1, user name, password, session
    // expiry 10.
    const std::string bytes = packet_of(
        0x10,
        bytes_of({0,   4,   'M', 'Q', 'T', 'T', 5,   0xce, 0, 10, 5,   0x11, 0, 0,   0, 10, 0,  2,
                  'i', 'd', 0,   0,   3,   't', '/', 'w',  0, 1,  '!', 0,    1, 'u', 0, 1,  'p'}));
    const auto connect = parse_connect(frame_of(bytes));
    ASSERT_TRUE(connect) << connect.error().why;
    EXPECT_EQ(connect->version, Version::v5);
    EXPECT_TRUE(connect->clean_start);
    EXPECT_EQ(connect->keep_alive_s, 10);
    EXPECT_EQ(connect->properties.number(PropertyId::session_expiry_interval, 0), 10u);
    EXPECT_EQ(connect->client_id, "id");
    ASSERT_TRUE(connect->will);
    EXPECT_EQ(connect->will->topic, "t/w");
    EXPECT_EQ(as_text(connect->will->payload), "!");
    EXPECT_EQ(connect->will->qos, Qos::at_least_once);
    EXPECT_FALSE(connect->will->retain);
    EXPECT_EQ(connect->user_name, "u");
    EXPECT_EQ(as_text(*connect->password), "p");
    std::string again;
    encode(*connect, again);
    EXPECT_EQ(again, bytes);
}

TEST(Connect, ComesBackInEveryVersion) {
    PropertyList will_properties;
    will_properties.number(PropertyId::will_delay_interval, 5).user("a", "b");
    PropertyList properties;
    properties.number(PropertyId::receive_maximum, 7);
    for (const Version version : all_versions) {
        const bool v5 = version == Version::v5;
        Connect packet{.version = version,
                       .clean_start = false,
                       .keep_alive_s = 600,
                       .client_id = "pump-7",
                       .will = Will{"w/t", as_bytes("gone"), Qos::exactly_once, true,
                                    v5 ? will_properties.view() : Properties{}},
                       .user_name = "u",
                       .password = as_bytes("secret"),
                       .properties = v5 ? properties.view() : Properties{}};
        std::string bytes;
        encode(packet, bytes);
        const auto parsed = parse_connect(frame_of(bytes, version));
        ASSERT_TRUE(parsed) << parsed.error().why;
        EXPECT_EQ(parsed->version, version);
        EXPECT_FALSE(parsed->clean_start);
        EXPECT_EQ(parsed->client_id, "pump-7");
        EXPECT_EQ(parsed->will->qos, Qos::exactly_once);
        EXPECT_TRUE(parsed->will->retain);
        EXPECT_EQ(parsed->will->properties, packet.will->properties);
        EXPECT_EQ(parsed->properties, packet.properties);
        EXPECT_EQ(parsed->user_name, "u");
        EXPECT_EQ(as_text(*parsed->password), "secret");
    }
}

std::string connect_bytes(int level, int flags, std::string_view payload,
                          std::string_view name = "MQTT") {
    std::string body;
    ByteWriter writer(body);
    writer.big(static_cast<uint16_t>(name.size()));
    writer.text(name);
    writer.u8(static_cast<uint8_t>(level));
    writer.u8(static_cast<uint8_t>(flags));
    writer.big(uint16_t{60});
    if (level == 5) writer.u8(0);
    writer.text(payload);
    return packet_of(0x10, body);
}

TEST(Connect, IsCheckedByTheStandard) {
    const auto id = bytes_of({0, 1, 'c'});
    const auto none = bytes_of({0, 0});
    const auto of = [](const std::string& bytes) { return verdict(bytes, Version::v5); };
    for (const int level : {4, 5}) {
        EXPECT_EQ(of(connect_bytes(level, 2, id)), Reason::success);
        EXPECT_EQ(of(connect_bytes(level, 3, id)), Reason::malformed_packet);     // reserved
        EXPECT_EQ(of(connect_bytes(level, 0x0a, id)), Reason::malformed_packet);  // will QoS
        EXPECT_EQ(of(connect_bytes(level, 0x22, id)), Reason::malformed_packet);  // will retain
        EXPECT_EQ(of(connect_bytes(level, 0x1e, id)), Reason::malformed_packet);  // will QoS 3
        EXPECT_EQ(of(connect_bytes(level, 2, id + "x")), Reason::malformed_packet);
        EXPECT_EQ(of(connect_bytes(level, 2, "")), Reason::malformed_packet);
        EXPECT_EQ(of(connect_bytes(level, 2, bytes_of({0, 2, 0xc0, 0x80}))),
                  Reason::malformed_packet);
        EXPECT_EQ(of(connect_bytes(level, 0x82, id + bytes_of({0, 1, 0xff}))),
                  Reason::malformed_packet);  // user name
        EXPECT_EQ(of(connect_bytes(level, 0x82, id)), Reason::malformed_packet);
    }
    // Password without user name: new in 5.0.
    EXPECT_EQ(of(connect_bytes(4, 0x42, id + id)), Reason::malformed_packet);
    EXPECT_EQ(of(connect_bytes(5, 0x42, id + id)), Reason::success);
    // An empty client id.
    EXPECT_EQ(of(connect_bytes(4, 2, none)), Reason::success);
    EXPECT_EQ(of(connect_bytes(4, 0, none)), Reason::client_identifier_not_valid);
    EXPECT_EQ(of(connect_bytes(5, 0, none)), Reason::success);
    EXPECT_EQ(of(connect_bytes(3, 2, none, "MQIsdp")), Reason::client_identifier_not_valid);
    EXPECT_EQ(of(connect_bytes(3, 2, id, "MQIsdp")), Reason::success);
    // Other protocols and versions.
    EXPECT_EQ(of(connect_bytes(6, 2, id)), Reason::unsupported_protocol_version);
    EXPECT_EQ(of(connect_bytes(3, 2, id)), Reason::unsupported_protocol_version);
    EXPECT_EQ(of(connect_bytes(0x84, 2, id)), Reason::unsupported_protocol_version);
    EXPECT_EQ(of(connect_bytes(4, 2, id, "MQIsdp")), Reason::unsupported_protocol_version);
    EXPECT_EQ(of(connect_bytes(4, 2, id, "mqtt")), Reason::malformed_packet);
    // A will topic with wildcards; an empty one.
    EXPECT_EQ(of(connect_bytes(4, 6, id + bytes_of({0, 1, '#', 0, 0}))),
              Reason::topic_name_invalid);
    EXPECT_EQ(of(connect_bytes(4, 6, id + bytes_of({0, 0, 0, 0}))), Reason::topic_name_invalid);
    EXPECT_EQ(of(connect_bytes(4, 6, id + bytes_of({0, 1, 'w', 0, 5}))), Reason::malformed_packet);
}

TEST(Connack, ComesBackInEveryVersion) {
    PropertyList properties;
    properties.number(PropertyId::server_keep_alive, 30).text(PropertyId::reason_string, "full");
    for (const Version version : all_versions) {
        std::string bytes;
        encode(Connack{.reason = Reason::not_authorized, .properties = properties.view()}, version,
               bytes);
        const auto parsed = parse_connack(frame_of(bytes, version), version);
        ASSERT_TRUE(parsed);
        EXPECT_EQ(parsed->reason, Reason::not_authorized);
        EXPECT_EQ(parsed->properties.has(PropertyId::server_keep_alive), version == Version::v5);
        bytes.clear();
        encode(Connack{.session_present = true}, version, bytes);
        EXPECT_EQ(parse_connack(frame_of(bytes, version), version)->session_present,
                  version != Version::v3_1);
    }
    EXPECT_EQ(verdict(bytes_of({0x20, 2, 0, 6}), Version::v3_1_1), Reason::malformed_packet);
    EXPECT_EQ(verdict(bytes_of({0x20, 2, 2, 0}), Version::v3_1_1), Reason::malformed_packet);
    EXPECT_EQ(verdict(bytes_of({0x20, 2, 1, 5}), Version::v3_1_1), Reason::protocol_error);
    EXPECT_EQ(verdict(bytes_of({0x20, 3, 0, 0, 0}), Version::v3_1_1), Reason::malformed_packet);
    EXPECT_EQ(verdict(bytes_of({0x20, 3, 0, 1, 0}), Version::v5), Reason::malformed_packet);
}

TEST(Connack, HasAReturnCodeForEveryReasonBefore5) {
    for (int code = 0x80; code <= 0xa2; ++code) {
        std::string bytes;
        encode(Connack{.reason = static_cast<Reason>(code)}, Version::v3_1_1, bytes);
        const auto parsed = parse_connack(frame_of(bytes, Version::v3_1_1), Version::v3_1_1);
        ASSERT_TRUE(parsed);
        EXPECT_TRUE(failed(parsed->reason));
    }
}

TEST(Publish, ReadsTheExampleOfTheStandard) {
    // 3.3.2, table 3-11: topic a/b, packet id 10, no properties; then a payload.
    const auto bytes = bytes_of({0x33, 9, 0, 3, 'a', '/', 'b', 0, 10, 0, '7'});
    const auto publish = parse_publish(frame_of(bytes), Version::v5);
    ASSERT_TRUE(publish);
    EXPECT_EQ(publish->topic, "a/b");
    EXPECT_EQ(publish->packet_id, PacketId{10});
    EXPECT_EQ(publish->qos, Qos::at_least_once);
    EXPECT_TRUE(publish->retain);
    EXPECT_FALSE(publish->dup);
    EXPECT_EQ(as_text(publish->payload), "7");
    std::string again;
    EXPECT_TRUE(encode(*publish, Version::v5, again));
    EXPECT_EQ(again, bytes);
}

TEST(Publish, ComesBackWithEveryFlagAndLength) {
    PropertyList properties;
    properties.text(PropertyId::content_type, "json")
        .number(PropertyId::subscription_identifier, 9);
    for (const Version version : all_versions)
        for (const int qos : {0, 1, 2})
            for (const bool flag : {false, true})
                for (const size_t length : {0u, 1u, 100u, 118u, 200u, 16'300u, 16'400u}) {
                    const std::string payload(length, 'p');
                    const Publish packet{
                        .topic = "plant/pump",
                        .payload = as_bytes(payload),
                        .packet_id = PacketId{static_cast<uint16_t>(qos == 0 ? 0 : 0x1234)},
                        .qos = static_cast<Qos>(qos),
                        .retain = flag,
                        .dup = flag && qos > 0,
                        .properties = version == Version::v5 ? properties.view() : Properties{}};
                    std::string bytes = "before";
                    ASSERT_TRUE(encode(packet, version, bytes));
                    EXPECT_EQ(bytes.size() - 6, encoded_size(packet, version));
                    const auto parsed =
                        parse_publish(frame_of(view(bytes).substr(6), version), version);
                    ASSERT_TRUE(parsed) << parsed.error().why;
                    EXPECT_EQ(parsed->topic, packet.topic);
                    EXPECT_EQ(as_text(parsed->payload), payload);
                    EXPECT_EQ(parsed->packet_id, packet.packet_id);
                    EXPECT_EQ(parsed->qos, packet.qos);
                    EXPECT_EQ(parsed->retain, packet.retain);
                    EXPECT_EQ(parsed->dup, packet.dup);
                    EXPECT_EQ(parsed->properties, packet.properties);
                }
}

TEST(Publish, IsCheckedByTheStandard) {
    const auto topic = bytes_of({0, 1, 't'});
    const auto of = [](int first, const std::string& body, Version version = Version::v3_1_1) {
        return verdict(packet_of(first, body), version);
    };
    EXPECT_EQ(of(0x30, topic), Reason::success);
    EXPECT_EQ(of(0x36, topic + bytes_of({0, 1})), Reason::malformed_packet);  // QoS 3
    EXPECT_EQ(of(0x38, topic), Reason::malformed_packet);                     // DUP at QoS 0
    EXPECT_EQ(of(0x32, topic + bytes_of({0, 0})), Reason::protocol_error);    // packet id 0
    EXPECT_EQ(of(0x32, topic + bytes_of({0})), Reason::malformed_packet);
    EXPECT_EQ(of(0x32, topic), Reason::malformed_packet);
    EXPECT_EQ(of(0x30, bytes_of({0})), Reason::malformed_packet);
    EXPECT_EQ(of(0x30, bytes_of({0, 2, 't'})), Reason::malformed_packet);
    EXPECT_EQ(of(0x30, bytes_of({0, 1, '+'})), Reason::topic_name_invalid);
    EXPECT_EQ(of(0x30, bytes_of({0, 3, 'a', '/', '#'})), Reason::topic_name_invalid);
    EXPECT_EQ(of(0x30, bytes_of({0, 1, 0})), Reason::topic_name_invalid);
    EXPECT_EQ(of(0x30, bytes_of({0, 1, 0xff})), Reason::topic_name_invalid);
    EXPECT_EQ(of(0x30, bytes_of({0, 0})), Reason::protocol_error);
    EXPECT_EQ(of(0x30, bytes_of({0, 0, 0}), Version::v5), Reason::protocol_error);
    EXPECT_EQ(of(0x30, bytes_of({0, 0, 3, 0x23, 0, 1}), Version::v5), Reason::success);
    EXPECT_EQ(of(0x30, bytes_of({0, 0, 3, 0x23, 0, 0}), Version::v5), Reason::topic_alias_invalid);
    EXPECT_EQ(of(0x30, topic, Version::v5), Reason::malformed_packet);  // no property length
}

TEST(Publish, TooLargeForMqttIsRefused) {
    const std::string payload(remaining_length_max, 'x');
    std::string out;
    EXPECT_FALSE(encode(Publish{.topic = "t", .payload = as_bytes(payload)}, Version::v5, out));
    EXPECT_TRUE(out.empty());
    PublishImage image;
    EXPECT_FALSE(image.assign({.topic = "t", .payload = as_bytes(payload)}, Version::v5));
    EXPECT_TRUE(image.empty());
}

TEST(PublishImage, IsPatchedForEachReceiver) {
    for (const Version version : all_versions) {
        Publish packet{.topic = "a/b",
                       .payload = as_bytes("21.5"),
                       .packet_id = PacketId{1},
                       .qos = Qos::at_least_once};
        PublishImage image;
        ASSERT_TRUE(image.assign(packet, version));
        EXPECT_EQ(image.size(), encoded_size(packet, version));
        for (const int id : {1, 255, 256, 65'535})
            for (const bool flag : {false, true}) {
                packet.packet_id = PacketId{static_cast<uint16_t>(id)};
                packet.dup = flag;
                packet.retain = !flag;
                std::string expected = "x";
                encode(packet, version, expected);
                std::string out = "x";
                image.append(packet.packet_id, packet.dup, packet.retain, out);
                EXPECT_EQ(out, expected);
            }
        packet = {.topic = "a/b", .payload = as_bytes("21.5")};
        ASSERT_TRUE(image.assign(packet, version));
        std::string expected;
        encode(packet, version, expected);
        EXPECT_EQ(image.bytes(), expected);
        std::string out;
        image.append(PacketId{}, false, false, out);
        EXPECT_EQ(out, expected);
    }
}

TEST(Ack, IsFourBytesWhereNothingIsSaid) {
    std::string out;
    encode(Ack{PacketType::puback, PacketId{10}}, Version::v5, out);
    EXPECT_EQ(out, bytes_of({0x40, 2, 0, 10}));
    out.clear();
    encode(Ack{PacketType::pubrel, PacketId{0x0102}}, Version::v3_1_1, out);
    EXPECT_EQ(out, bytes_of({0x62, 2, 1, 2}));
    out.clear();
    encode(Ack{PacketType::pubrec, PacketId{1}, Reason::quota_exceeded}, Version::v3_1_1, out);
    EXPECT_EQ(out, bytes_of({0x50, 2, 0, 1}));
}

TEST(Ack, ComesBackWithReasonAndProperties) {
    PropertyList properties;
    properties.text(PropertyId::reason_string, "no").user("k", "v");
    for (const auto type :
         {PacketType::puback, PacketType::pubrec, PacketType::pubrel, PacketType::pubcomp})
        for (const bool with_properties : {false, true}) {
            const bool release = type == PacketType::pubrel || type == PacketType::pubcomp;
            const Ack ack{type, PacketId{77},
                          release ? Reason::packet_identifier_not_found : Reason::quota_exceeded,
                          with_properties ? properties.view() : Properties{}};
            std::string bytes;
            encode(ack, Version::v5, bytes);
            const auto parsed = parse_ack(frame_of(bytes), Version::v5);
            ASSERT_TRUE(parsed);
            EXPECT_EQ(parsed->type, type);
            EXPECT_EQ(parsed->packet_id, ack.packet_id);
            EXPECT_EQ(parsed->reason, ack.reason);
            EXPECT_EQ(parsed->properties, ack.properties);
        }
}

TEST(Ack, IsCheckedByTheStandard) {
    for (const int first : {0x40, 0x50, 0x62, 0x70}) {
        const auto of = [first](std::initializer_list<int> body, Version version) {
            return verdict(packet_of(first, bytes_of(body)), version);
        };
        EXPECT_EQ(of({0, 1}, Version::v3_1_1), Reason::success);
        EXPECT_EQ(of({0, 0}, Version::v3_1_1), Reason::protocol_error);
        EXPECT_EQ(of({1}, Version::v3_1_1), Reason::malformed_packet);
        EXPECT_EQ(of({0, 1, 0}, Version::v3_1_1), Reason::malformed_packet);
        EXPECT_EQ(of({0, 1, 0}, Version::v5), Reason::success);
        EXPECT_EQ(of({0, 1, 0, 0}, Version::v5), Reason::success);
        EXPECT_EQ(of({0, 1, 0, 0, 0}, Version::v5), Reason::malformed_packet);
        EXPECT_EQ(of({0, 1, 0x01}, Version::v5), Reason::malformed_packet);
        EXPECT_EQ(of({0, 1, 0x92}, Version::v5),
                  first >= 0x60 ? Reason::success : Reason::malformed_packet);
        EXPECT_EQ(of({0, 1, 0, 2, 0x01, 1}, Version::v5), Reason::protocol_error);
    }
}

TEST(Subscribe, ComesBackInEveryVersion) {
    PropertyList properties;
    properties.number(PropertyId::subscription_identifier, 268'435'455);
    const std::vector<Subscription> asked = {
        {"a/+", Qos::exactly_once, true, true, RetainHandling::do_not_send},
        {"#", Qos::at_most_once},
        {"$share/g/x", Qos::at_least_once, false, true, RetainHandling::send_if_new},
    };
    for (const Version version : all_versions) {
        std::string bytes;
        encode_subscribe(PacketId{3}, asked, properties.view(), version, bytes);
        const auto parsed = parse_subscribe(frame_of(bytes, version), version);
        ASSERT_TRUE(parsed) << parsed.error().why;
        EXPECT_EQ(parsed->packet_id, PacketId{3});
        ASSERT_EQ(parsed->subscriptions.size(), asked.size());
        size_t i = 0;
        for (const Subscription& subscription : parsed->subscriptions) {
            Subscription expected = asked[i++];
            if (version != Version::v5) expected = {expected.filter, expected.qos};
            EXPECT_EQ(subscription, expected);
        }
        EXPECT_EQ(i, asked.size());
        EXPECT_EQ(parsed->properties.number(PropertyId::subscription_identifier, 0),
                  version == Version::v5 ? 268'435'455u : 0u);
    }
}

TEST(Subscribe, IsCheckedByTheStandard) {
    const auto of = [](std::string_view filter, int options, Version version) {
        std::string body = bytes_of({0, 1});
        if (version == Version::v5) body += '\0';
        body += bytes_of({0, static_cast<int>(filter.size())});
        body.append(filter);
        body += static_cast<char>(options);
        return verdict(packet_of(0x82, body), version);
    };
    EXPECT_EQ(of("a", 2, Version::v3_1_1), Reason::success);
    EXPECT_EQ(of("a", 3, Version::v3_1_1), Reason::malformed_packet);
    EXPECT_EQ(of("a", 4, Version::v3_1_1), Reason::malformed_packet);
    EXPECT_EQ(of("a", 0x2e, Version::v5), Reason::success);
    EXPECT_EQ(of("a", 0x03, Version::v5), Reason::malformed_packet);
    EXPECT_EQ(of("a", 0x30, Version::v5), Reason::protocol_error);
    EXPECT_EQ(of("a", 0x40, Version::v5), Reason::malformed_packet);
    EXPECT_EQ(of("a", 0x80, Version::v5), Reason::malformed_packet);
    EXPECT_EQ(of("$share/g/a", 0x04, Version::v5), Reason::protocol_error);
    EXPECT_EQ(of("$share/g/a", 0x00, Version::v5), Reason::success);
    EXPECT_EQ(of("", 0, Version::v5), Reason::topic_filter_invalid);
    EXPECT_EQ(of("a/#/b", 0, Version::v3_1_1), Reason::topic_filter_invalid);
    EXPECT_EQ(of("\xed\xa0\x80", 0, Version::v3_1_1), Reason::topic_filter_invalid);
    EXPECT_EQ(verdict(bytes_of({0x82, 2, 0, 1}), Version::v3_1_1), Reason::protocol_error);
    EXPECT_EQ(verdict(bytes_of({0x82, 1, 0}), Version::v3_1_1), Reason::malformed_packet);
    EXPECT_EQ(verdict(bytes_of({0x82, 6, 0, 0, 0, 1, 'a', 0}), Version::v3_1_1),
              Reason::protocol_error);
    EXPECT_EQ(verdict(bytes_of({0x82, 5, 0, 1, 0, 1, 'a'}), Version::v3_1_1),
              Reason::malformed_packet);
    EXPECT_EQ(verdict(bytes_of({0x82, 9, 0, 1, 2, 0x0b, 0, 0, 1, 'a', 0}), Version::v5),
              Reason::protocol_error);  // subscription identifier 0
}

TEST(Unsubscribe, ComesBackInEveryVersion) {
    const std::vector<std::string_view> filters = {"a/#", "b"};
    for (const Version version : all_versions) {
        std::string bytes;
        encode_unsubscribe(PacketId{9}, filters, {}, version, bytes);
        const auto parsed = parse_unsubscribe(frame_of(bytes, version), version);
        ASSERT_TRUE(parsed);
        std::vector<std::string_view> seen;
        for (const Subscription& subscription : parsed->filters)
            seen.push_back(subscription.filter);
        EXPECT_EQ(seen, filters);
    }
    EXPECT_EQ(verdict(bytes_of({0xa2, 2, 0, 1}), Version::v3_1_1), Reason::protocol_error);
    EXPECT_EQ(verdict(bytes_of({0xa2, 4, 0, 1, 0, 0}), Version::v3_1_1),
              Reason::topic_filter_invalid);
}

TEST(Suback, ComesBackAndIsChecked) {
    const auto reasons = bytes_of({0, 1, 2, 0x87});
    for (const Version version : all_versions) {
        std::string bytes;
        encode(Suback{.packet_id = PacketId{5}, .reasons = as_bytes(reasons)}, version, bytes);
        const auto parsed = parse_suback(frame_of(bytes, version), version);
        ASSERT_TRUE(parsed);
        EXPECT_EQ(as_text(parsed->reasons),
                  version == Version::v5 ? reasons : bytes_of({0, 1, 2, 0x80}));
    }
    EXPECT_EQ(verdict(bytes_of({0x90, 3, 0, 1, 0x87}), Version::v3_1_1), Reason::malformed_packet);
    EXPECT_EQ(verdict(bytes_of({0x90, 4, 0, 1, 0, 0x03}), Version::v5), Reason::malformed_packet);
    EXPECT_EQ(verdict(bytes_of({0x90, 2, 0, 1}), Version::v3_1_1), Reason::malformed_packet);
    EXPECT_EQ(verdict(bytes_of({0xb0, 2, 0, 1}), Version::v3_1_1), Reason::success);
    EXPECT_EQ(verdict(bytes_of({0xb0, 3, 0, 1, 0}), Version::v3_1_1), Reason::malformed_packet);
    EXPECT_EQ(verdict(bytes_of({0xb0, 4, 0, 1, 0, 0x11}), Version::v5), Reason::success);
    EXPECT_EQ(verdict(bytes_of({0xb0, 2, 0, 0}), Version::v5), Reason::protocol_error);
}

TEST(Disconnect, SaysNothingWhereNothingIsToBeSaid) {
    std::string out;
    encode(Disconnect{}, Version::v5, out);
    encode(Disconnect{}, Version::v3_1_1, out);
    encode(Disconnect{Reason::session_taken_over}, Version::v5, out);
    EXPECT_EQ(out, bytes_of({0xe0, 0, 0xe0, 0, 0xe0, 1, 0x8e}));
    EXPECT_EQ(parse_disconnect(frame_of(bytes_of({0xe0, 0})), Version::v5)->reason,
              Reason::success);
    EXPECT_EQ(verdict(bytes_of({0xe0, 1, 0}), Version::v3_1_1), Reason::malformed_packet);
    EXPECT_EQ(verdict(bytes_of({0xe0, 1, 0x01}), Version::v5), Reason::malformed_packet);
    EXPECT_EQ(verdict(bytes_of({0xe0, 3, 0, 0, 0}), Version::v5), Reason::malformed_packet);
}

TEST(Auth, ComesBack) {
    PropertyList properties;
    properties.text(PropertyId::authentication_method, "SCRAM")
        .bytes(PropertyId::authentication_data, as_bytes("\xff"));
    std::string bytes;
    encode(Auth{Reason::continue_authentication, properties.view()}, bytes);
    const auto parsed = parse_auth(frame_of(bytes), Version::v5);
    ASSERT_TRUE(parsed);
    EXPECT_EQ(parsed->reason, Reason::continue_authentication);
    EXPECT_EQ(parsed->properties, properties.view());
    EXPECT_EQ(verdict(bytes_of({0xf0, 5, 0x18, 3, 0x16, 0, 0}), Version::v5),
              Reason::protocol_error);  // data without method
    EXPECT_EQ(verdict(bytes_of({0xf0, 1, 0x80}), Version::v5), Reason::malformed_packet);
}

TEST(Ping, HasNoBody) {
    std::string out;
    encode_pingreq(out);
    encode_pingresp(out);
    EXPECT_EQ(out, bytes_of({0xc0, 0, 0xd0, 0}));
    EXPECT_EQ(verdict(bytes_of({0xc0, 1, 0}), Version::v5), Reason::malformed_packet);
}

TEST(Reason, HasAName) {
    EXPECT_EQ(to_string(Reason::wildcard_subscriptions_not_supported),
              "wildcard subscriptions not supported");
    EXPECT_EQ(to_string(static_cast<Reason>(0x7f)), "unknown reason");
    EXPECT_EQ(to_string(PacketType::auth), "AUTH");
}

}  // namespace
}  // namespace hw::mqtt

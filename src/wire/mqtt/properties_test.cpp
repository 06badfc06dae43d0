#include "wire/mqtt/properties.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <vector>

#include "wire/mqtt/fields.h"
#include "wire/mqtt/test_bytes.h"

namespace hw::mqtt {
namespace {

constexpr uint8_t all_ids[] = {0x01, 0x02, 0x03, 0x08, 0x09, 0x0b, 0x11, 0x12, 0x13,
                               0x15, 0x16, 0x17, 0x18, 0x19, 0x1a, 0x1c, 0x1f, 0x21,
                               0x22, 0x23, 0x24, 0x25, 0x26, 0x27, 0x28, 0x29, 0x2a};

// One place where each property of the standard may stand.
PropertyPlace home_of(PropertyId id) {
    using enum PropertyId;
    switch (id) {
        case payload_format_indicator:
        case message_expiry_interval:
        case content_type:
        case response_topic:
        case correlation_data:
        case subscription_identifier:
        case topic_alias:
        case user_property:
            return place_of(PacketType::publish);
        case request_problem_information:
        case request_response_information:
            return place_of(PacketType::connect);
        case will_delay_interval:
            return PropertyPlace::will;
        default:
            return place_of(PacketType::connack);
    }
}

Parsed<Properties> parse(const std::string& block, PropertyPlace place) {
    ByteReader reader(as_bytes(block));
    return parse_properties(reader, place);
}

std::string block_of(const PropertyList& list) {
    std::string block;
    ByteWriter writer(block);
    writer.varint(list.view().raw().size());
    writer.text(list.view().raw());
    return block;
}

Property sample_of(PropertyId id) {
    switch (property_kind(id)) {
        case PropertyKind::text:
            return {id, 0, "wörd"};
        case PropertyKind::binary:
            return {id, 0, "\xff\x01"};
        case PropertyKind::text_pair:
            return {id, 0, "name", "value"};
        default:
            return {id, 1};
    }
}

TEST(Properties, AllTwentySevenComeBack) {
    EXPECT_EQ(std::size(all_ids), 27u);
    for (const uint8_t number : all_ids) {
        const auto id = static_cast<PropertyId>(number);
        PropertyList list;
        const bool data = id == PropertyId::authentication_data;
        if (data) list.text(PropertyId::authentication_method, "m");
        list.add(sample_of(id));
        const std::string block = block_of(list);
        const auto parsed = parse(block, home_of(id));
        ASSERT_TRUE(parsed) << int{number} << parsed.error().why;
        EXPECT_EQ(*parsed, list.view());
        EXPECT_TRUE(parsed->has(id));
        auto at = parsed->begin();
        if (data) ++at;
        EXPECT_EQ(*at, sample_of(id));
        EXPECT_EQ(parsed->number(id, 0), sample_of(id).number);
        EXPECT_EQ(parsed->text(id), sample_of(id).text);
    }
}

TEST(Properties, EveryOtherIdIsMalformed) {
    std::vector<bool> known(256, false);
    for (const uint8_t id : all_ids)
        known[id] = true;
    for (int id = 0; id < 256; ++id) {
        if (known[static_cast<size_t>(id)]) continue;
        for (int place = 0; place < 16; ++place) {
            const auto parsed = parse(bytes_of({5, id, 0, 0, 0, 0}), PropertyPlace(place));
            ASSERT_FALSE(parsed);
            EXPECT_EQ(parsed.error().reason, Reason::malformed_packet);
        }
    }
}

// Table 2-4 of the standard, transposed: the ids that each place allows.
TEST(Properties, StandOnlyWhereTheStandardPutsThem) {
    const std::vector<std::pair<int, std::vector<int>>> table = {
        {0, {0x01, 0x02, 0x03, 0x08, 0x09, 0x18, 0x26}},
        {1, {0x11, 0x15, 0x16, 0x17, 0x19, 0x21, 0x22, 0x26, 0x27}},
        {2,
         {0x11, 0x12, 0x13, 0x15, 0x16, 0x1a, 0x1c, 0x1f, 0x21, 0x22, 0x24, 0x25, 0x26, 0x27, 0x28,
          0x29, 0x2a}},
        {3, {0x01, 0x02, 0x03, 0x08, 0x09, 0x0b, 0x23, 0x26}},
        {4, {0x1f, 0x26}},
        {5, {0x1f, 0x26}},
        {6, {0x1f, 0x26}},
        {7, {0x1f, 0x26}},
        {8, {0x0b, 0x26}},
        {9, {0x1f, 0x26}},
        {10, {0x26}},
        {11, {0x1f, 0x26}},
        {12, {}},
        {13, {}},
        {14, {0x11, 0x1c, 0x1f, 0x26}},
        {15, {0x15, 0x16, 0x1f, 0x26}},
    };
    for (const auto& [place, allowed] : table)
        for (const uint8_t number : all_ids) {
            const auto id = static_cast<PropertyId>(number);
            PropertyList list;
            list.add(sample_of(id));
            const auto parsed = parse(block_of(list), PropertyPlace(place));
            const bool expected =
                std::find(allowed.begin(), allowed.end(), number) != allowed.end();
            const bool lonely_data = id == PropertyId::authentication_data;
            EXPECT_EQ(parsed.has_value(), expected && !lonely_data) << place << " " << int{number};
            if (!expected) {
                EXPECT_EQ(parsed.error().reason, Reason::protocol_error);
            }
        }
}

TEST(Properties, MayNotRepeatButForUserAndSubscriptionIds) {
    for (const uint8_t number : all_ids) {
        const auto id = static_cast<PropertyId>(number);
        PropertyList list;
        if (id == PropertyId::authentication_data)
            list.text(PropertyId::authentication_method, "m");
        list.add(sample_of(id)).add(sample_of(id));
        const bool may =
            id == PropertyId::user_property || id == PropertyId::subscription_identifier;
        const auto parsed = parse(block_of(list), home_of(id));
        EXPECT_EQ(parsed.has_value(), may) << int{number};
        if (!may) {
            EXPECT_EQ(parsed.error().reason, Reason::protocol_error);
        }
    }
    PropertyList twice;
    twice.number(PropertyId::subscription_identifier, 1)
        .number(PropertyId::subscription_identifier, 2);
    EXPECT_FALSE(parse(block_of(twice), place_of(PacketType::subscribe)));
}

TEST(Properties, ValuesHaveBounds) {
    const auto verdict_of = [](PropertyId id, uint32_t value) {
        PropertyList list;
        list.number(id, value);
        const auto parsed = parse(block_of(list), home_of(id));
        return parsed ? Reason::success : parsed.error().reason;
    };
    using enum PropertyId;
    for (const auto id :
         {payload_format_indicator, request_problem_information, request_response_information,
          maximum_qos, retain_available, wildcard_subscription_available,
          subscription_identifier_available, shared_subscription_available}) {
        EXPECT_EQ(verdict_of(id, 0), Reason::success);
        EXPECT_EQ(verdict_of(id, 2), Reason::protocol_error);
    }
    for (const auto id : {receive_maximum, maximum_packet_size, subscription_identifier})
        EXPECT_EQ(verdict_of(id, 0), Reason::protocol_error);
    EXPECT_EQ(verdict_of(topic_alias, 0), Reason::topic_alias_invalid);
    EXPECT_EQ(verdict_of(session_expiry_interval, 0xffffffff), Reason::success);
}

TEST(Properties, TextsAreUtf8AndResponseTopicsTopics) {
    const auto of = [](PropertyId id, std::string_view text) {
        PropertyList list;
        list.text(id, text);
        const auto parsed = parse(block_of(list), home_of(id));
        return parsed ? Reason::success : parsed.error().reason;
    };
    EXPECT_EQ(of(PropertyId::content_type, "\xff"), Reason::malformed_packet);
    EXPECT_EQ(of(PropertyId::correlation_data, "\xff"), Reason::success);
    EXPECT_EQ(of(PropertyId::response_topic, "a/b"), Reason::success);
    EXPECT_EQ(of(PropertyId::response_topic, "a/+"), Reason::protocol_error);
    EXPECT_EQ(of(PropertyId::response_topic, ""), Reason::protocol_error);
    PropertyList pair;
    pair.user("k", "\xc0\x80");
    EXPECT_FALSE(parse(block_of(pair), PropertyPlace::will));
}

TEST(Properties, CutShortAnywhereIsMalformed) {
    PropertyList list;
    list.user("name", "value")
        .number(PropertyId::message_expiry_interval, 5)
        .number(PropertyId::topic_alias, 5)
        .number(PropertyId::subscription_identifier, 300)
        .text(PropertyId::content_type, "t");
    const std::string raw(list.view().raw());
    std::vector<size_t> whole;  // where a property ends
    for (auto at = list.view().begin(); at != list.view().end();) {
        PropertyList so_far;
        ++at;
        size_t size = 0;
        for (auto p = list.view().begin(); p != at; ++p)
            so_far.add(*p);
        size = so_far.view().raw().size();
        whole.push_back(size);
    }
    for (size_t size = 1; size < raw.size(); ++size) {
        const std::string block = bytes_of({static_cast<int>(size)}) + raw.substr(0, size);
        const bool good = std::find(whole.begin(), whole.end(), size) != whole.end();
        EXPECT_EQ(parse(block, place_of(PacketType::publish)).has_value(), good) << size;
        // A length that promises more than there is.
        const std::string cut = bytes_of({static_cast<int>(size + 1)}) + raw.substr(0, size);
        EXPECT_FALSE(parse(cut, place_of(PacketType::publish)));
    }
}

TEST(Properties, LengthIsInItsShortestForm) {
    EXPECT_FALSE(parse(bytes_of({0x80, 0x00}), place_of(PacketType::publish)));
    EXPECT_FALSE(parse(bytes_of({0xff, 0xff, 0xff, 0xff, 0x7f}), place_of(PacketType::publish)));
    EXPECT_FALSE(parse("", place_of(PacketType::publish)));
}

TEST(PropertyList, CopiesAllButTheHop) {
    PropertyList in;
    in.number(PropertyId::topic_alias, 3)
        .user("a", "1")
        .number(PropertyId::subscription_identifier, 300)
        .number(PropertyId::message_expiry_interval, 60)
        .bytes(PropertyId::correlation_data, as_bytes("x"))
        .user("a", "2");
    PropertyList out;
    out.copy(in.view(), hop_properties).number(PropertyId::message_expiry_interval, 59);
    PropertyList expected;
    expected.user("a", "1")
        .bytes(PropertyId::correlation_data, as_bytes("x"))
        .user("a", "2")
        .number(PropertyId::message_expiry_interval, 59);
    EXPECT_EQ(out.view(), expected.view());
    out.clear();
    out.copy(expected.view());
    EXPECT_EQ(out.view(), expected.view());
    EXPECT_TRUE(Properties{}.empty());
    EXPECT_EQ(Properties{}.number(PropertyId::topic_alias, 7), 7u);
}

}  // namespace
}  // namespace hw::mqtt

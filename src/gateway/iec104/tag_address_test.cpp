#include "gateway/iec104/tag_address.h"

#include <gtest/gtest.h>

#include <string>
#include <utility>

#include "gateway/iec104/driver.h"

namespace hw::gateway::iec104 {
namespace {

TagAddress good(std::string_view text, TagType type) {
    const Result<TagAddress> address = parse_tag_address(text, type);
    EXPECT_TRUE(address.has_value()) << text << ": " << address.error().text();
    return address.value_or(TagAddress{});
}

TEST(Iec104TagAddress, AnObjectAloneBelongsToTheDefaultStation) {
    EXPECT_EQ(good("4001", TagType::float32), (TagAddress{.common_address = std::nullopt,
                                                          .object = 4001,
                                                          .bit = std::nullopt,
                                                          .command_object = 4001,
                                                          .command = CommandKind::short_float}));
    EXPECT_EQ(good("16777215", TagType::bit).object, 16777215u);
    EXPECT_EQ(good("65534!0", TagType::bit).common_address, 65534);
}

TEST(Iec104TagAddress, TheCommandFollowsFromTheTypeUnlessGiven) {
    EXPECT_EQ(good("1!7", TagType::bit).command, CommandKind::single);
    EXPECT_EQ(good("1!7", TagType::boolean).command, CommandKind::single);
    EXPECT_EQ(good("1!7", TagType::int16).command, CommandKind::scaled);
    EXPECT_EQ(good("1!7", TagType::uint8).command, CommandKind::scaled);
    EXPECT_EQ(good("1!7", TagType::uint32).command, CommandKind::bits);
    EXPECT_EQ(good("1!7", TagType::float64).command, CommandKind::short_float);
    EXPECT_EQ(good("1!7#na", TagType::float64).command, CommandKind::normalized);
    EXPECT_EQ(good("1!7#DC", TagType::bit).command, CommandKind::double_point);
    EXPECT_EQ(good("1!7#RC", TagType::int8).command, CommandKind::step);
    EXPECT_EQ(good("1!7#BO", TagType::uint16).command, CommandKind::bits);
}

TEST(Iec104TagAddress, CommandsHaveOptionsAndTheirOwnObject) {
    const TagAddress address = good("2!4001>6001#SC.SBO.T.Q3", TagType::bit);
    EXPECT_EQ(address.object, 4001u);
    EXPECT_EQ(address.command_object, 6001u);
    EXPECT_TRUE(address.select_first);
    EXPECT_TRUE(address.timed);
    EXPECT_EQ(address.qualifier, 3);
    EXPECT_EQ(good("2!4001>6001", TagType::float32).command, CommandKind::short_float);
    EXPECT_EQ(good("1!7.31", TagType::bit).bit, 31);
}

TEST(Iec104TagAddress, ErrorsNameThePositionAndAnExample) {
    const std::pair<std::string_view, std::string_view> cases[] = {
        {"",
         "address '', position 1: expected the object address, a number from 0 to 16777215, as "
         "in '1!4001'"},
        {"0!5",
         "address '0!5', position 1: expected the common address, a number from 1 to 65534, "
         "as in '1!4001'"},
        {"1x!5",
         "address '1x!5', position 2: expected '!' after the common address, as in "
         "'1!4001'"},
        {"1!16777216",
         "address '1!16777216', position 3: expected the object address, a number "
         "from 0 to 16777215, as in '1!4001'"},
        {"1!40 01", "address '1!40 01', position 5: unexpected ' ', as in '1!4001>6001#SC.SBO'"},
        {"1!7.32",
         "address '1!7.32', position 5: expected the bit, a number from 0 to 31, as in "
         "'1!4001.3'"},
        {"1!7#XX",
         "address '1!7#XX', position 5: expected a command type: SC, DC, RC, NA, NB, NC "
         "or BO, as in '1!4001#SC'"},
        {"1!7#NC", "address '1!7#NC', position 5: NC takes a number, not a bit, as in '1!4001#SC'"},
        {"1!7#SC.SOB",
         "address '1!7#SC.SOB', position 8: expected SBO, T or Q with a number, as in "
         "'1!4001#SC.SBO.Q1'"},
        {"1!7#SC.Q32",
         "address '1!7#SC.Q32', position 9: expected the qualifier, a number from 0 "
         "to 31, as in '1!4001#SC.Q1'"},
        {"1!7>",
         "address '1!7>', position 5: expected the command's object address, a number from "
         "0 to 16777215, as in '1!4001>6001#SC'"},
    };
    for (const auto& [text, error] : cases) {
        const Result<TagAddress> address = parse_tag_address(text, TagType::bit);
        ASSERT_FALSE(address.has_value()) << text;
        EXPECT_EQ(address.error().text(), error);
    }
    EXPECT_EQ(parse_tag_address("1!7#SC", TagType::float32).error().text(),
              "address '1!7#SC', position 5: SC takes no float; use a bit, or a set point, as in "
              "'1!4001#NC'");
    EXPECT_EQ(parse_tag_address("1!7.3", TagType::uint16).error().text(),
              "address '1!7.3', position 5: a bit is of type bit or bool, as in '1!4001'");
    EXPECT_FALSE(parse_tag_address("1!7#BO.SBO", TagType::uint32).has_value());
    EXPECT_FALSE(parse_tag_address("1!7#BO.Q1", TagType::uint32).has_value());
}

TEST(Iec104Driver, CheckTellsUnitAndAccess) {
    const Result<AddressFacts> facts = driver.check("3!4001", TagType::float32);
    ASSERT_TRUE(facts.has_value());
    EXPECT_EQ(facts->unit, "3");
    EXPECT_TRUE(facts->writable);
    EXPECT_EQ(driver.check("4001", TagType::float32)->unit, "");
    EXPECT_FALSE(driver.check("4001.2", TagType::bit)->writable);
    for (const AddressNote& note : driver.addresses) {
        const TagType type =
            note.example.find("NC") != std::string_view::npos ? TagType::float32 : TagType::bit;
        EXPECT_TRUE(driver.check(note.example, type).has_value()) << note.example;
    }
}

}  // namespace
}  // namespace hw::gateway::iec104

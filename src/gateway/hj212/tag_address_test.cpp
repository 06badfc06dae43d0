#include "gateway/hj212/tag_address.h"

#include <gtest/gtest.h>

#include <string>
#include <utility>

#include "gateway/hj212/driver.h"

namespace hw::gateway::hj212 {
namespace {

using hw::hj212::Command;

TEST(Hj212TagAddress, NeuronsFormIsTaken) {
    const std::pair<std::string_view, TagAddress> cases[] = {
        {"RT!w01018-Rtd", {"", Command::realtime, "w01018", "Rtd"}},
        {"min!w01018-ZsAvg", {"", Command::minute, "w01018", "ZsAvg"}},
        {"HOUR!a21026-Max", {"", Command::hour, "a21026", "Max"}},
        {"DAY!w00000-Cou", {"", Command::day, "w00000", "Cou"}},
        {"STATUS!SB1-RS", {"", Command::equipment_status, "SB1", "RS"}},
        {"RUN!SB1-RT", {"", Command::running_time, "SB1", "RT"}},
        {"RT!DataTime", {"", Command::realtime, "DataTime", ""}},
        {"010000A8900016F000169DC0@RT!w01018-Flag",
         {"010000A8900016F000169DC0", Command::realtime, "w01018", "Flag"}},
    };
    for (const auto& [text, expected] : cases) {
        const Result<TagAddress> address = parse_tag_address(text);
        ASSERT_TRUE(address.has_value()) << address.error().text();
        EXPECT_EQ(*address, expected) << text;
    }
}

TEST(Hj212TagAddress, ErrorsNameThePositionAndAnExample) {
    const std::pair<std::string_view, std::string_view> cases[] = {
        {"",
         "address '', position 1: expected RT, MIN, HOUR, DAY, STATUS or RUN and '!', as in "
         "'RT!w01018-Rtd'"},
        {"RT",
         "address 'RT', position 1: expected RT, MIN, HOUR, DAY, STATUS or RUN and '!', as in "
         "'RT!w01018-Rtd'"},
        {"M1@SEC!a-Rtd",
         "address 'M1@SEC!a-Rtd', position 4: expected RT, MIN, HOUR, DAY, STATUS "
         "or RUN and '!', as in 'RT!w01018-Rtd'"},
        {"@RT!a-Rtd",
         "address '@RT!a-Rtd', position 1: expected the station's MN, 1 to 32 "
         "printable characters, as in 'RT!w01018-Rtd'"},
        {"RT!-Rtd",
         "address 'RT!-Rtd', position 4: expected a factor of 1 to 32 letters and "
         "digits, as in 'RT!w01018-Rtd'"},
        {"RT!w01018",
         "address 'RT!w01018', position 10: expected '-' and a field (Rtd, Avg, Flag, "
         "...), as in 'RT!w01018-Rtd'"},
        {"RT!w01018-",
         "address 'RT!w01018-', position 11: expected a field of 1 to 32 letters and "
         "digits, as in 'RT!w01018-Rtd'"},
    };
    for (const auto& [text, error] : cases) {
        const Result<TagAddress> address = parse_tag_address(text);
        ASSERT_FALSE(address.has_value()) << text;
        EXPECT_EQ(address.error().text(), error);
    }
}

TEST(Hj212TagAddress, NamesAreTheSameInEitherCase) {
    EXPECT_EQ(key_of("A21026", "RTD"), key_of("a21026", "Rtd"));
    EXPECT_NE(key_of("a21026", "Rtd"), key_of("a21026", "Avg"));
}

TEST(Hj212Driver, CheckTellsTheStationAndThatNothingIsWritten) {
    const Result<AddressFacts> facts = driver.check("M1@RT!w01018-Rtd", TagType::float64);
    ASSERT_TRUE(facts.has_value());
    EXPECT_EQ(facts->unit, "M1");
    EXPECT_FALSE(facts->writable);
    for (const AddressNote& note : driver.addresses)
        EXPECT_TRUE(driver.check(note.example, TagType::float64).has_value()) << note.example;
}

}  // namespace
}  // namespace hw::gateway::hj212

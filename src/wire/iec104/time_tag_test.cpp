#include "wire/iec104/time_tag.h"

#include <gtest/gtest.h>

#include "wire/iec104/test_bytes.h"

namespace hw::iec104 {
namespace {

Time at(std::string_view text) {
    return *parse_rfc3339(text);
}

constexpr Duration beijing = seconds(8 * 3600);

TEST(Iec104TimeTag, BothWaysInAZone) {
    const TimeTag tag = tag_from_time(at("2026-12-31T23:30:15.125Z"), beijing);
    EXPECT_EQ(tag.year, 27);
    EXPECT_EQ(tag.month, 1);
    EXPECT_EQ(tag.day, 1);
    EXPECT_EQ(tag.day_of_week, 5);
    EXPECT_EQ(tag.hour, 7);
    EXPECT_EQ(tag.minute, 30);
    EXPECT_EQ(tag.milliseconds, 15125);
    std::string bytes;
    ByteWriter out(bytes);
    write_cp56(tag, out);
    EXPECT_EQ(to_hex(bytes), "15 3B 1E 07 A1 01 1B");
    ByteReader in(as_bytes(bytes));
    EXPECT_EQ(read_cp56(in), tag);
    EXPECT_EQ(time_from_tag(tag, beijing, Time{}), at("2026-12-31T23:30:15.125Z"));
}

TEST(Iec104TimeTag, SummerTimeIsAnHourAhead) {
    TimeTag tag = tag_from_time(at("2026-07-01T12:00:00Z"), seconds(3600));
    EXPECT_FALSE(tag.summer);
    tag.summer = true;
    tag.hour = 14;
    EXPECT_EQ(time_from_tag(tag, seconds(3600), Time{}), at("2026-07-01T12:00:00Z"));
}

TEST(Iec104TimeTag, YearsOfTwoDigitsBelongToTwoCenturies) {
    TimeTag tag = tag_from_time(at("2026-07-01T12:00:00Z"), {});
    tag.year = 69;
    EXPECT_EQ(time_from_tag(tag, {}, Time{}), at("2069-07-01T12:00:00Z"));
    tag.year = 70;
    EXPECT_EQ(time_from_tag(tag, {}, Time{}), at("1970-07-01T12:00:00Z"));
}

TEST(Iec104TimeTag, WhatIsNoMomentIsNone) {
    const TimeTag good = tag_from_time(at("2026-02-28T12:00:00Z"), {});
    ASSERT_TRUE(time_from_tag(good, {}, Time{}).has_value());
    const auto broken = [&](auto change) {
        TimeTag tag = good;
        change(tag);
        return !time_from_tag(tag, {}, Time{}).has_value();
    };
    EXPECT_TRUE(broken([](TimeTag& t) { t.invalid = true; }));
    EXPECT_TRUE(broken([](TimeTag& t) { t.minute = 60; }));
    EXPECT_TRUE(broken([](TimeTag& t) { t.milliseconds = 60000; }));
    EXPECT_TRUE(broken([](TimeTag& t) { t.hour = 24; }));
    EXPECT_TRUE(broken([](TimeTag& t) { t.day = 29; }));
    EXPECT_TRUE(broken([](TimeTag& t) { t.day = 0; }));
    EXPECT_TRUE(broken([](TimeTag& t) { t.month = 13; }));
    EXPECT_TRUE(broken([](TimeTag& t) { t.year = 100; }));
}

TEST(Iec104TimeTag, TheShortFormMeansTheNearestHour) {
    const TimeTag tag{.milliseconds = 30000, .minute = 58, .short_form = true};
    EXPECT_EQ(time_from_tag(tag, {}, at("2026-01-01T10:59:00Z")), at("2026-01-01T10:58:30Z"));
    EXPECT_EQ(time_from_tag(tag, {}, at("2026-01-01T11:02:00Z")), at("2026-01-01T10:58:30Z"));
    EXPECT_EQ(time_from_tag(tag, {}, at("2026-01-01T10:40:00Z")), at("2026-01-01T10:58:30Z"));
    // A zone of a half hour: minute 58 there is minute 28 here.
    EXPECT_EQ(time_from_tag(tag, seconds(5 * 3600 + 1800), at("2026-01-01T10:30:00Z")),
              at("2026-01-01T10:28:30Z"));
}

}  // namespace
}  // namespace hw::iec104

#include "base/time.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "base/random.h"

namespace hw {
namespace {

constexpr Time noon{1'772'366'400'000'000'000};  // 2026-03-01T12:00:00Z

TEST(FormatRfc3339, WritesAsManyFractionDigitsAsNeeded) {
    EXPECT_EQ(format_rfc3339(noon), "2026-03-01T12:00:00Z");
    EXPECT_EQ(format_rfc3339(noon + milliseconds(250)), "2026-03-01T12:00:00.250Z");
    EXPECT_EQ(format_rfc3339(noon + microseconds(1)), "2026-03-01T12:00:00.000001Z");
    EXPECT_EQ(format_rfc3339(noon + nanoseconds(123'456'789)), "2026-03-01T12:00:00.123456789Z");
    EXPECT_EQ(format_rfc3339(noon + nanoseconds(120'000'001)), "2026-03-01T12:00:00.120000001Z");
}

TEST(FormatRfc3339, KnowsTimesBefore1970AndTheEndsOfTheRange) {
    EXPECT_EQ(format_rfc3339(Time{0}), "1970-01-01T00:00:00Z");
    EXPECT_EQ(format_rfc3339(Time{-1}), "1969-12-31T23:59:59.999999999Z");
    EXPECT_EQ(format_rfc3339(Time{std::numeric_limits<int64_t>::max()}),
              "2262-04-11T23:47:16.854775807Z");
    EXPECT_EQ(format_rfc3339(Time{std::numeric_limits<int64_t>::min()}),
              "1677-09-21T00:12:43.145224192Z");
}

TEST(FormatHttpDate, WritesTheFixedForm) {
    EXPECT_EQ(format_http_date(Time{784'111'777'000'000'000}), "Sun, 06 Nov 1994 08:49:37 GMT");
    EXPECT_EQ(format_http_date(noon + milliseconds(999)), "Sun, 01 Mar 2026 12:00:00 GMT");
    EXPECT_EQ(format_http_date(Time{0}), "Thu, 01 Jan 1970 00:00:00 GMT");
    EXPECT_EQ(format_http_date(Time{-1}), "Wed, 31 Dec 1969 23:59:59 GMT");
}

TEST(ParseRfc3339, ReadsAllForms) {
    EXPECT_EQ(parse_rfc3339("2026-03-01T12:00:00Z"), noon);
    EXPECT_EQ(parse_rfc3339("2026-03-01t12:00:00z"), noon);
    EXPECT_EQ(parse_rfc3339("2026-03-01 12:00:00"), noon);
    EXPECT_EQ(parse_rfc3339("2026-03-01T13:30:00+01:30"), noon);
    EXPECT_EQ(parse_rfc3339("2026-03-01T04:00:00-08:00"), noon);
    EXPECT_EQ(parse_rfc3339("2026-03-01T12:00:00-00:00"), noon);
    EXPECT_EQ(parse_rfc3339("2026-03-02T11:59:00+23:59"), noon);
    EXPECT_EQ(parse_rfc3339("2026-03-01T12:00:00.25Z"), noon + milliseconds(250));
    EXPECT_EQ(parse_rfc3339("2026-03-01T12:00:00.1234567899999Z"), noon + nanoseconds(123'456'789));
}

TEST(ParseRfc3339, KnowsLeapYears) {
    EXPECT_EQ(parse_rfc3339("2024-02-29T00:00:00Z"), Time{1'709'164'800'000'000'000});
    EXPECT_EQ(parse_rfc3339("2000-02-29T00:00:00Z"), Time{951'782'400'000'000'000});
    EXPECT_FALSE(parse_rfc3339("2026-02-29T00:00:00Z"));
    EXPECT_FALSE(parse_rfc3339("1900-02-29T00:00:00Z"));
    EXPECT_FALSE(parse_rfc3339("2100-02-29T00:00:00Z"));
    EXPECT_FALSE(parse_rfc3339("2026-04-31T00:00:00Z"));
}

TEST(ParseRfc3339, ReadsALeapSecondOnlyAtTheEndOfAUtcDay) {
    const auto after = parse_rfc3339("2017-01-01T00:00:00Z");
    ASSERT_TRUE(after);
    EXPECT_EQ(parse_rfc3339("2016-12-31T23:59:60Z"), *after);
    EXPECT_EQ(parse_rfc3339("2017-01-01T00:59:60+01:00"), *after);
    EXPECT_FALSE(parse_rfc3339("2016-12-31T12:00:60Z"));
    EXPECT_FALSE(parse_rfc3339("2016-12-31T23:59:61Z"));
}

TEST(ParseRfc3339, RefusesEverythingElse) {
    for (const std::string_view text : {"",
                                        "2026",
                                        "2026-03-01",
                                        "2026-03-01T",
                                        "2026-03-01T12:00",
                                        "2026-03-01T12:00:00.Z",
                                        "2026-03-01T12:00:00ZZ",
                                        "2026-03-01T12:00:00+01",
                                        "2026-03-01T12:00:00+0100",
                                        "2026-03-01T12:00:00+24:00",
                                        "2026-03-01T12:00:00+01:60",
                                        "2026-03-01T24:00:00Z",
                                        "2026-03-01T12:60:00Z",
                                        "2026-13-01T12:00:00Z",
                                        "2026-00-01T12:00:00Z",
                                        "2026-03-00T12:00:00Z",
                                        "2026-3-01T12:00:00Z",
                                        "+026-03-01T12:00:00Z",
                                        "2026-03-01_12:00:00Z",
                                        " 2026-03-01T12:00:00Z",
                                        "2026-03-01T12:00:00Z ",
                                        "2026-03-01T12:00: 0Z",
                                        "2026/03/01T12:00:00Z"})
        EXPECT_FALSE(parse_rfc3339(text)) << text;
}

TEST(ParseRfc3339, RefusesWhatDoesNotFit) {
    EXPECT_TRUE(parse_rfc3339("2262-04-11T23:47:16.854775807Z"));
    EXPECT_FALSE(parse_rfc3339("2262-04-11T23:47:16.854775808Z"));
    EXPECT_TRUE(parse_rfc3339("1677-09-21T00:12:43.145224192Z"));
    EXPECT_FALSE(parse_rfc3339("1677-09-21T00:12:43.145224191Z"));
    EXPECT_FALSE(parse_rfc3339("0000-01-01T00:00:00Z"));
    const auto far = parse_rfc3339("9999-12-31T23:59:59Z");
    ASSERT_FALSE(far);
    EXPECT_NE(far.error().text().find("9999-12-31T23:59:59Z"), std::string::npos);
    EXPECT_NE(far.error().text().find("outside"), std::string::npos);
}

TEST(ParseRfc3339, ReadsBackWhatFormatWrites) {
    Random random(1);
    for (int i = 0; i < 100'000; ++i) {
        int64_t ns = static_cast<int64_t>(random.next());
        if (i % 3 == 1) ns = ns / 1'000'000 * 1'000'000;
        if (i % 3 == 2) ns = ns / 1'000'000'000 * 1'000'000'000;
        const std::string text = format_rfc3339(Time{ns});
        ASSERT_LE(text.size(), 30u);
        ASSERT_EQ(parse_rfc3339(text), Time{ns}) << text;
    }
}

TEST(TimeFromEpoch, TellsTheUnitByMagnitude) {
    EXPECT_EQ(time_from_epoch(int64_t{1'772'366'400}), noon);
    EXPECT_EQ(time_from_epoch(int64_t{1'772'366'400'000}), noon);
    EXPECT_EQ(time_from_epoch(int64_t{1'772'366'400'000'000}), noon);
    EXPECT_EQ(time_from_epoch(int64_t{1'772'366'400'000'000'000}), noon);
    EXPECT_EQ(time_from_epoch(int64_t{-5}), Time{-5'000'000'000});
    EXPECT_EQ(time_from_epoch(int64_t{0}), Time{0});
}

TEST(TimeFromEpoch, KeepsAFraction) {
    EXPECT_EQ(time_from_epoch(1'772'366'400.25), noon + milliseconds(250));
    EXPECT_EQ(time_from_epoch(1'772'366'400.123456), noon + microseconds(123'456));
    EXPECT_EQ(time_from_epoch(1'772'366'400'000.5), noon + microseconds(500));
    EXPECT_EQ(time_from_epoch(1'772'366'400'000'000.5), noon + nanoseconds(500));
    EXPECT_EQ(time_from_epoch(1.772366400e18), noon);
    EXPECT_EQ(time_from_epoch(-1.5), Time{-1'500'000'000});
}

TEST(TimeFromEpoch, StaysWithinTheRange) {
    constexpr Time first{std::numeric_limits<int64_t>::min()};
    constexpr Time last{std::numeric_limits<int64_t>::max()};
    EXPECT_EQ(time_from_epoch(int64_t{99'999'999'999}), last);
    EXPECT_EQ(time_from_epoch(int64_t{-99'999'999'999}), first);
    EXPECT_EQ(time_from_epoch(std::numeric_limits<int64_t>::min()), first);
    EXPECT_EQ(time_from_epoch(1e300), last);
    EXPECT_EQ(time_from_epoch(-HUGE_VAL), first);
    EXPECT_EQ(time_from_epoch(std::nan("")), Time{0});
    EXPECT_EQ(time_from_epoch(99e9), last);
}

TEST(ParseTime, ReadsWhatPeopleType) {
    EXPECT_EQ(parse_time("now", noon), noon);
    EXPECT_EQ(parse_time("now-6h", noon), Time{noon.ns - 6 * 3'600'000'000'000});
    EXPECT_EQ(parse_time("now+1d30m", noon), noon + seconds(86'400 + 1'800));
    EXPECT_EQ(parse_time("2026-03-01T12:00:00Z", Time{}), noon);
    EXPECT_EQ(parse_time("2026-03-01", Time{}), noon - seconds(43'200));
    EXPECT_EQ(parse_time("1772366400", Time{}), noon);
    EXPECT_EQ(parse_time("1772366400123", Time{}), noon + milliseconds(123));
    EXPECT_EQ(parse_time("1772366400.123456789", Time{}), noon + nanoseconds(123'456'789));
    EXPECT_EQ(parse_time("-1.5", Time{}), Time{-1'500'000'000});
}

TEST(ParseTime, RefusesTheRestByName) {
    for (const std::string_view text : {"", "nov", "now-", "now- 6h", "now*2h", "yesterday", "-",
                                        "1.", "1e9", "12x", "2026-02-30"})
        EXPECT_FALSE(parse_time(text, noon)) << text;
    EXPECT_FALSE(parse_time("99999999999", noon));
    EXPECT_FALSE(parse_time("99999999999999999999999", noon));
    EXPECT_FALSE(parse_time("now+292y", noon));
    EXPECT_NE(parse_time("yesterday", noon).error().text().find("'yesterday'"), std::string::npos);
}

TEST(ParseDuration, ReadsUnitsLargestFirst) {
    EXPECT_EQ(parse_duration("250ms"), milliseconds(250));
    EXPECT_EQ(parse_duration("10s"), seconds(10));
    EXPECT_EQ(parse_duration("1h30m"), seconds(5'400));
    EXPECT_EQ(parse_duration("1.5h"), seconds(5'400));
    EXPECT_EQ(parse_duration("7d"), seconds(7 * 86'400));
    EXPECT_EQ(parse_duration("2w"), seconds(14 * 86'400));
    EXPECT_EQ(parse_duration("1y"), seconds(365 * 86'400));
    EXPECT_EQ(parse_duration("0"), Duration{});
    EXPECT_EQ(parse_duration("0s"), Duration{});
    EXPECT_EQ(parse_duration("1us1ns"), nanoseconds(1'001));
}

TEST(ParseDuration, RefusesTheRest) {
    for (const std::string_view text :
         {"", "5", "s", "-5s", "+5s", "5 s", "5S", "5sec", "30m1h", "5m5m", "1.h", ".5h", "1h 30m",
          "293y", "99999999999999999999s", "9223372036854775808ns"})
        EXPECT_FALSE(parse_duration(text)) << text;
    EXPECT_TRUE(parse_duration("9223372036854775807ns"));
}

TEST(FormatDuration, WritesWhatPeopleSay) {
    EXPECT_EQ(format_duration(Duration{}), "0s");
    EXPECT_EQ(format_duration(milliseconds(250)), "250ms");
    EXPECT_EQ(format_duration(seconds(5'400)), "1h30m");
    EXPECT_EQ(format_duration(seconds(90 * 86'400)), "90d");
    EXPECT_EQ(format_duration(seconds(730 * 86'400)), "2y");
    EXPECT_EQ(format_duration(nanoseconds(-1'500'000'000)), "-1s500ms");
    EXPECT_EQ(format_duration({std::numeric_limits<int64_t>::min()}).front(), '-');
}

TEST(FormatDuration, IsReadBackToTheSame) {
    Random random(2);
    for (int i = 0; i < 10'000; ++i) {
        const Duration duration{static_cast<int64_t>(random.next() >> (1 + random.below(60)))};
        const std::string text = format_duration(duration);
        ASSERT_EQ(parse_duration(text), duration) << text;
    }
}

}  // namespace
}  // namespace hw

#include "rules/cron.h"

#include <gtest/gtest.h>

#include "rules/schedule.h"

namespace hw::rules {
namespace {

Time at(std::string_view text) {
    return *parse_rfc3339(text);
}

std::string next(std::string_view cron, std::string_view from, std::string_view zone = "UTC") {
    const auto parsed = Cron::parse(cron);
    if (!parsed) return parsed.error().text();
    const auto found = parsed->next(at(from), *TimeZone::find(zone));
    return found ? format_rfc3339(*found) : "never";
}

TEST(Cron, FindsTheNextMoment) {
    EXPECT_EQ(next("* * * * *", "2026-03-01T12:00:30Z"), "2026-03-01T12:01:00Z");
    EXPECT_EQ(next("0 6 * * *", "2026-03-01T06:00:00Z"), "2026-03-01T06:00:00Z");
    EXPECT_EQ(next("0 6 * * *", "2026-03-01T06:00:00.5Z"), "2026-03-02T06:00:00Z");
    EXPECT_EQ(next("*/15 8-17 * * mon-fri", "2026-03-01T12:00:00Z"), "2026-03-02T08:00:00Z");
    EXPECT_EQ(next("30 0 0 1 jan *", "2026-03-01T12:00:00Z"), "2027-01-01T00:00:30Z");
    EXPECT_EQ(next("0 0 29 2 *", "2026-03-01T00:00:00Z"), "2028-02-29T00:00:00Z");
    EXPECT_EQ(next("0 0 31 4 *", "2026-03-01T00:00:00Z"), "never");
    EXPECT_EQ(next("@monthly", "2026-12-15T00:00:00Z"), "2027-01-01T00:00:00Z");
    EXPECT_EQ(next("5,10 * * * *", "2026-03-01T12:06:00Z"), "2026-03-01T12:10:00Z");
}

TEST(Cron, ADayMatchesByEitherFieldWhereBothAreGiven) {
    EXPECT_EQ(next("0 0 13 * fri", "2026-03-01T00:00:00Z"), "2026-03-06T00:00:00Z");
    EXPECT_EQ(next("0 0 13 * *", "2026-03-01T00:00:00Z"), "2026-03-13T00:00:00Z");
    EXPECT_EQ(next("0 0 * * 7", "2026-03-02T00:00:00Z"), "2026-03-08T00:00:00Z");
}

TEST(Cron, KnowsSummerTime) {
    // London: on 2026-03-29 01:00 becomes 02:00; on 2026-10-25 02:00 becomes 01:00.
    EXPECT_EQ(next("0 6 * * *", "2026-07-01T00:00:00Z", "Europe/London"), "2026-07-01T05:00:00Z");
    EXPECT_EQ(next("30 1 * * *", "2026-03-28T12:00:00Z", "Europe/London"), "2026-03-30T00:30:00Z")
        << "the half hour that is skipped does not happen";
    EXPECT_EQ(next("30 1 * * *", "2026-10-24T12:00:00Z", "Europe/London"), "2026-10-25T00:30:00Z");
    EXPECT_EQ(next("30 1 * * *", "2026-10-25T00:30:01Z", "Europe/London"), "2026-10-26T01:30:00Z")
        << "once in the hour that is repeated";
}

TEST(Cron, RefusesWhatIsNoCron) {
    for (const auto* text : {"", "* * * *", "60 * * * *", "* 24 * * *", "* * 0 * *", "* * * 13 *",
                             "* * * * 8", "5-1 * * * *", "*/0 * * * *", "a * * * *", "1- * * * *",
                             "-1 * * * *", "1,, * * * *", "@never", "* * * * * * *"})
        EXPECT_FALSE(Cron::parse(text)) << text;
    EXPECT_EQ(Cron::parse("* * * foo *").error().text(),
              "cron's month 'foo' is not *, or numbers from 1 to 12 as 1,5 or 1-5 or */2");
}

TEST(Calendar, RunsFromEachMomentForItsDuration) {
    Schedule schedule;
    schedule.cron = "0 6 * * *";
    schedule.duration = seconds(8 * 3600);
    const auto calendar = Calendar::make(schedule, "UTC");
    ASSERT_TRUE(calendar);
    EXPECT_FALSE(calendar->runs_at(at("2026-03-01T05:59:59Z")));
    EXPECT_TRUE(calendar->runs_at(at("2026-03-01T06:00:00Z")));
    EXPECT_TRUE(calendar->runs_at(at("2026-03-01T13:59:59Z")));
    EXPECT_FALSE(calendar->runs_at(at("2026-03-01T14:00:00Z")));
    EXPECT_EQ(calendar->next_change(at("2026-03-01T07:00:00Z")), at("2026-03-01T14:00:00Z"));
    EXPECT_EQ(calendar->next_change(at("2026-03-01T15:00:00Z")), at("2026-03-02T06:00:00Z"));
}

TEST(Calendar, RangesBoundTheMoments) {
    Schedule schedule;
    schedule.ranges = {{"2026-03-01 06:00:00", "2026-03-02 06:00:00"}};
    schedule.time_zone = "Asia/Shanghai";
    auto calendar = Calendar::make(schedule, "UTC");
    ASSERT_TRUE(calendar) << calendar.error().text();
    EXPECT_FALSE(calendar->runs_at(at("2026-02-28T21:59:59Z")));
    EXPECT_TRUE(calendar->runs_at(at("2026-02-28T22:00:00Z")));
    EXPECT_FALSE(calendar->runs_at(at("2026-03-01T22:00:00Z")));
    schedule.cron = "0 12 * * *";
    schedule.duration = seconds(3600);
    calendar = Calendar::make(schedule, "UTC");
    ASSERT_TRUE(calendar);
    EXPECT_TRUE(calendar->runs_at(at("2026-03-01T04:30:00Z")));
    EXPECT_FALSE(calendar->runs_at(at("2026-03-02T04:30:00Z")));
}

TEST(Calendar, SaysWhatIsWrong) {
    Schedule schedule;
    schedule.cron = "0 6 * * *";
    EXPECT_FALSE(Calendar::make(schedule, "UTC")) << "no duration";
    schedule.duration = seconds(1);
    schedule.time_zone = "Mars/Olympus";
    EXPECT_EQ(Calendar::make(schedule, "UTC").error().code(), ErrorCode::not_found);
    schedule.time_zone.clear();
    schedule.ranges = {{"2026-03-02T00:00:00Z", "2026-03-01T00:00:00Z"}};
    EXPECT_FALSE(Calendar::make(schedule, "UTC"));
}

}  // namespace
}  // namespace hw::rules

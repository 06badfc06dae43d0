#include <gtest/gtest.h>

#include "sql/functions/civil.h"
#include "sql/functions/functions.h"
#include "sql/services.h"

namespace hw::sql {

namespace {

Datum call(std::string_view name, std::vector<Datum> arguments, std::string_view now,
           std::string_view zone) {
    FunctionTable table;
    add_builtin_functions(table);
    Services services;
    services.time_zone = zone;
    CallContext context;
    context.services = &services;
    context.now = parse_rfc3339(now).value();
    Datum value = table.find(name, Dialect::both)->scalar(arguments, context);
    EXPECT_FALSE(context.failed()) << context.error();
    return value;
}

constexpr std::string_view noon = "2026-07-01T12:00:00Z";

}  // namespace

TEST(Dates, TheDefaultZoneIsWhatClocksShow) {
    EXPECT_EQ(call("now", {}, noon, "Asia/Shanghai"), Datum::text("2026-07-01 20:00:00"));
    EXPECT_EQ(call("cur_date", {}, "2026-07-01T20:00:00Z", "Asia/Shanghai"),
              Datum::text("2026-07-02"));
    EXPECT_EQ(call("now_rfc3339", {}, noon, "Asia/Shanghai"),
              Datum::text("2026-07-01T20:00:00+08:00"));
    EXPECT_EQ(call("hour", {Datum::integer(0)}, noon, "Asia/Shanghai"), Datum::integer(8));
    EXPECT_EQ(call("hour", {Datum::text("2026-07-01 03:00:00")}, noon, "Asia/Shanghai"),
              Datum::integer(3));
    EXPECT_EQ(call("to_seconds", {Datum::text("1970-01-01 08:00:00")}, noon, "Asia/Shanghai"),
              Datum::integer(0));
    EXPECT_EQ(call("from_unix_time", {Datum::integer(1)}, noon, "Asia/Shanghai"),
              Datum::text("1970-01-01 08:00:01"));
    EXPECT_EQ(call("timezone_to_second", {Datum::text("local")}, noon, "Europe/Prague"),
              Datum::integer(7200));
}

TEST(Dates, SummerTimeComesAndGoes) {
    EXPECT_EQ(call("now", {}, "2026-03-29T00:59:59Z", "Europe/Prague"),
              Datum::text("2026-03-29 01:59:59"));
    EXPECT_EQ(call("now", {}, "2026-03-29T01:00:00Z", "Europe/Prague"),
              Datum::text("2026-03-29 03:00:00"));
    // An hour later than 01:30 clocks show 03:30.
    EXPECT_EQ(call("date_calc",
                   {Datum::time(parse_rfc3339("2026-03-29T00:30:00Z").value()), Datum::text("1h")},
                   noon, "Europe/Prague"),
              Datum::text("2026-03-29 03:30:00"));
    // 02:30 comes twice in October; the first is meant.
    EXPECT_EQ(call("to_seconds", {Datum::text("2026-10-25 02:30:00")}, noon, "Europe/Prague"),
              Datum::integer(parse_rfc3339("2026-10-25T00:30:00Z")->ns / 1'000'000'000));
    // and never in March.
    EXPECT_EQ(call("to_seconds", {Datum::text("2026-03-29 02:30:00")}, noon, "Europe/Prague"),
              Datum::integer(parse_rfc3339("2026-03-29T01:30:00Z")->ns / 1'000'000'000));
}

TEST(Dates, AZoneThatIsNotThereIsAnError) {
    const auto offset = zone_offset("Atlantis", Time{});
    ASSERT_FALSE(offset);
    EXPECT_EQ(offset.error().code(), ErrorCode::not_found);
    EXPECT_EQ(offset.error().text(),
              "there is no time zone 'Atlantis'; IANA's names are like Asia/Shanghai");
}

TEST(Dates, CivilTimeGoesBothWays) {
    for (const int64_t ns : {int64_t{0}, int64_t{-1}, int64_t{951'782'400'000'000'001},
                             int64_t{-2'203'977'600'000'000'000}, int64_t{4'102'444'800'500}}) {
        for (const int32_t offset : {0, 28'800, -12'600, 86'399}) {
            const Civil civil = civil_at(Time{ns}, offset);
            EXPECT_EQ(moment_of(civil).value().ns, ns) << ns << " " << offset;
        }
    }
    EXPECT_FALSE(moment_of(Civil{.year = 2300}));
    EXPECT_FALSE(moment_of(Civil{.month = 13}));
    EXPECT_FALSE(moment_of(Civil{.month = 0}));
    EXPECT_FALSE(moment_of(Civil{.minute = 60}));
}

}  // namespace hw::sql

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <optional>

#include "sql/functions/civil.h"
#include "sql/functions/date_format.h"
#include "sql/functions/functions.h"
#include "sql/functions/take.h"
#include "sql/services.h"

namespace hw::sql {

namespace {

// A moment with the offset that its text told, else that of the default zone.
struct Moment {
    Time time;
    int32_t offset = 0;
    std::string abbreviation;

    Civil civil() const { return civil_at(time, offset); }
};

Result<Moment> in_default_zone(Time time, const CallContext& context) {
    auto offset = HW_TRY(zone_offset(context.services->time_zone, time));
    return Moment{time, offset.seconds, std::move(offset.abbreviation)};
}

// Numbers parted by one of `separators`, as many as there are places; how many were read.
size_t take_numbers(std::string_view& text, char separator, uint32_t* places, size_t count) {
    for (size_t i = 0; i < count; ++i) {
        if (i > 0) {
            if (!text.starts_with(separator)) return i;
            text.remove_prefix(1);
        }
        const auto [end, code] = std::from_chars(text.data(), text.data() + text.size(), places[i]);
        if (code != std::errc()) return i;
        text.remove_prefix(static_cast<size_t>(end - text.data()));
    }
    return count;
}

// The fraction of a second behind its point.
void take_fraction(std::string_view& text, Civil& civil) {
    if (!text.starts_with('.')) return;
    text.remove_prefix(1);
    uint32_t unit = 100'000'000;
    while (!text.empty() && text[0] >= '0' && text[0] <= '9') {
        civil.nanosecond += unit * static_cast<uint32_t>(text[0] - '0');
        unit /= 10;
        text.remove_prefix(1);
    }
}

Error no_time(std::string_view text) {
    return Error(
        ErrorCode::invalid_argument,
        fmt::format("'{}' is no date and time like 2026-03-01 12:00:00", text.substr(0, 64)));
}

// "2026", "2026-3", "2026-3-1", then " " or "T" and "8", "8:30", "8:30:00.5", then an offset.
Result<Moment> parse_moment(std::string_view text, const CallContext& context) {
    std::string_view rest = text;
    uint32_t date[3] = {1970, 1, 1};
    uint32_t clock[3] = {0, 0, 0};
    const size_t dates = take_numbers(rest, '-', date, 3);
    bool good = dates > 0 && date[0] <= 9999;
    if (good && dates == 3 && (rest.starts_with(' ') || rest.starts_with('T'))) {
        rest.remove_prefix(1);
        good = take_numbers(rest, ':', clock, 3) > 0;
    }
    Civil civil{.year = static_cast<int32_t>(std::min(date[0], 9999u)),
                .month = date[1],
                .day = date[2],
                .hour = clock[0],
                .minute = clock[1],
                .second = clock[2]};
    take_fraction(rest, civil);
    if (!good) return fail(no_time(text));
    if (rest.empty()) {
        const Time time = HW_TRY(moment_in_zone(civil, context.services->time_zone));
        return in_default_zone(time, context);
    }
    if (rest.starts_with(' ')) rest.remove_prefix(1);
    const auto offset = parse_offset(rest);
    if (!offset) return fail(no_time(text));
    civil.offset = *offset;
    Moment moment{HW_TRY(moment_of(civil)), *offset, {}};
    append_offset(moment.abbreviation, *offset, 2, false);
    return moment;
}

// An argument as eKuiper reads a datetime: a time, ms since 1970, or a text.
Moment moment_argument(Take& take, size_t i) {
    const CallContext& context = take.context();
    const Datum& value = take.any(i);
    Result<Moment> moment = Moment();
    if (value.kind() == Kind::time) {
        moment = in_default_zone(value.as_time(), context);
    } else if (value.is_text()) {
        moment = parse_moment(value.as_text(), context);
    } else {
        const double ms = take.number(i);
        if (!take.ok()) return {};
        constexpr double most = 9.2e12;
        if (!(std::abs(ms) < most)) {
            take.fail(fmt::format("{} ms are not within the years 1678 to 2261", ms));
            return {};
        }
        moment = in_default_zone(Time{static_cast<int64_t>(ms) * 1'000'000}, context);
    }
    if (moment) return std::move(*moment);
    take.fail(moment.error().text());
    return {};
}

// eKuiper.

// The clock of now with `digits` of a second's fraction.
std::optional<std::string> format_now(Take& take, std::string_view format) {
    const int64_t digits = take.has(0) ? take.integer(0) : 0;
    const auto now = in_default_zone(take.context().now, take.context());
    if (!now) take.fail(now.error().text());
    if (!take.ok()) return std::nullopt;
    if (digits < 0 || digits > 6) {
        take.fail(fmt::format("the precision is {}; it must be 0 to 6", digits));
        return std::nullopt;
    }
    const Civil civil = now->civil();
    std::string text = format_percent(civil, format);
    if (digits > 0)
        text += "." + fmt::format("{:09}", civil.nanosecond).substr(0, static_cast<size_t>(digits));
    return text;
}

Datum now(Arguments arguments, CallContext& context) {
    Take take("now", arguments, context);
    const auto text = format_now(take, "%Y-%m-%d %H:%M:%S");
    return text ? Datum::text(*text) : Datum();
}

Datum cur_date(Arguments arguments, CallContext& context) {
    Take take("cur_date", arguments, context);
    const auto text = format_now(take, "%Y-%m-%d");
    return text ? Datum::text(*text) : Datum();
}

Datum cur_time(Arguments arguments, CallContext& context) {
    Take take("cur_time", arguments, context);
    const auto text = format_now(take, "%H:%M:%S");
    return text ? Datum::text(*text) : Datum();
}

Datum tstamp(Arguments, CallContext& context) {
    return Datum::integer(context.now.ns / 1'000'000);
}

Datum format_time(Arguments arguments, CallContext& context) {
    Take take("format_time", arguments, context);
    const Moment moment = moment_argument(take, 0);
    const auto format = take.text(1);
    if (!take.ok()) return {};
    const auto text = format_letters(moment.civil(), moment.abbreviation, format);
    return text ? Datum::text(*text) : take.fail(text.error().text());
}

// Go's durations: "1h30m10s100ms200us300ns", with a sign and fractions.
Result<Duration> parse_go_duration(std::string_view text) {
    const auto wrong =
        fail(ErrorCode::invalid_argument,
             fmt::format("'{}' is no duration like -1h30m10s100ms", text.substr(0, 64)));
    std::string_view rest = text;
    const bool negative = rest.starts_with('-');
    if (negative || rest.starts_with('+')) rest.remove_prefix(1);
    if (rest == "0") return Duration();
    static constexpr std::pair<std::string_view, double> units[] = {
        {"ns", 1},   {"us", 1e3}, {"\u00b5s", 1e3}, {"\u03bcs", 1e3},
        {"ms", 1e6}, {"s", 1e9},  {"m", 6e10},      {"h", 3.6e12}};
    double total = 0;
    while (!rest.empty()) {
        double number = 0;
        const auto [end, code] = std::from_chars(rest.data(), rest.data() + rest.size(), number,
                                                 std::chars_format::fixed);
        if (code != std::errc() || number < 0) return wrong;
        rest.remove_prefix(static_cast<size_t>(end - rest.data()));
        const auto* const unit = std::ranges::find_if(
            units, [&](const auto& known) { return rest.starts_with(known.first); });
        if (unit == std::end(units)) return wrong;
        rest.remove_prefix(unit->first.size());
        total += number * unit->second;
    }
    if (total == 0 && !text.ends_with('s') && !text.ends_with('m') && !text.ends_with('h'))
        return wrong;
    if (total >= 9.2e18) return wrong;
    return Duration{static_cast<int64_t>(negative ? -total : total)};
}

Datum date_calc(Arguments arguments, CallContext& context) {
    Take take("date_calc", arguments, context);
    Moment moment = moment_argument(take, 0);
    const auto text = take.text(1);
    if (!take.ok()) return {};
    const auto duration = parse_go_duration(text);
    if (!duration) return take.fail(duration.error().text());
    if (__builtin_add_overflow(moment.time.ns, duration->ns, &moment.time.ns))
        return take.fail("the date is not within the years 1678 to 2261");
    // Clocks there may be changed in between; an offset told by the text stays.
    if (!take.any(0).is_text()) {
        auto moved = in_default_zone(moment.time, context);
        if (!moved) return take.fail(moved.error().text());
        moment = std::move(*moved);
    }
    return Datum::text(format_percent(moment.civil(), "%Y-%m-%d %H:%M:%S"));
}

Datum date_diff(Arguments arguments, CallContext& context) {
    Take take("date_diff", arguments, context);
    const Moment first = moment_argument(take, 0);
    const Moment second = moment_argument(take, 1);
    if (!take.ok()) return {};
    constexpr int64_t day = int64_t{86'400} * 1'000'000'000;
    int64_t difference = 0;
    if (__builtin_sub_overflow(second.time.ns, first.time.ns, &difference))
        return take.fail("the dates are more than 292 years apart");
    return Datum::integer(difference / day);
}

// One number of a date's clock.
template <class Read>
Datum part_of(std::string_view name, Arguments arguments, CallContext& context, Read read) {
    Take take(name, arguments, context);
    const Moment moment = moment_argument(take, 0);
    return take.ok() ? read(moment.civil()) : Datum();
}

Datum number(uint32_t value) {
    return Datum::integer(value);
}

Datum name_of_day(Arguments arguments, CallContext& context) {
    return part_of("day_name", arguments, context,
                   [](const Civil& civil) { return Datum::text(day_name(civil.weekday())); });
}

Datum name_of_month(Arguments arguments, CallContext& context) {
    return part_of("month_name", arguments, context,
                   [](const Civil& civil) { return Datum::text(month_name(civil.month)); });
}

Datum day_of_month(Arguments arguments, CallContext& context) {
    return part_of("day_of_month", arguments, context,
                   [](const Civil& civil) { return number(civil.day); });
}

Datum day_of_week(Arguments arguments, CallContext& context) {
    return part_of("day_of_week", arguments, context,
                   [](const Civil& civil) { return number(civil.weekday() + 1); });
}

Datum day_of_year(Arguments arguments, CallContext& context) {
    return part_of("day_of_year", arguments, context,
                   [](const Civil& civil) { return number(civil.day_of_year()); });
}

Datum month(Arguments arguments, CallContext& context) {
    return part_of("month", arguments, context,
                   [](const Civil& civil) { return number(civil.month); });
}

Datum hour(Arguments arguments, CallContext& context) {
    return part_of("hour", arguments, context,
                   [](const Civil& civil) { return number(civil.hour); });
}

Datum minute(Arguments arguments, CallContext& context) {
    return part_of("minute", arguments, context,
                   [](const Civil& civil) { return number(civil.minute); });
}

Datum second(Arguments arguments, CallContext& context) {
    return part_of("second", arguments, context,
                   [](const Civil& civil) { return number(civil.second); });
}

Datum microsecond(Arguments arguments, CallContext& context) {
    return part_of("microsecond", arguments, context,
                   [](const Civil& civil) { return number(civil.nanosecond / 1000); });
}

Datum last_day(Arguments arguments, CallContext& context) {
    return part_of("last_day", arguments, context, [](Civil civil) {
        civil.day = civil.days_in_month();
        return Datum::text(format_percent(civil, "%Y-%m-%d"));
    });
}

// A time of seconds since 1970, or nothing after a failure.
std::optional<Time> time_of_seconds(Take& take, int64_t seconds) {
    int64_t ns = 0;
    if (!take.ok()) return std::nullopt;
    if (!__builtin_mul_overflow(seconds, int64_t{1'000'000'000}, &ns)) return Time{ns};
    take.fail(fmt::format("{} s are not within the years 1678 to 2261", seconds));
    return std::nullopt;
}

Datum from_days(Arguments arguments, CallContext& context) {
    Take take("from_days", arguments, context);
    const int64_t days = take.integer(0);
    if (!take.ok() || days == 0) return {};
    constexpr int64_t most = 106'000;
    if (days > most || days < -most)
        return take.fail(fmt::format("{} days are not within the years 1678 to 2261", days));
    const auto time = time_of_seconds(take, (days - 1) * 86'400);
    return time ? Datum::text(format_percent(civil_at(*time, 0), "%Y-%m-%d")) : Datum();
}

Datum from_unix_time(Arguments arguments, CallContext& context) {
    Take take("from_unix_time", arguments, context);
    const int64_t seconds = take.integer(0);
    if (!take.ok() || seconds == 0) return {};
    const auto time = time_of_seconds(take, seconds);
    if (!time) return {};
    const auto moment = in_default_zone(*time, context);
    if (!moment) return take.fail(moment.error().text());
    return Datum::text(format_percent(moment->civil(), "%Y-%m-%d %H:%M:%S"));
}

Datum to_seconds(Arguments arguments, CallContext& context) {
    Take take("to_seconds", arguments, context);
    const Moment moment = moment_argument(take, 0);
    if (!take.ok()) return {};
    const int64_t ns = moment.time.ns;
    return Datum::integer(ns / 1'000'000'000 - (ns % 1'000'000'000 < 0 ? 1 : 0));
}

Datum convert_tz(Arguments arguments, CallContext& context) {
    Take take("convert_tz", arguments, context);
    const Moment moment = moment_argument(take, 0);
    const auto zone = take.text(1);
    if (!take.ok()) return {};
    const auto offset = zone_offset(zone, moment.time);
    if (!offset) return take.fail(offset.error().text());
    const Civil civil = civil_at(moment.time, offset->seconds);
    std::string text = format_percent(civil, "%Y-%m-%dT%H:%M:%S");
    if (civil.nanosecond != 0) {
        text += fmt::format(".{:09}", civil.nanosecond);
        text.resize(text.find_last_not_of('0') + 1);
    }
    append_offset(text, offset->seconds, 2, true);
    return Datum::text(text);
}

constexpr Function functions[] = {
    {.name = "now",
     .group = "date",
     .origin = "eKuiper",
     .signature = "now([digits])",
     .help = "The time of the run as 'YYYY-MM-DD HH:mm:ss' in the default zone, with up to 6 "
             "digits of the second's fraction.",
     .example = "now(3)",
     .example_result = "\"2026-03-01 12:00:00.000\"",
     .most_arguments = 1,
     .pure = false,
     .scalar = now},
    {.name = "current_timestamp",
     .group = "date",
     .origin = "eKuiper",
     .signature = "current_timestamp([digits])",
     .help = "The same as now.",
     .example = "current_timestamp()",
     .example_result = "\"2026-03-01 12:00:00\"",
     .most_arguments = 1,
     .pure = false,
     .scalar = now},
    {.name = "local_time",
     .group = "date",
     .origin = "eKuiper",
     .signature = "local_time([digits])",
     .help = "The same as now.",
     .example = "local_time()",
     .example_result = "\"2026-03-01 12:00:00\"",
     .most_arguments = 1,
     .pure = false,
     .scalar = now},
    {.name = "local_timestamp",
     .group = "date",
     .origin = "eKuiper",
     .signature = "local_timestamp([digits])",
     .help = "The same as now.",
     .example = "local_timestamp()",
     .example_result = "\"2026-03-01 12:00:00\"",
     .most_arguments = 1,
     .pure = false,
     .scalar = now},
    {.name = "cur_date",
     .group = "date",
     .origin = "eKuiper",
     .signature = "cur_date()",
     .help = "The date of the run as 'YYYY-MM-DD' in the default zone.",
     .example = "cur_date()",
     .example_result = "\"2026-03-01\"",
     .pure = false,
     .scalar = cur_date},
    {.name = "current_date",
     .group = "date",
     .origin = "eKuiper",
     .signature = "current_date()",
     .help = "The same as cur_date.",
     .example = "current_date()",
     .example_result = "\"2026-03-01\"",
     .pure = false,
     .scalar = cur_date},
    {.name = "cur_time",
     .group = "date",
     .origin = "eKuiper",
     .signature = "cur_time([digits])",
     .help = "The clock of the run as 'HH:mm:ss' in the default zone, with up to 6 digits of the "
             "second's fraction.",
     .example = "cur_time()",
     .example_result = "\"12:00:00\"",
     .most_arguments = 1,
     .pure = false,
     .scalar = cur_time},
    {.name = "current_time",
     .group = "date",
     .origin = "eKuiper",
     .signature = "current_time([digits])",
     .help = "The same as cur_time.",
     .example = "current_time()",
     .example_result = "\"12:00:00\"",
     .most_arguments = 1,
     .pure = false,
     .scalar = cur_time},
    {.name = "tstamp",
     .group = "date",
     .origin = "eKuiper",
     .signature = "tstamp()",
     .help = "The time of the run in ms since 1970.",
     .example = "tstamp()",
     .example_result = "1772366400000",
     .pure = false,
     .scalar = tstamp},
    {.name = "format_time",
     .group = "date",
     .origin = "eKuiper",
     .signature = "format_time(time, format)",
     .help = "The time by a format of yyyy MM dd HH mm ss SSS, MMMM, EEEE, a, z and Z. A time is "
             "a datetime, ms since 1970 or a text; without an offset it is of the default zone.",
     .example = "format_time('2026-03-01 08:05:09', 'yyyy/MM/dd HH:mm')",
     .example_result = "\"2026/03/01 08:05\"",
     .least_arguments = 2,
     .most_arguments = 2,
     .pure = false,
     .scalar = format_time},
    {.name = "date_calc",
     .group = "date",
     .origin = "eKuiper",
     .signature = "date_calc(time, duration)",
     .help = "The time later by a duration like 1h30m10s, or earlier by one like -1h, as "
             "'YYYY-MM-DD HH:mm:ss'.",
     .example = "date_calc('2019-01-01', '1h30m')",
     .example_result = "\"2019-01-01 01:30:00\"",
     .least_arguments = 2,
     .most_arguments = 2,
     .pure = false,
     .scalar = date_calc},
    {.name = "date_diff",
     .group = "date",
     .origin = "eKuiper",
     .signature = "date_diff(time1, time2)",
     .help = "The whole days from time1 to time2, negative where time2 is the earlier.",
     .example = "date_diff('2019-01-01', '2019-01-03')",
     .example_result = "2",
     .least_arguments = 2,
     .most_arguments = 2,
     .pure = false,
     .scalar = date_diff},
    {.name = "day_name",
     .group = "date",
     .origin = "eKuiper",
     .signature = "day_name(time)",
     .help = "The day of the week in English.",
     .example = "day_name('2019-01-01 00:00:00')",
     .example_result = "\"Tuesday\"",
     .least_arguments = 1,
     .most_arguments = 1,
     .pure = false,
     .scalar = name_of_day},
    {.name = "day_of_month",
     .group = "date",
     .origin = "eKuiper",
     .signature = "day_of_month(time)",
     .help = "The day of the month, from 1.",
     .example = "day_of_month('2019-01-31')",
     .example_result = "31",
     .least_arguments = 1,
     .most_arguments = 1,
     .pure = false,
     .scalar = day_of_month},
    {.name = "day",
     .group = "date",
     .origin = "eKuiper",
     .signature = "day(time)",
     .help = "The same as day_of_month.",
     .example = "day('2019-01-31')",
     .example_result = "31",
     .least_arguments = 1,
     .most_arguments = 1,
     .pure = false,
     .scalar = day_of_month},
    {.name = "day_of_week",
     .group = "date",
     .origin = "eKuiper",
     .signature = "day_of_week(time)",
     .help = "The day of the week: Sunday is 1, Saturday 7.",
     .example = "day_of_week('2019-01-01')",
     .example_result = "3",
     .least_arguments = 1,
     .most_arguments = 1,
     .pure = false,
     .scalar = day_of_week},
    {.name = "day_of_year",
     .group = "date",
     .origin = "eKuiper",
     .signature = "day_of_year(time)",
     .help = "The day of the year, from 1.",
     .example = "day_of_year('2019-12-31')",
     .example_result = "365",
     .least_arguments = 1,
     .most_arguments = 1,
     .pure = false,
     .scalar = day_of_year},
    {.name = "month",
     .group = "date",
     .origin = "eKuiper",
     .signature = "month(time)",
     .help = "The month, from 1.",
     .example = "month('2019-12-31')",
     .example_result = "12",
     .least_arguments = 1,
     .most_arguments = 1,
     .pure = false,
     .scalar = month},
    {.name = "month_name",
     .group = "date",
     .origin = "eKuiper",
     .signature = "month_name(time)",
     .help = "The month in English.",
     .example = "month_name('2019-01-01')",
     .example_result = "\"January\"",
     .least_arguments = 1,
     .most_arguments = 1,
     .pure = false,
     .scalar = name_of_month},
    {.name = "hour",
     .group = "date",
     .origin = "eKuiper",
     .signature = "hour(time)",
     .help = "The hour, 0 to 23.",
     .example = "hour('2019-01-01 08:30:15')",
     .example_result = "8",
     .least_arguments = 1,
     .most_arguments = 1,
     .pure = false,
     .scalar = hour},
    {.name = "minute",
     .group = "date",
     .origin = "eKuiper",
     .signature = "minute(time)",
     .help = "The minute, 0 to 59.",
     .example = "minute('2019-01-01 08:30:15')",
     .example_result = "30",
     .least_arguments = 1,
     .most_arguments = 1,
     .pure = false,
     .scalar = minute},
    {.name = "second",
     .group = "date",
     .origin = "eKuiper",
     .signature = "second(time)",
     .help = "The second, 0 to 59.",
     .example = "second('2019-01-01 08:30:15')",
     .example_result = "15",
     .least_arguments = 1,
     .most_arguments = 1,
     .pure = false,
     .scalar = second},
    {.name = "microsecond",
     .group = "date",
     .origin = "eKuiper",
     .signature = "microsecond(time)",
     .help = "The microseconds of the second.",
     .example = "microsecond('2019-01-01 08:30:15.250')",
     .example_result = "250000",
     .least_arguments = 1,
     .most_arguments = 1,
     .pure = false,
     .scalar = microsecond},
    {.name = "last_day",
     .group = "date",
     .origin = "eKuiper",
     .signature = "last_day(time)",
     .help = "The last day of the time's month as 'YYYY-MM-DD'.",
     .example = "last_day('2020-02-03')",
     .example_result = "\"2020-02-29\"",
     .least_arguments = 1,
     .most_arguments = 1,
     .pure = false,
     .scalar = last_day},
    {.name = "from_days",
     .group = "date",
     .origin = "eKuiper",
     .signature = "from_days(days)",
     .help = "The date of a number of days, 1 being 1970-01-01; null for 0.",
     .example = "from_days(100)",
     .example_result = "\"1970-04-10\"",
     .least_arguments = 1,
     .most_arguments = 1,
     .scalar = from_days},
    {.name = "from_unix_time",
     .group = "date",
     .origin = "eKuiper",
     .signature = "from_unix_time(seconds)",
     .help = "Seconds since 1970 as 'YYYY-MM-DD HH:mm:ss' in the default zone; null for 0.",
     .example = "from_unix_time(1691995105)",
     .example_result = "\"2023-08-14 06:38:25\"",
     .least_arguments = 1,
     .most_arguments = 1,
     .pure = false,
     .scalar = from_unix_time},
    {.name = "to_seconds",
     .group = "date",
     .origin = "eKuiper",
     .signature = "to_seconds(time)",
     .help = "The time in seconds since 1970, the fraction cut.",
     .example = "to_seconds('1970-01-01T01:00:00Z')",
     .example_result = "3600",
     .least_arguments = 1,
     .most_arguments = 1,
     .pure = false,
     .scalar = to_seconds},
    {.name = "convert_tz",
     .group = "date",
     .origin = "eKuiper",
     .signature = "convert_tz(time, zone)",
     .help = "The time as text with the offset that the IANA zone has then; hour() and the like "
             "read it as of that zone.",
     .example = "convert_tz('2026-07-01T00:00:00Z', 'Asia/Shanghai')",
     .example_result = "\"2026-07-01T08:00:00+08:00\"",
     .least_arguments = 2,
     .most_arguments = 2,
     .pure = false,
     .scalar = convert_tz},
};

}  // namespace

std::span<const Function> date_functions() {
    return functions;
}

}  // namespace hw::sql

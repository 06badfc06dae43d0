#include <fmt/format.h>

#include <iterator>
#include <optional>

#include "sql/functions/civil.h"
#include "sql/functions/date_format.h"
#include "sql/functions/functions.h"
#include "sql/functions/take.h"
#include "sql/services.h"

namespace hw::sql {

namespace {

// EMQX's units of Unix time.
struct Unit {
    std::string_view name;
    int64_t ns = 1;
    size_t digits = 0;  // of a second's fraction
};

constexpr Unit units[] = {{"second", 1'000'000'000, 0},
                          {"millisecond", 1'000'000, 3},
                          {"microsecond", 1'000, 6},
                          {"nanosecond", 1, 9}};

// That of argument i; seconds where it is not given.
const Unit& unit_of(Take& take, size_t i) {
    if (i >= take.count()) return units[0];
    const auto name = take.text(i);
    for (const auto& unit : units)
        if (unit.name == name) return unit;
    if (take.ok())
        take.fail(
            fmt::format("the unit '{}' is none of second, millisecond, microsecond, nanosecond",
                        name.substr(0, 32)));
    return units[0];
}

int64_t in_units(Time time, const Unit& unit) {
    return time.ns / unit.ns - (time.ns % unit.ns < 0 ? 1 : 0);
}

Time time_argument(Take& take, size_t i, const Unit& unit) {
    const int64_t number = take.integer(i);
    int64_t ns = 0;
    if (take.ok() && __builtin_mul_overflow(number, unit.ns, &ns))
        take.fail(fmt::format("{} {}s are not within the years 1678 to 2261", number, unit.name));
    return Time{ns};
}

int32_t local_offset(Take& take, Time time) {
    const auto offset = zone_offset(take.context().services->time_zone, time);
    if (offset) return offset->seconds;
    take.fail(offset.error().text());
    return 0;
}

// Seconds as a number, an offset's text, or 'local'.
int32_t offset_argument(Take& take, size_t i, Time time) {
    constexpr int64_t day = 86'400;
    if (!take.any(i).is_text()) {
        const int64_t seconds = take.integer(i);
        if (take.ok() && (seconds <= -day || seconds >= day))
            take.fail(fmt::format("the offset of {} s is not within a day", seconds));
        return take.ok() ? static_cast<int32_t>(seconds) : 0;
    }
    if (take.text(i) == "local") return local_offset(take, time);
    const auto offset = parse_offset(take.text(i));
    if (offset) return *offset;
    take.fail(offset.error().text());
    return 0;
}

std::string rfc3339(Time time, int32_t offset, size_t digits) {
    const Civil civil = civil_at(time, offset);
    std::string text = format_percent(civil, "%Y-%m-%dT%H:%M:%S");
    if (digits > 0) text += "." + fmt::format("{:09}", civil.nanosecond).substr(0, digits);
    append_offset(text, offset, 2, true);
    return text;
}

Datum now_rfc3339(Arguments arguments, CallContext& context) {
    Take take("now_rfc3339", arguments, context);
    const Unit& unit = unit_of(take, 0);
    const int32_t offset = local_offset(take, context.now);
    return take.ok() ? Datum::text(rfc3339(context.now, offset, unit.digits)) : Datum();
}

Datum now_timestamp(Arguments arguments, CallContext& context) {
    Take take("now_timestamp", arguments, context);
    const Unit& unit = unit_of(take, 0);
    return take.ok() ? Datum::integer(in_units(context.now, unit)) : Datum();
}

Datum unix_ts_to_rfc3339(Arguments arguments, CallContext& context) {
    Take take("unix_ts_to_rfc3339", arguments, context);
    const Unit& unit = unit_of(take, 1);
    const Time time = time_argument(take, 0, unit);
    const int32_t offset = local_offset(take, time);
    return take.ok() ? Datum::text(rfc3339(time, offset, unit.digits)) : Datum();
}

Datum rfc3339_to_unix_ts(Arguments arguments, CallContext& context) {
    Take take("rfc3339_to_unix_ts", arguments, context);
    const Unit& unit = unit_of(take, 1);
    const auto text = take.text(0);
    if (!take.ok()) return {};
    const auto time = parse_rfc3339(text);
    return time ? Datum::integer(in_units(*time, unit)) : take.fail(time.error().text());
}

Datum format_date(Arguments arguments, CallContext& context) {
    Take take("format_date", arguments, context);
    const Unit& unit = unit_of(take, 0);
    const Time time = take.count() == 4 ? time_argument(take, 3, unit) : context.now;
    const int32_t offset = offset_argument(take, 1, time);
    const auto format = take.text(2);
    return take.ok() ? Datum::text(format_percent(civil_at(time, offset), format)) : Datum();
}

Datum date_to_unix_ts(Arguments arguments, CallContext& context) {
    Take take("date_to_unix_ts", arguments, context);
    const bool told = take.count() == 4;
    const Unit& unit = unit_of(take, 0);
    const auto format = take.text(told ? 2 : 1);
    const auto text = take.text(told ? 3 : 2);
    if (!take.ok()) return {};
    auto civil = parse_percent(text, format);
    if (!civil) return take.fail(civil.error().text());
    if (told) civil->offset += offset_argument(take, 1, context.now);
    if (!take.ok()) return {};
    const auto time = moment_of(*civil);
    return time ? Datum::integer(in_units(*time, unit)) : take.fail(time.error().text());
}

Datum timezone_to_offset_seconds(Arguments arguments, CallContext& context) {
    Take take("timezone_to_offset_seconds", arguments, context);
    const int32_t offset = offset_argument(take, 0, context.now);
    return take.ok() ? Datum::integer(offset) : Datum();
}

Datum mongo_date(Arguments arguments, CallContext& context) {
    Take take("mongo_date", arguments, context);
    const Unit& unit = take.count() == 2 ? unit_of(take, 1) : units[1];
    const Time time = take.count() > 0 ? time_argument(take, 0, unit) : context.now;
    if (!take.ok()) return {};
    return Datum::text(format_percent(civil_at(time, 0), "ISODate(\"%Y-%m-%dT%H:%M:%S.%3NZ\")"));
}

constexpr Function functions[] = {
    {.name = "now_rfc3339",
     .group = "date",
     .origin = "EMQX",
     .signature = "now_rfc3339([unit])",
     .help = "The time of the run as RFC 3339 in the default zone, with 0, 3, 6 or 9 digits of the "
             "second's fraction by the unit: second, millisecond, microsecond, nanosecond.",
     .example = "now_rfc3339('millisecond')",
     .example_result = "\"2026-03-01T12:00:00.000+00:00\"",
     .most_arguments = 1,
     .pure = false,
     .scalar = now_rfc3339},
    {.name = "now_timestamp",
     .group = "date",
     .origin = "EMQX",
     .signature = "now_timestamp([unit])",
     .help = "The time of the run since 1970 in seconds or the unit.",
     .example = "now_timestamp()",
     .example_result = "1772366400",
     .most_arguments = 1,
     .pure = false,
     .scalar = now_timestamp},
    {.name = "unix_ts_to_rfc3339",
     .group = "date",
     .origin = "EMQX",
     .signature = "unix_ts_to_rfc3339(time [, unit])",
     .help = "A Unix time in seconds or the unit as RFC 3339 in the default zone.",
     .example = "unix_ts_to_rfc3339(1708671600766, 'millisecond')",
     .example_result = "\"2024-02-23T07:00:00.766+00:00\"",
     .least_arguments = 1,
     .most_arguments = 2,
     .pure = false,
     .scalar = unix_ts_to_rfc3339},
    {.name = "rfc3339_to_unix_ts",
     .group = "date",
     .origin = "EMQX",
     .signature = "rfc3339_to_unix_ts(text [, unit])",
     .help = "The Unix time of an RFC 3339 text in seconds or the unit.",
     .example = "rfc3339_to_unix_ts('2024-02-23T15:56:30Z')",
     .example_result = "1708703790",
     .least_arguments = 1,
     .most_arguments = 2,
     .scalar = rfc3339_to_unix_ts},
    {.name = "format_date",
     .group = "date",
     .origin = "EMQX",
     .signature = "format_date(unit, offset, format [, time])",
     .help = "A Unix time in the unit (else the time of the run) by a format of %Y %m %d %H %M %S "
             "%N %6N %3N %z %:z %::z, at an offset like '+08:00', 'Z', 'local' or seconds.",
     .example = "format_date('millisecond', '+08:00', '%Y-%m-%d %H:%M:%S.%6N%:z', 1708933353472)",
     .example_result = "\"2024-02-26 15:42:33.472000+08:00\"",
     .least_arguments = 3,
     .most_arguments = 4,
     .pure = false,
     .scalar = format_date},
    {.name = "date_to_unix_ts",
     .group = "date",
     .origin = "EMQX",
     .signature = "date_to_unix_ts(unit, [offset,] format, text)",
     .help = "The Unix time in the unit of a text by a format as of format_date; the offset is for "
             "texts without one.",
     .example = "date_to_unix_ts('second', '%Y-%m-%d %H:%M:%S%:z', '2024-02-23 15:00:00+08:00')",
     .example_result = "1708671600",
     .least_arguments = 3,
     .most_arguments = 4,
     .pure = false,
     .scalar = date_to_unix_ts},
    {.name = "timezone_to_offset_seconds",
     .group = "date",
     .origin = "EMQX",
     .signature = "timezone_to_offset_seconds(offset)",
     .help = "The seconds of an offset like '+08:00', 'Z' or 'local'.",
     .example = "timezone_to_offset_seconds('+08:00')",
     .example_result = "28800",
     .least_arguments = 1,
     .most_arguments = 1,
     .pure = false,
     .scalar = timezone_to_offset_seconds},
    {.name = "timezone_to_second",
     .group = "date",
     .origin = "EMQX",
     .signature = "timezone_to_second(offset)",
     .help = "The same as timezone_to_offset_seconds.",
     .example = "timezone_to_second('-01:30')",
     .example_result = "-5400",
     .least_arguments = 1,
     .most_arguments = 1,
     .pure = false,
     .scalar = timezone_to_offset_seconds},
    {.name = "mongo_date",
     .group = "date",
     .origin = "EMQX",
     .signature = "mongo_date([time [, unit]])",
     .help = "The time of the run, or a Unix time in ms or the unit, as MongoDB's ISODate text.",
     .example = "mongo_date(1708703337871)",
     .example_result = "\"ISODate(\\\"2024-02-23T15:48:57.871Z\\\")\"",
     .most_arguments = 2,
     .pure = false,
     .scalar = mongo_date},
};

}  // namespace

std::span<const Function> unix_time_functions() {
    return functions;
}

}  // namespace hw::sql

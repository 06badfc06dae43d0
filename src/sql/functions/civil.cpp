#include "sql/functions/civil.h"

#include <date/tz.h>
#include <fmt/format.h>

#include <chrono>
#include <exception>
#include <iterator>

#include "sql/functions/text_cache.h"

namespace hw::sql {

namespace {

constexpr int64_t ns_per_second = 1'000'000'000;
constexpr int64_t seconds_per_day = 86'400;
constexpr size_t kept_zones = 64;

int64_t floor_div(int64_t a, int64_t b) {
    return a / b - (a % b != 0 && (a < 0) != (b < 0) ? 1 : 0);
}

std::chrono::sys_days day_of(const Civil& civil) {
    return std::chrono::year(civil.year) / std::chrono::month(civil.month) /
           std::chrono::day(civil.day);
}

// Seconds since 1970 of a clock without offset.
Result<int64_t> local_seconds(const Civil& civil) {
    const std::chrono::year_month_day day{std::chrono::year(civil.year),
                                          std::chrono::month(civil.month),
                                          std::chrono::day(civil.day)};
    if (!day.ok() || civil.hour > 24 || civil.minute > 59 || civil.second > 59)
        return fail(ErrorCode::invalid_argument,
                    fmt::format("there is no {:04}-{:02}-{:02} {:02}:{:02}:{:02}", civil.year,
                                civil.month, civil.day, civil.hour, civil.minute, civil.second));
    return day_of(civil).time_since_epoch().count() * seconds_per_day + civil.hour * 3600 +
           civil.minute * 60 + civil.second;
}

Result<Time> from_seconds(int64_t seconds, uint32_t nanosecond) {
    int64_t ns = 0;
    if (__builtin_mul_overflow(seconds, ns_per_second, &ns) ||
        __builtin_add_overflow(ns, int64_t{nanosecond}, &ns))
        return fail(ErrorCode::invalid_argument, "the time is not within the years 1678 to 2261");
    return Time{ns};
}

Result<const date::time_zone*> locate(std::string_view zone) {
    thread_local TextCache<const date::time_zone*> cache(kept_zones);
    if (const auto* known = cache.find(zone)) return *known;
    try {
        return cache.put(zone, date::locate_zone(std::string(zone)));
    } catch (const std::exception&) {
        return fail(ErrorCode::not_found,
                    fmt::format("there is no time zone '{}'; IANA's names are like Asia/Shanghai",
                                zone.substr(0, 64)));
    }
}

date::sys_seconds seconds_of(Time time) {
    return date::sys_seconds(std::chrono::seconds(floor_div(time.ns, ns_per_second)));
}

}  // namespace

uint32_t Civil::weekday() const {
    return std::chrono::weekday(day_of(*this)).c_encoding();
}

uint32_t Civil::day_of_year() const {
    const std::chrono::sys_days first = std::chrono::year(year) / std::chrono::January / 1;
    return static_cast<uint32_t>((day_of(*this) - first).count()) + 1;
}

uint32_t Civil::days_in_month() const {
    const auto last = std::chrono::year(year) / std::chrono::month(month) / std::chrono::last;
    return static_cast<unsigned>(last.day());
}

Civil civil_at(Time time, int32_t offset) {
    const int64_t utc = floor_div(time.ns, ns_per_second);
    const int64_t local = utc + offset;
    const int64_t days = floor_div(local, seconds_per_day);
    const std::chrono::year_month_day day{std::chrono::sys_days(std::chrono::days(days))};
    const auto second = static_cast<uint32_t>(local - days * seconds_per_day);
    return {.year = static_cast<int>(day.year()),
            .month = static_cast<unsigned>(day.month()),
            .day = static_cast<unsigned>(day.day()),
            .hour = second / 3600,
            .minute = second / 60 % 60,
            .second = second % 60,
            .nanosecond = static_cast<uint32_t>(time.ns - utc * ns_per_second),
            .offset = offset};
}

Result<Time> moment_of(const Civil& civil) {
    return from_seconds(HW_TRY(local_seconds(civil)) - civil.offset, civil.nanosecond);
}

Result<ZoneOffset> zone_offset(std::string_view zone, Time time) {
    if (zone == "UTC") return ZoneOffset{0, "UTC"};
    const date::time_zone* const found = HW_TRY(locate(zone));
    const auto info = found->get_info(seconds_of(time));
    return ZoneOffset{static_cast<int32_t>(info.offset.count()), info.abbrev};
}

Result<Time> moment_in_zone(const Civil& civil, std::string_view zone) {
    const int64_t local = HW_TRY(local_seconds(civil));
    if (zone == "UTC") return from_seconds(local, civil.nanosecond);
    const date::time_zone* const found = HW_TRY(locate(zone));
    const auto info = found->get_info(date::local_seconds(std::chrono::seconds(local)));
    return from_seconds(local - info.first.offset.count(), civil.nanosecond);
}

Result<int32_t> parse_offset(std::string_view text) {
    if (text == "Z" || text == "z") return 0;
    const auto wrong = fail(ErrorCode::invalid_argument,
                            fmt::format("'{}' is no offset like +08:00 or Z", text.substr(0, 32)));
    if (text.size() < 3 || (text[0] != '+' && text[0] != '-')) return wrong;
    int32_t parts[3] = {0, 0, 0};
    std::string_view rest = text.substr(1);
    const bool colons = rest.size() > 2 && rest[2] == ':';
    for (int i = 0; i < 3 && !rest.empty(); ++i) {
        if (i > 0 && colons) {
            if (rest[0] != ':') return wrong;
            rest.remove_prefix(1);
        }
        if (rest.size() < 2 || rest[0] < '0' || rest[0] > '9' || rest[1] < '0' || rest[1] > '9')
            return wrong;
        parts[i] = (rest[0] - '0') * 10 + (rest[1] - '0');
        rest.remove_prefix(2);
    }
    if (!rest.empty() || parts[0] > 23 || parts[1] > 59 || parts[2] > 59) return wrong;
    const int32_t offset = parts[0] * 3600 + parts[1] * 60 + parts[2];
    return text[0] == '-' ? -offset : offset;
}

void append_offset(std::string& out, int32_t offset, int parts, bool colons) {
    const int32_t size = offset < 0 ? -offset : offset;
    const char* const colon = colons ? ":" : "";
    fmt::format_to(std::back_inserter(out), "{}{:02}", offset < 0 ? '-' : '+', size / 3600);
    if (parts > 1) fmt::format_to(std::back_inserter(out), "{}{:02}", colon, size / 60 % 60);
    if (parts > 2) fmt::format_to(std::back_inserter(out), "{}{:02}", colon, size % 60);
}

}  // namespace hw::sql

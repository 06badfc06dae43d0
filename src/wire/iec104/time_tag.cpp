#include "wire/iec104/time_tag.h"

#include <chrono>

namespace hw::iec104 {
namespace {

constexpr int64_t ns_per_ms = 1'000'000;
constexpr int64_t ms_per_minute = 60'000;
constexpr int64_t minutes_per_hour = 60;
constexpr int64_t hours_per_day = 24;

// Rounds down, also before 1970.
int64_t floor_divide(int64_t a, int64_t b) {
    return a / b - (a % b < 0 ? 1 : 0);
}

}  // namespace

TimeTag tag_from_time(Time time, Duration zone) {
    const int64_t ms = floor_divide((time + zone).ns, ns_per_ms);
    const int64_t minutes = floor_divide(ms, ms_per_minute);
    const int64_t hours = floor_divide(minutes, minutes_per_hour);
    const int64_t days = floor_divide(hours, hours_per_day);
    const std::chrono::sys_days date{std::chrono::days{days}};
    const std::chrono::year_month_day parts{date};
    const int year = static_cast<int>(parts.year());
    return {.milliseconds = static_cast<uint16_t>(ms - minutes * ms_per_minute),
            .minute = static_cast<uint8_t>(minutes - hours * minutes_per_hour),
            .hour = static_cast<uint8_t>(hours - days * hours_per_day),
            .day = static_cast<uint8_t>(static_cast<unsigned>(parts.day())),
            .day_of_week = static_cast<uint8_t>(std::chrono::weekday{date}.iso_encoding()),
            .month = static_cast<uint8_t>(static_cast<unsigned>(parts.month())),
            .year = static_cast<uint8_t>(year % 100)};
}

std::optional<Time> time_from_tag(const TimeTag& tag, Duration zone, Time now) {
    if (tag.invalid || tag.minute > 59 || tag.milliseconds >= ms_per_minute) return std::nullopt;
    const int64_t within_hour = tag.minute * ms_per_minute + tag.milliseconds;
    constexpr int64_t ms_per_hour = minutes_per_hour * ms_per_minute;
    if (tag.short_form) {
        const int64_t now_ms = floor_divide((now + zone).ns, ns_per_ms);
        const int64_t hour = floor_divide(now_ms - within_hour + ms_per_hour / 2, ms_per_hour);
        return Time{(hour * ms_per_hour + within_hour) * ns_per_ms} - zone;
    }
    if (tag.hour >= hours_per_day || tag.year > 99) return std::nullopt;
    const std::chrono::year_month_day date{
        std::chrono::year{tag.year + (tag.year < 70 ? 2000 : 1900)}, std::chrono::month{tag.month},
        std::chrono::day{tag.day}};
    if (!date.ok()) return std::nullopt;
    const int64_t days = std::chrono::sys_days{date}.time_since_epoch().count();
    const int64_t hours = days * hours_per_day + tag.hour - (tag.summer ? 1 : 0);
    return Time{(hours * ms_per_hour + within_hour) * ns_per_ms} - zone;
}

TimeTag read_cp24(ByteReader& in) {
    TimeTag tag;
    tag.milliseconds = in.little<uint16_t>();
    const uint8_t minute = in.u8();
    tag.minute = minute & 0x3f;
    tag.substituted = (minute & 0x40) != 0;
    tag.invalid = (minute & 0x80) != 0;
    tag.short_form = true;
    return tag;
}

TimeTag read_cp56(ByteReader& in) {
    TimeTag tag = read_cp24(in);
    tag.short_form = false;
    const uint8_t hour = in.u8();
    tag.hour = hour & 0x1f;
    tag.summer = (hour & 0x80) != 0;
    const uint8_t day = in.u8();
    tag.day = day & 0x1f;
    tag.day_of_week = static_cast<uint8_t>(day >> 5);
    tag.month = in.u8() & 0x0f;
    tag.year = in.u8() & 0x7f;
    return tag;
}

void write_cp24(const TimeTag& tag, ByteWriter& out) {
    out.little(tag.milliseconds);
    out.u8(static_cast<uint8_t>((tag.minute & 0x3f) | (tag.substituted ? 0x40 : 0) |
                                (tag.invalid ? 0x80 : 0)));
}

void write_cp56(const TimeTag& tag, ByteWriter& out) {
    write_cp24(tag, out);
    out.u8(static_cast<uint8_t>((tag.hour & 0x1f) | (tag.summer ? 0x80 : 0)));
    out.u8(static_cast<uint8_t>((tag.day & 0x1f) | (tag.day_of_week << 5)));
    out.u8(tag.month & 0x0f);
    out.u8(tag.year & 0x7f);
}

}  // namespace hw::iec104

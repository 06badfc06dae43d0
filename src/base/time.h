#pragma once

#include <compare>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/error.h"

namespace hw {

// A length of time in nanoseconds, signed. Plain enough to travel in columns.
struct Duration {
    int64_t ns = 0;

    friend constexpr auto operator<=>(const Duration&, const Duration&) = default;
    friend constexpr Duration operator+(Duration a, Duration b) { return {a.ns + b.ns}; }
    friend constexpr Duration operator-(Duration a, Duration b) { return {a.ns - b.ns}; }
};

constexpr Duration nanoseconds(int64_t n) {
    return {n};
}
constexpr Duration microseconds(int64_t n) {
    return {n * 1'000};
}
constexpr Duration milliseconds(int64_t n) {
    return {n * 1'000'000};
}
constexpr Duration seconds(int64_t n) {
    return {n * 1'000'000'000};
}

// A point in time: nanoseconds since 1970-01-01T00:00:00Z without leap seconds, or, from a
// monotonic clock, since its start. Covers the years 1678 to 2261.
struct Time {
    int64_t ns = 0;

    friend constexpr auto operator<=>(const Time&, const Time&) = default;
    friend constexpr Time operator+(Time a, Duration b) { return {a.ns + b.ns}; }
    friend constexpr Time operator-(Time a, Duration b) { return {a.ns - b.ns}; }
    friend constexpr Duration operator-(Time a, Time b) { return {a.ns - b.ns}; }
};

// RFC 3339 in UTC with as many of 0, 3, 6 or 9 fraction digits as the value needs:
// "2026-03-01T12:00:00Z", "2026-03-01T12:00:00.250Z". Writes at most 30 bytes, returns the end.
char* format_rfc3339(Time time, char* out);
std::string format_rfc3339(Time time);

// The date of HTTP headers (RFC 9110, 5.6.7): "Sun, 06 Nov 1994 08:49:37 GMT". Any fraction of a
// second is cut.
std::string format_http_date(Time time);

// RFC 3339 section 5.6, also with a space for 'T', without seconds' fraction limit (digits beyond
// nanoseconds are cut), and without an offset (read as UTC). 23:59:60 UTC is read as the second
// after. Errors name the text.
Result<Time> parse_rfc3339(std::string_view text);

// An epoch number in s, ms, us or ns, told by its magnitude (below 1e11 seconds, 1e14
// milliseconds, 1e17 microseconds, else nanoseconds; a fraction is kept, to the microsecond where
// the number is in s or ms). Numbers beyond Time's range yield its first or last moment; NaN yields
// 0.
Time time_from_epoch(int64_t number);
Time time_from_epoch(double number);

// A time as people type it: RFC 3339, a date alone (midnight UTC), an epoch number, "now",
// "now-6h", "now+1d30m".
Result<Time> parse_time(std::string_view text, Time now);

// "250ms", "10s", "1h30m", "7d", "2w", "1y" (365 d); units ns us ms s m h d w y, largest first,
// each at most once; "1.5h" is allowed, "0" needs no unit. Negative refused.
Result<Duration> parse_duration(std::string_view text);
// A text that parse_duration reads back to the same: "1h30m", "250ms", "0s"; a negative one, which
// it does not read, has a leading '-'.
std::string format_duration(Duration duration);

}  // namespace hw

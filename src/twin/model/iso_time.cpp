#include "twin/model/iso_time.h"

#include <fmt/format.h>

#include <cstdint>
#include <limits>
#include <optional>

#include "base/decimal.h"
#include "model/point_path.h"

namespace hw::twin {

namespace {

// Exactly `digits` digits at `at`; moves on.
std::optional<int> number_at(std::string_view text, size_t& at, size_t digits) {
    if (at + digits > text.size()) return std::nullopt;
    int value = 0;
    for (size_t i = 0; i < digits; ++i, ++at) {
        if (!decimal::is_digit(text[at])) return std::nullopt;
        value = value * 10 + (text[at] - '0');
    }
    return value;
}

bool take(std::string_view text, size_t& at, char c) {
    if (at >= text.size() || text[at] != c) return false;
    ++at;
    return true;
}

// "hh:mm", up to the given hour.
bool hours_and_minutes(std::string_view text, size_t& at) {
    const auto hour = number_at(text, at, 2);
    if (!hour || *hour > 23 || !take(text, at, ':')) return false;
    const auto minute = number_at(text, at, 2);
    return minute && *minute <= 59;
}

struct Part {
    char unit;
    bool of_time;  // behind the 'T'
    int64_t ns;    // 0: no fixed length
};

constexpr int64_t second_ns = 1'000'000'000;
constexpr Part parts[] = {
    {'Y', false, 0},
    {'M', false, 0},
    {'W', false, 7 * 86'400 * second_ns},
    {'D', false, 86'400 * second_ns},
    {'H', true, 3'600 * second_ns},
    {'M', true, 60 * second_ns},
    {'S', true, second_ns},
};

struct IsoDuration {
    double ns = 0;
    bool fixed = true;  // no years and months
};

// ISO 8601-1, 5.5.2.2 and 5.5.2.3: parts largest first, each at most once, a fraction in the last
// one only; a sign before it (XML Schema has that) is allowed.
std::optional<IsoDuration> read_duration(std::string_view text) {
    size_t at = 0;
    const bool negative = take(text, at, '-');
    if (!take(text, at, 'P') || at == text.size()) return std::nullopt;
    IsoDuration duration;
    size_t next = 0;
    bool in_time = false;
    bool fraction = false;
    while (at < text.size()) {
        if (!in_time && take(text, at, 'T')) {
            in_time = true;
            if (at == text.size()) return std::nullopt;
        }
        if (fraction || !decimal::is_digit(text[at])) return std::nullopt;
        size_t end = at;
        while (end < text.size() && (decimal::is_digit(text[end]) || text[end] == '.'))
            ++end;
        const Decimal number = scan_decimal(text.substr(at, end - at));
        if (number.length != end - at || text[end - 1] == '.' || end == text.size())
            return std::nullopt;
        fraction = text.substr(at, end - at).contains('.');
        while (next < std::size(parts) &&
               (parts[next].unit != text[end] || parts[next].of_time != in_time))
            ++next;
        if (next == std::size(parts)) return std::nullopt;
        duration.fixed = duration.fixed && parts[next].ns != 0;
        duration.ns += number.real * static_cast<double>(parts[next++].ns);
        at = end + 1;
    }
    if (negative) duration.ns = -duration.ns;
    return duration;
}

}  // namespace

bool is_full_date(std::string_view text) {
    size_t at = 0;
    const auto year = number_at(text, at, 4);
    if (!year || !take(text, at, '-')) return false;
    const auto month = number_at(text, at, 2);
    if (!month || *month < 1 || *month > 12 || !take(text, at, '-')) return false;
    const auto day = number_at(text, at, 2);
    if (!day || at != text.size()) return false;
    constexpr int days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    const bool leap = (*year % 4 == 0 && *year % 100 != 0) || *year % 400 == 0;
    const int last = days[*month - 1] + (*month == 2 && leap ? 1 : 0);
    return *day >= 1 && *day <= last;
}

bool is_full_time(std::string_view text) {
    size_t at = 0;
    if (!hours_and_minutes(text, at) || !take(text, at, ':')) return false;
    const auto second = number_at(text, at, 2);
    if (!second || *second > 60) return false;  // 60: a leap second
    if (take(text, at, '.')) {
        const size_t begin = at;
        while (at < text.size() && decimal::is_digit(text[at]))
            ++at;
        if (at == begin) return false;
    }
    if (take(text, at, 'Z') || take(text, at, 'z')) return at == text.size();
    if (!take(text, at, '+') && !take(text, at, '-')) return false;
    return hours_and_minutes(text, at) && at == text.size();
}

bool is_date_time(std::string_view text) {
    return text.size() > 11 && (text[10] == 'T' || text[10] == 't') &&
           is_full_date(text.substr(0, 10)) && is_full_time(text.substr(11));
}

bool is_iso_duration(std::string_view text) {
    return read_duration(text).has_value();
}

Result<Duration> parse_span(std::string_view text) {
    if (!text.starts_with('P')) {
        auto parsed = parse_duration(text);
        if (parsed) return parsed;
    }
    const auto read = read_duration(text);
    if (!read || read->ns < 0)
        return fail(ErrorCode::invalid_argument,
                    fmt::format("'{}' is no duration; write \"10m\" or \"PT10M\"",
                                model::printable(text.substr(0, 60))));
    if (!read->fixed)
        return fail(ErrorCode::invalid_argument,
                    fmt::format("'{}' has years or months, whose length is not fixed; write days",
                                model::printable(text.substr(0, 60))));
    if (read->ns >= static_cast<double>(std::numeric_limits<int64_t>::max()))
        return fail(ErrorCode::invalid_argument, fmt::format("'{}' is longer than 292 years",
                                                             model::printable(text.substr(0, 60))));
    return Duration{static_cast<int64_t>(read->ns)};
}

}  // namespace hw::twin

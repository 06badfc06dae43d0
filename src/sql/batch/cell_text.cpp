#include "sql/batch/cell_text.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <iterator>

namespace hw::sql::batch {

namespace {

constexpr int64_t day_s = 86'400;

struct Civil {
    int64_t year;
    unsigned month;
    unsigned day;
};

// Of days since 1970-01-01, in the proleptic Gregorian calendar (Hinnant, "chrono-Compatible
// Low-Level Date Algorithms").
Civil civil_from_days(int64_t days) {
    days += 719'468;
    const int64_t era = (days >= 0 ? days : days - 146'096) / 146'097;
    const auto in_era = static_cast<unsigned>(days - era * 146'097);
    const unsigned year = (in_era - in_era / 1'460 + in_era / 36'524 - in_era / 146'096) / 365;
    const unsigned in_year = in_era - (365 * year + year / 4 - year / 100);
    const unsigned shifted = (5 * in_year + 2) / 153;
    const unsigned month = shifted < 10 ? shifted + 3 : shifted - 9;
    return {static_cast<int64_t>(year) + era * 400 + (month <= 2 ? 1 : 0), month,
            in_year - (153 * shifted + 2) / 5 + 1};
}

int64_t floor_div(int64_t value, int64_t by) {
    return value / by - (value % by < 0 ? 1 : 0);
}

void append_fraction(std::string& out, int64_t ticks, int64_t ticks_a_second) {
    if (ticks == 0) return;
    std::string digits = std::to_string(ticks_a_second + ticks);
    digits[0] = '.';  // the leading 1
    while (digits.ends_with('0'))
        digits.pop_back();
    out += digits;
}

void append_civil_date(std::string& out, int64_t days) {
    const Civil civil = civil_from_days(days);
    if (civil.year < 0)
        fmt::format_to(std::back_inserter(out), "-{:04}-", -civil.year);
    else
        fmt::format_to(std::back_inserter(out), "{:04}-", civil.year);
    fmt::format_to(std::back_inserter(out), "{:02}-{:02}", civil.month, civil.day);
}

// DuckDB's marks.
bool append_infinity(std::string& out, int64_t ticks, int64_t most) {
    if (ticks != most && ticks != -most) return false;
    out += ticks > 0 ? "infinity" : "-infinity";
    return true;
}

void append_count(std::string& out, int64_t count, std::string_view unit) {
    if (count == 0) return;
    if (!out.empty() && out.back() != ' ' && out.back() != '"') out += ' ';
    out += fmt::format("{} {}{}", count, unit, count == 1 || count == -1 ? "" : "s");
}

}  // namespace

void append_timestamp(std::string& out, int64_t ticks, int64_t ticks_a_second) {
    if (append_infinity(out, ticks, INT64_MAX)) return;
    const int64_t day_ticks = day_s * ticks_a_second;
    const int64_t days = floor_div(ticks, day_ticks);
    append_civil_date(out, days);
    out += 'T';
    append_day_time(out, ticks - days * day_ticks, ticks_a_second);
    out += 'Z';
}

void append_date(std::string& out, int32_t days) {
    if (!append_infinity(out, days, INT32_MAX)) append_civil_date(out, days);
}

void append_day_time(std::string& out, int64_t ticks, int64_t ticks_a_second) {
    const int64_t s = ticks / ticks_a_second;
    fmt::format_to(std::back_inserter(out), "{:02}:{:02}:{:02}", s / 3600, s / 60 % 60, s % 60);
    append_fraction(out, ticks % ticks_a_second, ticks_a_second);
}

void append_time_tz(std::string& out, uint64_t bits) {
    constexpr int64_t offset_most = 16 * 3600 - 1;
    append_day_time(out, static_cast<int64_t>(bits >> 24), 1'000'000);
    const int64_t offset = offset_most - static_cast<int64_t>(bits & 0xffffff);
    const int64_t minutes = (offset < 0 ? -offset : offset) / 60;
    fmt::format_to(std::back_inserter(out), "{}{:02}:{:02}", offset < 0 ? '-' : '+', minutes / 60,
                   minutes % 60);
}

void append_interval(std::string& out, const duck::IntervalValue& interval) {
    std::string text;
    append_count(text, interval.months / 12, "year");
    append_count(text, interval.months % 12, "month");
    append_count(text, interval.days, "day");
    if (interval.micros != 0 || text.empty()) {
        if (!text.empty()) text += ' ';
        if (interval.micros < 0) text += '-';
        const auto micros = interval.micros == INT64_MIN ? INT64_MAX : std::abs(interval.micros);
        append_day_time(text, micros, 1'000'000);
    }
    out += text;
}

void append_huge(std::string& out, UnsignedWide magnitude, bool negative) {
    std::array<char, 40> digits;
    size_t at = digits.size();
    do {
        digits[--at] = static_cast<char>('0' + static_cast<int>(magnitude % 10));
        magnitude /= 10;
    } while (magnitude != 0);
    if (negative) out += '-';
    out.append(digits.data() + at, digits.size() - at);
}

void append_decimal(std::string& out, Wide value, unsigned scale) {
    std::string digits;
    const bool negative = value < 0;
    const auto bits = static_cast<UnsignedWide>(value);
    append_huge(digits, negative ? ~bits + 1 : bits, false);
    if (scale > 0) {
        if (digits.size() <= scale) digits.insert(0, scale + 1 - digits.size(), '0');
        digits.insert(digits.size() - scale, 1, '.');
    }
    if (negative) out += '-';
    out += digits;
}

void append_uuid(std::string& out, const duck::HugeValue& value) {
    const uint64_t upper = static_cast<uint64_t>(value.upper) ^ (uint64_t{1} << 63);
    fmt::format_to(std::back_inserter(out), "{:08x}-{:04x}-{:04x}-{:04x}-{:012x}", upper >> 32,
                   upper >> 16 & 0xffff, upper & 0xffff, value.lower >> 48,
                   value.lower & 0xffffffffffff);
}

void append_bits(std::string& out, std::string_view bytes) {
    if (bytes.empty()) return;
    const auto padding = static_cast<size_t>(static_cast<uint8_t>(bytes[0]));
    for (size_t bit = padding; bit < (bytes.size() - 1) * 8; ++bit)
        out += (static_cast<uint8_t>(bytes[1 + bit / 8]) >> (7 - bit % 8) & 1) != 0 ? '1' : '0';
}

}  // namespace hw::sql::batch

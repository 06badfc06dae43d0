#include "base/time.h"

#include <fmt/format.h>

#include <array>
#include <cmath>
#include <cstring>
#include <limits>
#include <optional>

namespace hw {

namespace {

__extension__ using Wide = __int128;

constexpr int64_t second_ns = 1'000'000'000;
constexpr int64_t day_s = 86'400;
constexpr size_t shown_bytes_limit = 64;

// Days since 1970-01-01 in the proleptic Gregorian calendar and back, for any year that fits.
// Years begin in March, so that the leap day is the last of its year (Hinnant,
// "chrono-compatible low-level date algorithms", 2014).
constexpr int64_t days_from_civil(int64_t year, unsigned month, unsigned day) {
    year -= month <= 2;
    const int64_t era = (year >= 0 ? year : year - 399) / 400;
    const auto year_of_era = static_cast<unsigned>(year - era * 400);
    const unsigned day_of_year = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1;
    const unsigned day_of_era =
        year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
    return era * 146'097 + static_cast<int64_t>(day_of_era) - 719'468;
}

struct Civil {
    unsigned year;
    unsigned month;
    unsigned day;
};

// Only for days within Time's range, whose years are positive.
constexpr Civil civil_from_days(int64_t days) {
    const auto z = static_cast<uint32_t>(days + 719'468);
    const unsigned era = z / 146'097;
    const unsigned day_of_era = z - era * 146'097;
    const unsigned year_of_era =
        (day_of_era - day_of_era / 1'460 + day_of_era / 36'524 - day_of_era / 146'096) / 365;
    const unsigned day_of_year =
        day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    const unsigned mp = (5 * day_of_year + 2) / 153;
    const unsigned month = mp < 10 ? mp + 3 : mp - 9;
    return {year_of_era + era * 400 + (month <= 2 ? 1 : 0), month,
            day_of_year - (153 * mp + 2) / 5 + 1};
}
static_assert(days_from_civil(1970, 1, 1) == 0 && days_from_civil(2000, 3, 1) == 11'017);

constexpr unsigned days_in_month(unsigned year, unsigned month) {
    constexpr std::array<uint8_t, 12> days = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    const bool leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    return month == 2 && leap ? 29 : days[month - 1];
}

constexpr auto digit_pairs = [] {
    std::array<char, 200> pairs{};
    for (unsigned i = 0; i < 100; ++i) {
        pairs[2 * i] = static_cast<char>('0' + i / 10);
        pairs[2 * i + 1] = static_cast<char>('0' + i % 10);
    }
    return pairs;
}();

char* put_two(char* out, unsigned value) {
    std::memcpy(out, &digit_pairs[2 * value], 2);
    return out + 2;
}

char* put_three(char* out, unsigned value) {
    *out = static_cast<char>('0' + value / 100);
    return put_two(out + 1, value % 100);
}

struct Split {
    int64_t day;
    unsigned second_of_day;
    unsigned nano;
};

// Rounds down, so that times before 1970 have positive parts too.
Split split_time(Time time) {
    int64_t second = time.ns / second_ns;
    int64_t nano = time.ns % second_ns;
    if (nano < 0) {
        nano += second_ns;
        --second;
    }
    int64_t day = second / day_s;
    int64_t second_of_day = second % day_s;
    if (second_of_day < 0) {
        second_of_day += day_s;
        --day;
    }
    return {day, static_cast<unsigned>(second_of_day), static_cast<unsigned>(nano)};
}

char* put_clock(char* out, unsigned second_of_day) {
    out = put_two(out, second_of_day / 3'600);
    *out++ = ':';
    out = put_two(out, second_of_day / 60 % 60);
    *out++ = ':';
    return put_two(out, second_of_day % 60);
}

bool is_digit(char c) {
    return c >= '0' && c <= '9';
}

// Reads a text from its front; each step says whether it fitted.
class Scanner {
  public:
    explicit Scanner(std::string_view text) : at_(text.data()), end_(at_ + text.size()) {}

    bool at_end() const { return at_ == end_; }
    char peek() const { return at_ == end_ ? '\0' : *at_; }
    bool one_of(std::string_view choices) {
        if (at_ == end_ || choices.find(*at_) == choices.npos) return false;
        ++at_;
        return true;
    }
    // Exactly `count` digits.
    bool digits(unsigned count, unsigned& value) {
        if (end_ - at_ < static_cast<ptrdiff_t>(count)) return false;
        value = 0;
        for (unsigned i = 0; i < count; ++i, ++at_) {
            if (!is_digit(*at_)) return false;
            value = value * 10 + static_cast<unsigned>(*at_ - '0');
        }
        return true;
    }
    // One or more digits, as a fraction in nanounits; those beyond the ninth are cut.
    bool fraction(uint32_t& nano) {
        if (!is_digit(peek())) return false;
        nano = 0;
        uint32_t unit = 100'000'000;
        for (; is_digit(peek()); ++at_, unit /= 10)
            nano += unit * static_cast<uint32_t>(*at_ - '0');
        return true;
    }
    // One or more digits; false where they do not fit.
    bool whole(int64_t& value) {
        if (!is_digit(peek())) return false;
        value = 0;
        for (; is_digit(peek()); ++at_)
            if (__builtin_mul_overflow(value, 10, &value) ||
                __builtin_add_overflow(value, *at_ - '0', &value))
                return false;
        return true;
    }
    std::string_view letters() {
        const char* begin = at_;
        while (at_ != end_ && *at_ >= 'a' && *at_ <= 'z')
            ++at_;
        return {begin, static_cast<size_t>(at_ - begin)};
    }

  private:
    const char* at_;
    const char* end_;
};

std::string_view shown(std::string_view text) {
    return text.substr(0, shown_bytes_limit);
}

std::optional<Time> fit(Wide ns) {
    if (ns > std::numeric_limits<int64_t>::max() || ns < std::numeric_limits<int64_t>::min())
        return std::nullopt;
    return Time{static_cast<int64_t>(ns)};
}

Time saturated(Wide ns) {
    if (const auto time = fit(ns)) return *time;
    return Time{ns > 0 ? std::numeric_limits<int64_t>::max() : std::numeric_limits<int64_t>::min()};
}

std::unexpected<Error> not_a_time(std::string_view text) {
    return fail(ErrorCode::invalid_argument,
                fmt::format("time '{}' is not RFC 3339, as in 2026-03-01T12:00:00Z", shown(text)));
}

std::unexpected<Error> time_out_of_range(std::string_view text) {
    return fail(ErrorCode::invalid_argument,
                fmt::format("time '{}' is outside 1677-09-21T00:12:44Z to 2262-04-11T23:47:16Z",
                            shown(text)));
}

bool scan_date(Scanner& scan, int64_t& days) {
    unsigned year = 0, month = 0, day = 0;
    if (!scan.digits(4, year) || !scan.one_of("-") || !scan.digits(2, month) || !scan.one_of("-") ||
        !scan.digits(2, day))
        return false;
    if (month < 1 || month > 12 || day < 1 || day > days_in_month(year, month)) return false;
    days = days_from_civil(year, month, day);
    return true;
}

// Seconds of the day and nanoseconds; second 60 only as a leap second, see the caller.
bool scan_clock(Scanner& scan, int64_t& second_of_day, uint32_t& nano, bool& leap) {
    unsigned hour = 0, minute = 0, second = 0;
    if (!scan.digits(2, hour) || !scan.one_of(":") || !scan.digits(2, minute) ||
        !scan.one_of(":") || !scan.digits(2, second))
        return false;
    if (hour > 23 || minute > 59 || second > 60) return false;
    if (scan.one_of(".") && !scan.fraction(nano)) return false;
    leap = second == 60;
    second_of_day = static_cast<int64_t>(hour) * 3'600 + minute * 60 + second;
    return true;
}

bool scan_offset(Scanner& scan, int64_t& offset_s) {
    if (scan.at_end() || scan.one_of("Zz")) return true;
    const bool west = scan.peek() == '-';
    unsigned hour = 0, minute = 0;
    if (!scan.one_of("+-") || !scan.digits(2, hour) || !scan.one_of(":") ||
        !scan.digits(2, minute) || hour > 23 || minute > 59)
        return false;
    offset_s = static_cast<int64_t>(hour) * 3'600 + minute * 60;
    if (west) offset_s = -offset_s;
    return true;
}

struct Scale {
    double limit;
    int64_t unit_ns;
};

constexpr std::array<Scale, 4> epoch_scales = {
    {{1e11, second_ns}, {1e14, 1'000'000}, {1e17, 1'000}, {HUGE_VAL, 1}}};

int64_t epoch_unit_ns(double number) {
    for (const auto& scale : epoch_scales)
        if (std::fabs(number) < scale.limit) return scale.unit_ns;
    return 1;
}

// "1772366400", "-5", "1772366400.25": exact, unlike a detour by double.
std::optional<Result<Time>> parse_epoch(std::string_view text) {
    Scanner scan(text);
    const bool negative = scan.one_of("-");
    int64_t whole = 0;
    uint32_t nano = 0;
    if (!is_digit(scan.peek())) return std::nullopt;
    if (!scan.whole(whole)) return time_out_of_range(text);
    if (scan.one_of(".") && !scan.fraction(nano)) return std::nullopt;
    if (!scan.at_end()) return std::nullopt;
    const int64_t unit = epoch_unit_ns(static_cast<double>(whole));
    Wide ns = static_cast<Wide>(whole) * unit + static_cast<Wide>(nano) * unit / second_ns;
    if (negative) ns = -ns;
    const auto time = fit(ns);
    if (!time) return time_out_of_range(text);
    return *time;
}

struct Unit {
    std::string_view name;
    int64_t ns;
};

constexpr std::array<Unit, 9> units = {{{"y", 365 * day_s* second_ns},
                                        {"w", 7 * day_s* second_ns},
                                        {"d", day_s* second_ns},
                                        {"h", 3'600 * second_ns},
                                        {"m", 60 * second_ns},
                                        {"s", second_ns},
                                        {"ms", 1'000'000},
                                        {"us", 1'000},
                                        {"ns", 1}}};

}  // namespace

char* format_rfc3339(Time time, char* out) {
    const Split split = split_time(time);
    const Civil civil = civil_from_days(split.day);
    out = put_two(out, civil.year / 100);
    out = put_two(out, civil.year % 100);
    *out++ = '-';
    out = put_two(out, civil.month);
    *out++ = '-';
    out = put_two(out, civil.day);
    *out++ = 'T';
    out = put_clock(out, split.second_of_day);
    if (split.nano != 0) {
        *out++ = '.';
        out = put_three(out, split.nano / 1'000'000);
        if (split.nano % 1'000'000 != 0) out = put_three(out, split.nano / 1'000 % 1'000);
        if (split.nano % 1'000 != 0) out = put_three(out, split.nano % 1'000);
    }
    *out++ = 'Z';
    return out;
}

std::string format_rfc3339(Time time) {
    std::array<char, 30> buffer;
    const char* end = format_rfc3339(time, buffer.data());
    return {buffer.data(), static_cast<size_t>(end - buffer.data())};
}

std::string format_http_date(Time time) {
    constexpr std::string_view weekdays = "ThuFriSatSunMonTueWed";  // 1970-01-01 was a Thursday
    constexpr std::string_view months = "JanFebMarAprMayJunJulAugSepOctNovDec";
    const Split split = split_time(time);
    const Civil civil = civil_from_days(split.day);
    const auto weekday = static_cast<size_t>(((split.day % 7) + 7) % 7);
    std::array<char, 8> clock;
    put_clock(clock.data(), split.second_of_day);
    return fmt::format("{}, {:02} {} {:04} {} GMT", weekdays.substr(3 * weekday, 3), civil.day,
                       months.substr(3 * (civil.month - 1), 3), civil.year,
                       std::string_view(clock.data(), clock.size()));
}

Result<Time> parse_rfc3339(std::string_view text) {
    Scanner scan(text);
    int64_t days = 0, second_of_day = 0, offset_s = 0;
    uint32_t nano = 0;
    bool leap = false;
    if (!scan_date(scan, days) || !scan.one_of("Tt ") ||
        !scan_clock(scan, second_of_day, nano, leap) || !scan_offset(scan, offset_s) ||
        !scan.at_end())
        return not_a_time(text);
    const int64_t second = days * day_s + second_of_day - offset_s;
    // A leap second is 23:59:60 in UTC; without leap seconds it is the next second.
    if (leap && second % day_s != 0) return not_a_time(text);
    const auto time = fit(static_cast<Wide>(second) * second_ns + nano);
    if (!time) return time_out_of_range(text);
    return *time;
}

Time time_from_epoch(int64_t number) {
    return saturated(static_cast<Wide>(number) * epoch_unit_ns(static_cast<double>(number)));
}

Time time_from_epoch(double number) {
    if (std::isnan(number)) return Time{};
    constexpr double most = 9.3e18;
    if (std::fabs(number) > most) return saturated(number > 0 ? Wide{1} << 64 : -(Wide{1} << 64));
    const int64_t unit = epoch_unit_ns(number);
    const double whole = std::trunc(number);
    // Today's seconds leave a double no more than a quarter of a microsecond; rounding there gives
    // back the decimal fraction that was written.
    const int64_t grain = unit > 1'000 ? 1'000 : 1;
    const int64_t grains_per_unit = unit / grain;
    const double grains = (number - whole) * static_cast<double>(grains_per_unit);
    return saturated(static_cast<Wide>(whole) * unit +
                     static_cast<Wide>(std::nearbyint(grains)) * grain);
}

Result<Time> parse_time(std::string_view text, Time now) {
    if (text == "now") return now;
    if (text.starts_with("now+") || text.starts_with("now-")) {
        const auto by = parse_duration(text.substr(4));
        if (!by) return fail(by.error().within(fmt::format("time '{}'", shown(text))));
        const Wide ns = text[3] == '+' ? Wide{now.ns} + by->ns : Wide{now.ns} - by->ns;
        const auto time = fit(ns);
        if (!time) return time_out_of_range(text);
        return *time;
    }
    if (const auto epoch = parse_epoch(text)) return *epoch;
    Scanner scan(text);
    int64_t days = 0;
    if (scan_date(scan, days) && scan.at_end()) {
        const auto time = fit(static_cast<Wide>(days) * day_s * second_ns);
        if (!time) return time_out_of_range(text);
        return *time;
    }
    if (auto time = parse_rfc3339(text)) return time;
    if (text.size() >= 5 && text[4] == '-') return parse_rfc3339(text);
    return fail(ErrorCode::invalid_argument,
                fmt::format("time '{}' is not RFC 3339 (2026-03-01T12:00:00Z), an epoch number, "
                            "'now' or 'now-6h'",
                            shown(text)));
}

Result<Duration> parse_duration(std::string_view text) {
    if (text == "0") return Duration{};
    const auto refuse = [&](std::string_view why) {
        return fail(ErrorCode::invalid_argument, fmt::format("duration '{}' {}", shown(text), why));
    };
    constexpr std::string_view form =
        "is not of the form 1h30m (units y w d h m s ms us ns, largest first)";
    Scanner scan(text);
    Wide total = 0;
    int64_t last_unit = std::numeric_limits<int64_t>::max();
    do {
        int64_t whole = 0;
        uint32_t nano = 0;
        if (!is_digit(scan.peek())) return refuse(form);
        if (!scan.whole(whole)) return refuse("is longer than 292 years");
        if (scan.one_of(".") && !scan.fraction(nano)) return refuse(form);
        const std::string_view name = scan.letters();
        const Unit* unit = nullptr;
        for (const auto& candidate : units)
            if (candidate.name == name) unit = &candidate;
        if (unit == nullptr || unit->ns >= last_unit) return refuse(form);
        last_unit = unit->ns;
        total +=
            static_cast<Wide>(whole) * unit->ns + static_cast<Wide>(nano) * unit->ns / second_ns;
    } while (!scan.at_end());
    const auto time = fit(total);
    if (!time) return refuse("is longer than 292 years");
    return Duration{time->ns};
}

std::string format_duration(Duration duration) {
    if (duration.ns == 0) return "0s";
    std::string text;
    auto rest = static_cast<uint64_t>(duration.ns);
    if (duration.ns < 0) {
        text = "-";
        rest = 0 - rest;
    }
    for (const auto& unit : units) {
        const auto ns = static_cast<uint64_t>(unit.ns);
        // People say 90d and 14d; a year is named only where it comes out even, a week never.
        if (unit.name == "w" || (unit.name == "y" && rest % ns != 0)) continue;
        if (rest >= ns) text += fmt::format("{}{}", rest / ns, unit.name);
        rest %= ns;
    }
    return text;
}

}  // namespace hw

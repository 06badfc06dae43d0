#include "rules/time_zone.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <fstream>
#include <iterator>
#include <optional>
#include <string>
#include <vector>

#include "base/bytes.h"

namespace hw::rules {

namespace {

constexpr int64_t day_s = 86'400;
constexpr size_t file_limit = 1 << 20;
constexpr std::string_view folder = "/usr/share/zoneinfo/";

// Days since 1970 of a civil date, and back (Hinnant, "chrono-Compatible Low-Level Date
// Algorithms").
int64_t days_of(int64_t year, int64_t month, int64_t day) {
    year -= month <= 2;
    const int64_t era = (year >= 0 ? year : year - 399) / 400;
    const int64_t of_era = year - era * 400;
    const int64_t of_year = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;
    return era * 146'097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719'468;
}

int64_t floor_div(int64_t a, int64_t b) {
    return a / b - (a % b != 0 && (a < 0) != (b < 0));
}

// A moment of each year: "M3.2.0/2", "J60", "59".
struct YearlyMoment {
    char type = 'M';  // 'J', '0' or 'M'
    int month = 0, week = 0, day = 0;
    int64_t seconds = 7200;

    int64_t in(int year) const {
        if (type == 'J') {
            const bool leap = days_of(year, 3, 1) - days_of(year, 2, 28) == 2;
            return (days_of(year, 1, 1) + day - 1 + (leap && day >= 60)) * day_s + seconds;
        }
        if (type == '0') return (days_of(year, 1, 1) + day) * day_s + seconds;
        const int64_t first = days_of(year, month, 1);
        const int64_t first_weekday = floor_div(first + 4, 7) * -7 + first + 4;
        int64_t at = first + (day - first_weekday + 7) % 7 + (week - 1) * int64_t{7};
        const int64_t end = month == 12 ? days_of(year + 1, 1, 1) : days_of(year, month + 1, 1);
        while (at >= end)
            at -= 7;
        return at * day_s + seconds;
    }
};

// The end of a zone's file: what holds after its last transition (POSIX, 8.3, "TZ").
struct PosixRule {
    int64_t standard = 0;
    bool has_daylight = false;
    int64_t daylight = 0;
    YearlyMoment begin, end;

    int64_t offset_at(int64_t utc) const {
        if (!has_daylight) return standard;
        const int year = civil_of(utc + standard).year;
        const int64_t on = begin.in(year)-standard;
        const int64_t off = end.in(year)-daylight;
        const bool is_on = on < off ? utc >= on && utc < off : utc >= on || utc < off;
        return is_on ? daylight : standard;
    }
};

class PosixReader {
  public:
    explicit PosixReader(std::string_view text) : text_(text) {}

    std::optional<PosixRule> read() {
        PosixRule rule;
        if (!name()) return std::nullopt;
        rule.standard = -duration();
        if (text_.empty()) return valid_ ? std::optional(rule) : std::nullopt;
        if (!name()) return std::nullopt;
        rule.has_daylight = true;
        rule.daylight = rule.standard + 3600;
        if (!text_.empty() && text_.front() != ',') rule.daylight = -duration();
        rule.begin = moment();
        rule.end = moment();
        return valid_ && text_.empty() ? std::optional(rule) : std::nullopt;
    }

  private:
    bool take(char c) {
        if (!text_.starts_with(c)) return false;
        text_.remove_prefix(1);
        return true;
    }
    bool name() {
        size_t length = 0;
        if (text_.starts_with('<')) {
            length = text_.find('>');
            if (length == std::string_view::npos) return false;
            ++length;
        } else {
            while (length < text_.size() && std::isalpha(static_cast<unsigned char>(text_[length])))
                ++length;
        }
        text_.remove_prefix(length);
        return length >= 3;
    }
    int64_t number() {
        int64_t value = 0;
        size_t digits = 0;
        for (; digits < text_.size() && digits < 4 && text_[digits] >= '0' && text_[digits] <= '9';
             ++digits)
            value = value * 10 + (text_[digits] - '0');
        valid_ = valid_ && digits > 0;
        text_.remove_prefix(digits);
        return value;
    }
    int64_t duration() {
        const bool negative = take('-');
        if (!negative) take('+');
        int64_t seconds = number() * 3600;
        if (take(':')) seconds += number() * 60;
        if (take(':')) seconds += number();
        return negative ? -seconds : seconds;
    }
    YearlyMoment moment() {
        YearlyMoment made;
        valid_ = take(',') && valid_;
        if (take('M')) {
            made.month = static_cast<int>(number());
            valid_ = take('.') && valid_;
            made.week = static_cast<int>(number());
            valid_ = take('.') && valid_;
            made.day = static_cast<int>(number());
            valid_ = valid_ && made.month >= 1 && made.month <= 12 && made.week >= 1 &&
                     made.week <= 5 && made.day <= 6;
        } else {
            made.type = take('J') ? 'J' : '0';
            made.day = static_cast<int>(number());
            valid_ = valid_ && made.day <= 366;
        }
        if (take('/')) made.seconds = duration();
        return made;
    }

    std::string_view text_;
    bool valid_ = true;
};

struct Counts {
    uint32_t is_utc = 0, is_standard = 0, leaps = 0, times = 0, types = 0, chars = 0;
    uint64_t bytes(size_t time_bytes) const {
        return uint64_t{times} * (time_bytes + 1) + uint64_t{types} * 6 + chars +
               uint64_t{leaps} * (time_bytes + 4) + is_standard + is_utc;
    }
};

Counts read_counts(ByteReader& in, char& version) {
    Counts counts;
    if (in.text(4) != "TZif") in.fail();
    version = static_cast<char>(in.u8());
    in.bytes(15);
    counts.is_utc = in.big<uint32_t>();
    counts.is_standard = in.big<uint32_t>();
    counts.leaps = in.big<uint32_t>();
    counts.times = in.big<uint32_t>();
    counts.types = in.big<uint32_t>();
    counts.chars = in.big<uint32_t>();
    return counts;
}

}  // namespace

Civil civil_of(int64_t seconds) {
    const int64_t days = floor_div(seconds, day_s);
    const int64_t rest = seconds - days * day_s;
    const int64_t z = days + 719'468;
    const int64_t era = floor_div(z, 146'097);
    const int64_t of_era = z - era * 146'097;
    const int64_t year_of_era = (of_era - of_era / 1460 + of_era / 36'524 - of_era / 146'096) / 365;
    const int64_t of_year = of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    const int64_t month_index = (5 * of_year + 2) / 153;
    Civil civil;
    civil.day = static_cast<int>(of_year - (153 * month_index + 2) / 5 + 1);
    civil.month = static_cast<int>(month_index < 10 ? month_index + 3 : month_index - 9);
    civil.year = static_cast<int>(year_of_era + era * 400 + (civil.month <= 2));
    civil.hour = static_cast<int>(rest / 3600);
    civil.minute = static_cast<int>(rest / 60 % 60);
    civil.second = static_cast<int>(rest % 60);
    civil.weekday = static_cast<int>((days % 7 + 11) % 7);
    return civil;
}

int64_t seconds_of(const Civil& civil) {
    return days_of(civil.year, civil.month, civil.day) * day_s + civil.hour * 3600 +
           civil.minute * 60 + civil.second;
}

struct TimeZone::Rules {
    std::vector<int64_t> times;    // of transitions, UTC seconds
    std::vector<int64_t> offsets;  // from each of them on
    int64_t before = 0;            // the offset before the first
    std::optional<PosixRule> after;
};

Result<TimeZone> TimeZone::read(std::string_view bytes) {
    const auto broken = [] { return fail(ErrorCode::corrupt, "the time zone's file is broken"); };
    ByteReader in(as_bytes(bytes));
    char version = 0;
    const Counts old = read_counts(in, version);
    if (in.failed() || version < '2') return broken();
    in.bytes(old.bytes(4));
    const Counts counts = read_counts(in, version);
    if (in.failed() || counts.types == 0 || counts.bytes(8) > in.remaining()) return broken();
    auto rules = std::make_shared<Rules>();
    std::vector<uint8_t> which;
    for (uint32_t i = 0; i < counts.times; ++i)
        rules->times.push_back(static_cast<int64_t>(in.big<uint64_t>()));
    for (uint32_t i = 0; i < counts.times; ++i)
        which.push_back(in.u8());
    std::vector<int64_t> types;
    for (uint32_t i = 0; i < counts.types; ++i) {
        types.push_back(static_cast<int32_t>(in.big<uint32_t>()));
        in.bytes(2);
    }
    for (const uint8_t type : which) {
        if (type >= types.size()) return broken();
        rules->offsets.push_back(types[type]);
    }
    rules->before = types.front();
    in.bytes(counts.chars + uint64_t{counts.leaps} * 12 + counts.is_standard + counts.is_utc);
    std::string_view footer = in.text(in.remaining());
    if (in.failed() || !std::is_sorted(rules->times.begin(), rules->times.end())) return broken();
    while (footer.starts_with('\n'))
        footer.remove_prefix(1);
    while (footer.ends_with('\n'))
        footer.remove_suffix(1);
    if (!footer.empty()) rules->after = PosixReader(footer).read();
    TimeZone zone;
    zone.rules_ = std::move(rules);
    return zone;
}

Result<TimeZone> TimeZone::find(std::string_view name) {
    if (name.empty() || name == "UTC") return TimeZone();
    const auto fine = [](char c) {
        return std::isalnum(static_cast<unsigned char>(c)) || c == '/' || c == '_' || c == '-' ||
               c == '+';
    };
    const auto unknown = [&] {
        return fail(
            ErrorCode::not_found,
            fmt::format("time zone '{}' is not one of {}; write e.g. Europe/London", name, folder));
    };
    if (!std::all_of(name.begin(), name.end(), fine) || name.front() == '/') return unknown();
    std::ifstream file(std::string(folder) + std::string(name), std::ios::binary);
    if (!file) return unknown();
    const std::string bytes((std::istreambuf_iterator<char>(file)), {});
    if (bytes.empty() || bytes.size() > file_limit) return unknown();
    return read(bytes);
}

int64_t TimeZone::offset_at(Time time) const {
    if (!rules_) return 0;
    const int64_t utc = floor_div(time.ns, 1'000'000'000);
    const auto& times = rules_->times;
    const auto at = std::upper_bound(times.begin(), times.end(), utc);
    if (at == times.end() && rules_->after) return rules_->after->offset_at(utc);
    if (at == times.begin()) return rules_->before;
    return rules_->offsets[static_cast<size_t>(at - times.begin() - 1)];
}

Civil TimeZone::local(Time time) const {
    return civil_of(floor_div(time.ns, 1'000'000'000) + offset_at(time));
}

Time TimeZone::utc(const Civil& civil) const {
    const int64_t wall = seconds_of(civil);
    // The offsets a day before and after are those of either side of a change close by.
    std::optional<int64_t> found;
    for (const int64_t around : {-day_s, day_s}) {
        const int64_t offset = offset_at({(wall + around) * 1'000'000'000});
        const int64_t utc = wall - offset;
        if (offset_at({utc * 1'000'000'000}) == offset && (!found || utc < *found)) found = utc;
    }
    if (!found) found = wall - offset_at({(wall - day_s) * 1'000'000'000});
    return {*found * 1'000'000'000};
}

}  // namespace hw::rules

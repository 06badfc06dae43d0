#include "rules/cron.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <span>
#include <vector>

#include "base/decimal.h"

namespace hw::rules {

namespace {

struct Field {
    std::string_view name;
    int least;
    int most;
    std::span<const std::string_view> names;  // of least, least + 1, ...
};

constexpr std::array<std::string_view, 12> month_names = {"jan", "feb", "mar", "apr", "may", "jun",
                                                          "jul", "aug", "sep", "oct", "nov", "dec"};
constexpr std::array<std::string_view, 7> day_names = {"sun", "mon", "tue", "wed",
                                                       "thu", "fri", "sat"};

constexpr Field fields[] = {{"second", 0, 59, {}},         {"minute", 0, 59, {}},
                            {"hour", 0, 23, {}},           {"day", 1, 31, {}},
                            {"month", 1, 12, month_names}, {"weekday", 0, 7, day_names}};

std::string lower(std::string_view text) {
    std::string out(text);
    for (char& c : out)
        c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
    return out;
}

std::vector<std::string> split(std::string_view text, char at) {
    std::vector<std::string> parts;
    for (;;) {
        const size_t end = text.find(at);
        parts.emplace_back(text.substr(0, end));
        if (end == std::string_view::npos) return parts;
        text.remove_prefix(end + 1);
    }
}

std::unexpected<Error> refuse(const Field& field, std::string_view part) {
    return fail(ErrorCode::invalid_argument,
                fmt::format("cron's {} '{}' is not *, or numbers from {} to {} as 1,5 or 1-5 or "
                            "*/2",
                            field.name, part, field.least, field.most));
}

Result<int> number_of(const Field& field, std::string_view text) {
    for (size_t i = 0; i < field.names.size(); ++i)
        if (text == field.names[i]) return field.least + static_cast<int>(i);
    const Decimal number = scan_decimal(text);
    if (number.kind != Decimal::Kind::integer || number.length != text.size() ||
        !std::isdigit(static_cast<unsigned char>(text.front())) || number.integer < field.least ||
        number.integer > field.most)
        return refuse(field, text);
    return static_cast<int>(number.integer);
}

// "5", "1-5", "*", each with "/2".
template <class Bits>
Result<void> add_part(const Field& field, std::string_view part, Bits& bits) {
    const size_t slash = part.find('/');
    const std::string_view range = part.substr(0, slash);
    int step = 1;
    if (slash != std::string_view::npos) {
        const Decimal number = scan_decimal(part.substr(slash + 1));
        if (number.kind != Decimal::Kind::integer || number.integer < 1 ||
            number.integer > field.most || number.length != part.size() - slash - 1)
            return refuse(field, part);
        step = static_cast<int>(number.integer);
    }
    int first = field.least;
    int last = field.most;
    if (range != "*" && range != "?") {
        const size_t dash = range.find('-');
        if (range.empty() || dash == 0) return refuse(field, part);
        first = HW_TRY(number_of(field, range.substr(0, dash)));
        if (dash != std::string_view::npos) {
            if (dash + 1 == range.size()) return refuse(field, part);
            last = HW_TRY(number_of(field, range.substr(dash + 1)));
        } else if (slash == std::string_view::npos) {
            last = first;
        }
    }
    if (first > last) return refuse(field, part);
    for (int i = first; i <= last; i += step)
        bits.set(static_cast<size_t>(i));
    return {};
}

template <class Bits>
Result<void> read_field(const Field& field, std::string_view text, Bits& bits) {
    for (const auto& part : split(text, ','))
        HW_TRY(add_part(field, part, bits));
    return {};
}

// Expressions that have a name.
std::string_view of_name(std::string_view name) {
    if (name == "@hourly") return "0 * * * *";
    if (name == "@daily" || name == "@midnight") return "0 0 * * *";
    if (name == "@weekly") return "0 0 * * 0";
    if (name == "@monthly") return "0 0 1 * *";
    if (name == "@yearly" || name == "@annually") return "0 0 1 1 *";
    return {};
}

int days_in_month(int year, int month) {
    constexpr std::array<int, 12> days = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    const bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
    return days[static_cast<size_t>(month - 1)] + (month == 2 && leap ? 1 : 0);
}

constexpr int years_limit = 5;

}  // namespace

Result<Cron> Cron::parse(std::string_view text) {
    std::string expression = lower(text);
    std::replace(expression.begin(), expression.end(), '\t', ' ');
    if (const auto named = of_name(expression); !named.empty()) expression = named;
    std::vector<std::string> parts;
    for (auto& part : split(expression, ' '))
        if (!part.empty()) parts.push_back(std::move(part));
    if (parts.size() == 5) parts.insert(parts.begin(), "0");
    if (parts.size() != 6)
        return fail(ErrorCode::invalid_argument,
                    fmt::format("cron '{}' has {} fields; write minute hour day month weekday, "
                                "e.g. \"0 6 * * mon-fri\", with a field of seconds before them or "
                                "without",
                                text, parts.size()));
    Cron cron;
    HW_TRY(read_field(fields[0], parts[0], cron.seconds_));
    HW_TRY(read_field(fields[1], parts[1], cron.minutes_));
    HW_TRY(read_field(fields[2], parts[2], cron.hours_));
    HW_TRY(read_field(fields[3], parts[3], cron.days_));
    HW_TRY(read_field(fields[4], parts[4], cron.months_));
    HW_TRY(read_field(fields[5], parts[5], cron.weekdays_));
    if (cron.weekdays_[7]) cron.weekdays_.set(0);
    cron.any_day_ = parts[3].front() == '*' || parts[3].front() == '?';
    cron.any_weekday_ = parts[5].front() == '*' || parts[5].front() == '?';
    return cron;
}

bool Cron::day_matches(const WallClock& wall) const {
    const bool day = days_[static_cast<size_t>(wall.day)];
    const bool weekday = weekdays_[static_cast<size_t>(wall.weekday)];
    if (any_day_ || any_weekday_) return day && weekday;
    return day || weekday;
}

bool Cron::matches(const WallClock& wall) const {
    return months_[static_cast<size_t>(wall.month)] && day_matches(wall) &&
           hours_[static_cast<size_t>(wall.hour)] && minutes_[static_cast<size_t>(wall.minute)] &&
           seconds_[static_cast<size_t>(wall.second)];
}

// Goes on from field to field, from the largest: each step skips what cannot match.
std::optional<Time> Cron::next(Time time, const TimeZone& zone) const {
    const int64_t whole =
        time.ns >= 0 ? (time.ns + 999'999'999) / 1'000'000'000 : time.ns / 1'000'000'000;
    WallClock at = zone.local({whole * 1'000'000'000});
    const int last_year = at.year + years_limit;
    const auto begin_of = [](WallClock wall) { return wall_of(seconds_of(wall)); };
    while (at.year <= last_year) {
        if (!months_[static_cast<size_t>(at.month)]) {
            at = begin_of({at.month == 12 ? at.year + 1 : at.year,
                           at.month == 12 ? 1 : at.month + 1, 1, 0, 0, 0, 0});
        } else if (!day_matches(at)) {
            const bool last = at.day == days_in_month(at.year, at.month);
            WallClock next{at.year, at.month, at.day + 1, 0, 0, 0, 0};
            if (last)
                next = {
                    at.year + (at.month == 12), at.month == 12 ? 1 : at.month + 1, 1, 0, 0, 0, 0};
            at = begin_of(next);
        } else if (!hours_[static_cast<size_t>(at.hour)]) {
            at = wall_of(seconds_of({at.year, at.month, at.day, at.hour, 0, 0, 0}) + 3600);
        } else if (!minutes_[static_cast<size_t>(at.minute)]) {
            at = wall_of(seconds_of({at.year, at.month, at.day, at.hour, at.minute, 0, 0}) + 60);
        } else if (!seconds_[static_cast<size_t>(at.second)]) {
            at = wall_of(seconds_of(at) + 1);
        } else {
            const Time found = zone.utc(at);
            // What the zone skips does not match; in the hour it repeats the first one did.
            if (zone.local(found) == at && found >= Time{whole * 1'000'000'000}) return found;
            at = wall_of(seconds_of(at) + 1);
        }
    }
    return std::nullopt;
}

}  // namespace hw::rules

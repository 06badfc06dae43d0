#include <algorithm>
#include <array>
#include <charconv>
#include <limits>

#include "sql/statement_parser.h"

namespace hw::sql {

namespace {

struct Name {
    std::string_view word;
    WindowType type;
};
constexpr std::array<Name, 6> windows = {{{"TUMBLINGWINDOW", WindowType::tumbling},
                                          {"HOPPINGWINDOW", WindowType::hopping},
                                          {"SLIDINGWINDOW", WindowType::sliding},
                                          {"SESSIONWINDOW", WindowType::session},
                                          {"COUNTWINDOW", WindowType::count},
                                          {"STATEWINDOW", WindowType::state}}};

struct Unit {
    std::string_view word;
    int64_t ns;
};
constexpr std::array<Unit, 5> units = {{{"DD", 86'400'000'000'000},
                                        {"HH", 3'600'000'000'000},
                                        {"MI", 60'000'000'000},
                                        {"SS", 1'000'000'000},
                                        {"MS", 1'000'000}}};

// How other systems and people write the units.
struct OtherUnit {
    std::string_view word, instead;
};
constexpr std::array<OtherUnit, 16> other_units = {{{"S", "ss"},
                                                    {"SEC", "ss"},
                                                    {"SECOND", "ss"},
                                                    {"SECONDS", "ss"},
                                                    {"M", "mi"},
                                                    {"MIN", "mi"},
                                                    {"MINUTE", "mi"},
                                                    {"MINUTES", "mi"},
                                                    {"H", "hh"},
                                                    {"HOUR", "hh"},
                                                    {"HOURS", "hh"},
                                                    {"D", "dd"},
                                                    {"DAY", "dd"},
                                                    {"DAYS", "dd"},
                                                    {"MM", "mi"},
                                                    {"MILLISECOND", "ms"}}};

}  // namespace

bool StatementParser::at_window() const {
    return at("(", 1) &&
           std::ranges::any_of(windows, [this](const Name& known) { return at_word(known.word); });
}

bool StatementParser::window(Window& window) {
    window.place = token().place;
    for (const auto& known : windows)
        if (at_word(known.word)) window.type = known.type;
    next();
    next();
    if (failed() || !window_arguments(window)) return false;
    if (!at(")")) return unexpected(at(",") ? "')': no further argument" : "')'");
    next();
    size_t height = 0;
    return !failed() && filter(window.filter, height) && over(window.over, height);
}

bool StatementParser::window_arguments(Window& window) {
    switch (window.type) {
        case WindowType::tumbling:
            return time_window(window, 1, 1);
        case WindowType::hopping:
        case WindowType::session:
            return time_window(window, 2, 2);
        case WindowType::sliding:
            return time_window(window, 1, 2);
        case WindowType::count:
            return count_window(window);
        default:
            return state_window(window);
    }
}

// (unit, length [, second]); `least` to `most` numbers.
bool StatementParser::time_window(Window& window, size_t least, size_t most) {
    Duration unit;
    if (!time_unit(unit) || !expect(",") || !duration(unit, false, window.length)) return false;
    if (most == 1 || (least == 1 && !at(","))) return true;
    if (!expect(",")) return false;
    const auto place = token().place;
    if (window.type == WindowType::sliding) return duration(unit, true, window.delay);
    if (!duration(unit, false, window.hop)) return false;
    if (window.hop <= window.length) return true;
    if (window.type == WindowType::session)
        return fail_at(place, "the timeout is longer than the session's longest duration",
                       "SESSIONWINDOW(unit, longest duration, timeout)");
    return fail_at(place, "the hop is longer than the window, so events between would be lost",
                   "HOPPINGWINDOW(unit, length, hop) with a hop of at most the length");
}

bool StatementParser::time_unit(Duration& unit) {
    if (failed()) return false;
    const bool named = token().type == TokenType::word || token().type == TokenType::text ||
                       token().type == TokenType::double_quoted;
    const std::string word = named ? in_capitals(text_of(token())) : std::string();
    for (const auto& known : units)
        if (word == known.word) {
            unit = nanoseconds(known.ns);
            next();
            return !failed();
        }
    for (const auto& other : other_units)
        if (word == other.word)
            return fail_at(token().place, found(), "a unit: dd, hh, mi, ss or ms",
                           std::string(other.instead));
    return unexpected("a unit: dd, hh, mi, ss or ms");
}

bool StatementParser::whole_number(uint64_t& number, uint64_t least, std::string_view what) {
    if (failed()) return false;
    const auto digits = raw();
    const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), number);
    constexpr auto most = static_cast<uint64_t>(std::numeric_limits<int64_t>::max());
    if (token().type != TokenType::number || error != std::errc() ||
        end != digits.data() + digits.size() || number < least || number > most)
        return unexpected(std::string(what) + ", a whole number" +
                          (least > 0 ? " from " + std::to_string(least) : std::string()));
    next();
    return !failed();
}

bool StatementParser::duration(Duration unit, bool zero, Duration& out) {
    const auto place = token().place;
    uint64_t number = 0;
    if (!whole_number(number, zero ? 0 : 1, "a length of time")) return false;
    // A hundred years: sums of times and durations stay within 64 bits.
    const auto most = static_cast<uint64_t>(36'500 * units[0].ns / unit.ns);
    if (number > most)
        return fail_at(place, "'" + std::to_string(number) + "' is longer than a hundred years",
                       "at most " + std::to_string(most));
    out = nanoseconds(static_cast<int64_t>(number) * unit.ns);
    return true;
}

bool StatementParser::count_window(Window& window) {
    if (!whole_number(window.count, 1, "a number of events")) return false;
    if (!accept(",")) return !failed();
    const auto place = token().place;
    if (!whole_number(window.every, 1, "a number of events")) return false;
    if (window.every <= window.count) return true;
    return fail_at(place, "the second number of COUNTWINDOW is larger than the first",
                   "COUNTWINDOW(count, every) with every at most " + std::to_string(window.count));
}

bool StatementParser::state_window(Window& window) {
    window.begin = expression().tree;
    if (accept(",")) window.end = expression().tree;
    return !failed();
}

}  // namespace hw::sql

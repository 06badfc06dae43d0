#include "sql/functions/date_format.h"

#include <fmt/format.h>

#include <iterator>

namespace hw::sql {

namespace {

struct PercentToken {
    std::string_view text;
    uint32_t Civil::* field = nullptr;
    int digits = 0;
    uint32_t divisor = 1;  // of nanoseconds
};

// The longest first where one begins with another.
constexpr PercentToken percent_tokens[] = {
    {"%m", &Civil::month, 2, 1},
    {"%d", &Civil::day, 2, 1},
    {"%H", &Civil::hour, 2, 1},
    {"%M", &Civil::minute, 2, 1},
    {"%S", &Civil::second, 2, 1},
    {"%N", &Civil::nanosecond, 9, 1},
    {"%6N", &Civil::nanosecond, 6, 1'000},
    {"%3N", &Civil::nanosecond, 3, 1'000'000},
};

const PercentToken* token_at(std::string_view format) {
    for (const auto& token : percent_tokens)
        if (format.starts_with(token.text)) return &token;
    return nullptr;
}

// How many bytes an offset's token has and how many parts it writes; 0: none here.
struct OffsetToken {
    size_t bytes = 0;
    int parts = 0;
    bool colons = false;
};

OffsetToken offset_at(std::string_view format) {
    if (format.starts_with("%z")) return {2, 2, false};
    if (format.starts_with("%:z")) return {3, 2, true};
    if (format.starts_with("%::z")) return {4, 3, true};
    return {};
}

Result<uint32_t> take_digits(std::string_view& text, int digits) {
    uint32_t value = 0;
    for (int i = 0; i < digits; ++i) {
        if (text.empty() || text[0] < '0' || text[0] > '9')
            return fail(ErrorCode::invalid_argument, fmt::format("{} digits are expected", digits));
        value = value * 10 + static_cast<uint32_t>(text[0] - '0');
        text.remove_prefix(1);
    }
    return value;
}

// One token or one character of the format off both.
Result<void> take_percent(std::string_view& text, std::string_view& format, Civil& civil) {
    if (const OffsetToken offset = offset_at(format); offset.bytes != 0) {
        format.remove_prefix(offset.bytes);
        if (text.empty()) return {};
        const size_t end =
            text.size() > 1 ? std::min(text.size(), text.find_first_not_of("0123456789:", 1)) : 1;
        civil.offset = HW_TRY(parse_offset(text.substr(0, end)));
        text.remove_prefix(end);
        return {};
    }
    if (format.starts_with("%Y")) {
        format.remove_prefix(2);
        civil.year = static_cast<int32_t>(HW_TRY(take_digits(text, 4)));
        return {};
    }
    if (const PercentToken* const token = token_at(format)) {
        format.remove_prefix(token->text.size());
        civil.*token->field = HW_TRY(take_digits(text, token->digits)) * token->divisor;
        return {};
    }
    if (text.empty() || text[0] != format[0])
        return fail(ErrorCode::invalid_argument, fmt::format("'{}' is expected", format[0]));
    text.remove_prefix(1);
    format.remove_prefix(1);
    return {};
}

constexpr std::string_view months[] = {"January",   "February", "March",    "April",
                                       "May",       "June",     "July",     "August",
                                       "September", "October",  "November", "December"};
constexpr std::string_view days[] = {"Sunday",   "Monday", "Tuesday", "Wednesday",
                                     "Thursday", "Friday", "Saturday"};

// Writes a run of one letter in eKuiper's formats.
class LetterWriter {
  public:
    LetterWriter(const Civil& civil, std::string_view zone) : civil_(civil), zone_(zone) {}

    // False where a run of that length means nothing.
    bool write(char letter, size_t run) {
        switch (letter) {
            case 'y':
            case 'Y':
                if (run == 4) return padded(static_cast<uint32_t>(civil_.year), 4);
                return run == 2 && padded(static_cast<uint32_t>(civil_.year % 100), 2);
            case 'M':
                if (run >= 3) return name(month_name(civil_.month), run == 3);
                return padded(civil_.month, run);
            case 'd':
                return padded(civil_.day, run);
            case 'E':
                return run >= 3 && name(day_name(civil_.weekday()), run == 3);
            case 'H':
                return run == 2 && padded(civil_.hour, 2);
            case 'h':
                return padded((civil_.hour + 11) % 12 + 1, run);
            case 'm':
                return padded(civil_.minute, run);
            case 's':
                return padded(civil_.second, run);
            default:
                return write_rest(letter, run);
        }
    }
    std::string& out() { return out_; }

    // How many of the letter make the longest run.
    static size_t longest(char letter) {
        switch (letter) {
            case 'y':
            case 'Y':
            case 'M':
            case 'E':
                return 4;
            case 'X':
                return 3;
            case 'd':
            case 'H':
            case 'h':
            case 'm':
            case 's':
                return 2;
            case 'S':
                return 64;
            case 'G':
            case 'a':
            case 'z':
            case 'Z':
                return 1;
            default:
                return 0;
        }
    }

  private:
    bool write_rest(char letter, size_t run) {
        switch (letter) {
            case 'S': {
                if (run > 9) return false;
                if (!out_.ends_with('.') && !out_.ends_with(',')) out_ += '.';
                out_ += fmt::format("{:09}", civil_.nanosecond).substr(0, run);
                return true;
            }
            case 'G':
                out_ += "AD";
                return true;
            case 'a':
                out_ += civil_.hour < 12 ? "AM" : "PM";
                return true;
            case 'z':
                out_ += zone_;
                return true;
            case 'Z':
                append_offset(out_, civil_.offset, 2, false);
                return true;
            default:
                append_offset(out_, civil_.offset, run == 1 ? 1 : 2, run == 3);
                return true;
        }
    }
    bool padded(uint32_t value, size_t width) {
        fmt::format_to(std::back_inserter(out_), "{:0{}}", value, width);
        return true;
    }
    bool name(std::string_view name, bool cut) {
        out_ += cut ? name.substr(0, 3) : name;
        return true;
    }

    const Civil& civil_;
    std::string_view zone_;
    std::string out_;
};

// A quoted text from behind its opening quote, '' being a quote; how many bytes it took.
size_t take_quoted(std::string_view rest, std::string& out) {
    if (rest.starts_with('\'')) {
        out += '\'';
        return 1;
    }
    for (size_t at = 0; at < rest.size(); ++at) {
        if (rest[at] == '\'') {
            if (!rest.substr(at + 1).starts_with('\'')) return at + 1;
            ++at;
        }
        out += rest[at];
    }
    return rest.size();
}

}  // namespace

std::string format_percent(const Civil& civil, std::string_view format) {
    std::string out;
    while (!format.empty()) {
        if (const OffsetToken offset = offset_at(format); offset.bytes != 0) {
            append_offset(out, civil.offset, offset.parts, offset.colons);
            format.remove_prefix(offset.bytes);
        } else if (format.starts_with("%Y")) {
            fmt::format_to(std::back_inserter(out), "{:04}", civil.year);
            format.remove_prefix(2);
        } else if (const PercentToken* const token = token_at(format)) {
            fmt::format_to(std::back_inserter(out), "{:0{}}", civil.*token->field / token->divisor,
                           token->digits);
            format.remove_prefix(token->text.size());
        } else {
            out += format[0];
            format.remove_prefix(1);
        }
    }
    return out;
}

Result<Civil> parse_percent(std::string_view text, std::string_view format) {
    Civil civil;
    std::string_view rest = text;
    std::string_view wanted = format;
    Result<void> taken;
    while (taken && !wanted.empty())
        taken = take_percent(rest, wanted, civil);
    if (taken && rest.empty()) return civil;
    return fail(ErrorCode::invalid_argument,
                fmt::format("'{}' is not of the format '{}'{}", text.substr(0, 64),
                            format.substr(0, 64), taken ? "" : ": " + taken.error().text()));
}

Result<std::string> format_letters(const Civil& civil, std::string_view zone_abbreviation,
                                   std::string_view format) {
    LetterWriter writer(civil, zone_abbreviation);
    for (size_t at = 0; at < format.size();) {
        const char letter = format[at];
        if (letter == '\'') {
            at += 1 + take_quoted(format.substr(at + 1), writer.out());
            continue;
        }
        if (letter == '\\' && at + 1 < format.size()) {
            writer.out() += format[at + 1];
            at += 2;
            continue;
        }
        const size_t longest = LetterWriter::longest(letter);
        size_t run = 1;
        while (run < longest && at + run < format.size() && format[at + run] == letter)
            ++run;
        if (longest == 0) {
            writer.out() += letter;
        } else if (!writer.write(letter, run)) {
            return fail(ErrorCode::invalid_argument,
                        fmt::format("'{}' in the format '{}' means nothing", format.substr(at, run),
                                    format.substr(0, 64)));
        }
        at += run;
    }
    return std::move(writer.out());
}

std::string_view month_name(uint32_t month) {
    return months[month - 1];
}

std::string_view day_name(uint32_t weekday) {
    return days[weekday];
}

}  // namespace hw::sql

#include "wire/lineprotocol/parser.h"

#include <algorithm>
#include <array>
#include <cstring>

#include "base/decimal.h"

namespace hw::lineprotocol {

namespace {

constexpr size_t shown_bytes_limit = 256;

struct NamedPrecision {
    std::string_view name;
    Precision precision;
    bool v2;
};
constexpr std::array<NamedPrecision, 9> precisions = {{
    {"", Precision::ns, true},
    {"ns", Precision::ns, true},
    {"us", Precision::us, true},
    {"ms", Precision::ms, true},
    {"s", Precision::s, true},
    {"n", Precision::ns, false},
    {"u", Precision::us, false},
    {"m", Precision::m, false},
    {"h", Precision::h, false},
}};

struct Spelling {
    std::string_view text;
    bool value;
};
constexpr std::array<Spelling, 10> booleans = {{{"t", true},
                                                {"T", true},
                                                {"true", true},
                                                {"True", true},
                                                {"TRUE", true},
                                                {"f", false},
                                                {"F", false},
                                                {"false", false},
                                                {"False", false},
                                                {"FALSE", false}}};

// Loses its meaning behind a backslash.
constexpr bool is_special(char c) {
    return c == ',' || c == '=' || c == ' ';
}

constexpr uint64_t every_byte(char c) {
    return uint64_t{0x0101'0101'0101'0101} * static_cast<unsigned char>(c);
}
// Nonzero where one of the eight bytes is zero.
constexpr uint64_t zero_bytes(uint64_t word) {
    return (word - every_byte('\x01')) & ~word & every_byte('\x80');
}

// The first of space, newline and backslash from `at`.
const char* find_stop(const char* at, const char* end) {
    for (; end - at >= 8; at += 8) {
        uint64_t word = 0;
        std::memcpy(&word, at, 8);
        const uint64_t found = zero_bytes(word ^ every_byte(' ')) |
                               zero_bytes(word ^ every_byte('\n')) |
                               zero_bytes(word ^ every_byte('\\'));
        if (found != 0) break;
    }
    while (at != end && *at != ' ' && *at != '\n' && *at != '\\')
        ++at;
    return at;
}

// The first `stop` from `at` that no backslash precedes; text.size() if none. In a tag list a
// comma stops too.
size_t find_unescaped(std::string_view text, size_t at, char stop, char other) {
    for (; at < text.size(); ++at) {
        const char c = text[at];
        if (c == '\\' && at + 1 < text.size() && is_special(text[at + 1])) {
            ++at;
        } else if (c == stop || c == other) {
            return at;
        }
    }
    return text.size();
}

}  // namespace

std::optional<Precision> parse_precision_v1(std::string_view text) {
    for (const auto& entry : precisions)
        if (entry.name == text) return entry.precision;
    return std::nullopt;
}

std::optional<Precision> parse_precision_v2(std::string_view text) {
    for (const auto& entry : precisions)
        if (entry.v2 && entry.name == text) return entry.precision;
    return std::nullopt;
}

int64_t nanoseconds_in(Precision precision) {
    constexpr std::array<int64_t, 6> units = {
        1, 1'000, 1'000'000, 1'000'000'000, 60'000'000'000, 3'600'000'000'000};
    return units[static_cast<size_t>(precision)];
}

std::string LineError::message() const {
    std::string shown(text.substr(0, shown_bytes_limit));
    if (text.size() > shown_bytes_limit) shown += "...";
    return "unable to parse '" + shown + "': " + std::string(reason);
}

Parser::Parser(std::string_view body, Precision precision, const Limits& limits)
    : at_(body.data()),
      end_(body.data() + body.size()),
      line_begin_(at_),
      line_limit_(at_),
      unit_ns_(nanoseconds_in(precision)),
      limits_(limits) {}

Parser::Step Parser::next(Line& line, std::string_view likely_series) {
    if (!skip_to_line()) return Step::end;
    ++line_;
    begin_number_ = number_;
    line_limit_ =
        static_cast<size_t>(end_ - at_) > limits_.line_bytes ? at_ + limits_.line_bytes : end_;
    line.fields.clear();
    line.time_ns.reset();
    text_newlines_ = 0;
    if (scan_series(likely_series, line.series) && scan_fields(line.fields) &&
        scan_time(line.time_ns)) {
        if (at_ - line_begin_ <= static_cast<ptrdiff_t>(limits_.line_bytes)) {
            number_ += text_newlines_;
            return Step::line;
        }
        refuse("line too long", line_limit_);
    }
    skip_line();
    return Step::error;
}

// Over ends of lines, blank lines and comments to the first byte of a line.
bool Parser::skip_to_line() {
    while (at_ != end_) {
        const char c = *at_;
        if (c == '\n') {
            ++number_;
            ++at_;
        } else if (c == ' ' || c == '\t' || c == '\r') {
            ++at_;
        } else if (c == '#') {
            const auto* newline =
                static_cast<const char*>(std::memchr(at_, '\n', static_cast<size_t>(end_ - at_)));
            at_ = newline == nullptr ? end_ : newline;
        } else {
            line_begin_ = at_;
            return true;
        }
    }
    return false;
}

bool Parser::scan_series(std::string_view likely, std::string_view& series) {
    const auto left = static_cast<size_t>(end_ - at_);
    if (!likely.empty() && left > likely.size() && at_[likely.size()] == ' ' &&
        std::memcmp(at_, likely.data(), likely.size()) == 0) {
        series = {at_, likely.size()};
        at_ += likely.size();
    } else {
        const char* stop = find_stop(at_, line_limit_);
        while (stop != line_limit_ && *stop == '\\') {
            const bool escape = stop + 1 != line_limit_ && is_special(stop[1]);
            stop = find_stop(stop + (escape ? 2 : 1), line_limit_);
        }
        series = {at_, static_cast<size_t>(stop - at_)};
        if (*at_ == ',') return refuse("missing measurement", at_);
        if (stop == line_limit_ && stop != end_) return refuse("line too long", stop);
        if (stop == end_ || *stop == '\n') return refuse("missing fields", stop);
        at_ = stop;
    }
    while (at_ != end_ && *at_ == ' ')
        ++at_;
    if (at_line_end()) return refuse("missing fields", at_);
    return true;
}

bool Parser::at_line_end() const {
    return at_ == end_ || *at_ == '\n' || (*at_ == '\r' && (at_ + 1 == end_ || at_[1] == '\n'));
}

bool Parser::at_value_end() const {
    return at_ == end_ || *at_ == ' ' || *at_ == ',' || at_line_end();
}

bool Parser::scan_fields(std::vector<Field>& fields) {
    for (;;) {
        if (fields.size() == limits_.fields) return refuse("too many fields", at_);
        Field& field = fields.emplace_back();
        if (!scan_key(field) || !scan_value(field)) return false;
        if (!at_value_end()) return refuse("invalid field format", at_);
        if (at_ == end_ || *at_ != ',') return true;
        ++at_;
    }
}

bool Parser::scan_key(Field& field) {
    const char* const begin = at_;
    while (!at_line_end() && *at_ != '=') {
        if (*at_ == '\\' && at_ + 1 != end_ && is_special(at_[1])) {
            at_ += 2;
            continue;
        }
        if (*at_ == ',' || *at_ == ' ')
            return refuse(at_ == begin ? "missing field key" : "missing field value", at_);
        ++at_;
    }
    field.key = {begin, static_cast<size_t>(at_ - begin)};
    if (field.key.empty()) return refuse("missing field key", begin);
    if (at_line_end()) return refuse("missing field value", at_);
    ++at_;
    return true;
}

bool Parser::scan_value(Field& field) {
    if (at_value_end()) return refuse("missing field value", at_);
    const char c = *at_;
    if (c == '"') return scan_text(field);
    if (decimal::is_digit(c) || c == '-' || c == '+' || c == '.') return scan_number(field);
    const char* const begin = at_;
    while (!at_value_end())
        ++at_;
    const std::string_view word(begin, static_cast<size_t>(at_ - begin));
    for (const auto& spelling : booleans) {
        if (spelling.text != word) continue;
        field.type = FieldType::boolean;
        field.boolean = spelling.value;
        return true;
    }
    const bool meant = c == 't' || c == 'T' || c == 'f' || c == 'F';
    return refuse(meant ? "invalid boolean" : "invalid field format", begin);
}

bool Parser::scan_text(Field& field) {
    const char* const begin = ++at_;
    while (at_ != line_limit_ && *at_ != '"') {
        text_newlines_ += *at_ == '\n';
        if (*at_ == '\\' && at_ + 1 != line_limit_ && (at_[1] == '"' || at_[1] == '\\')) {
            at_ += 2;
            continue;
        }
        ++at_;
    }
    if (at_ == line_limit_) {
        at_ = begin;
        return refuse(line_limit_ == end_ ? "unbalanced quotes" : "line too long", begin - 1);
    }
    field.type = FieldType::text;
    field.text = {begin, static_cast<size_t>(at_ - begin)};
    ++at_;
    return true;
}

bool Parser::scan_number(Field& field) {
    const char* const begin = at_;
    const Decimal number = scan_decimal({at_, static_cast<size_t>(end_ - at_)});
    at_ += number.length;
    const char suffix = at_ == end_ ? '\0' : *at_;
    if (number.kind == Decimal::Kind::none) return refuse("invalid number", begin);
    if (suffix != 'i' && suffix != 'u') {
        if (number.kind == Decimal::Kind::out_of_range)
            return refuse("unable to parse float: value out of range", begin);
        if (!at_value_end()) return refuse("invalid number", begin);
        field.type = FieldType::real;
        field.real = number.real;
        return true;
    }
    ++at_;
    const std::string_view digits(begin, number.length);
    if (!at_value_end() || digits.find_first_of(".eE") != digits.npos)
        return refuse("invalid number", begin);
    if (suffix == 'i') {
        if (number.kind != Decimal::Kind::integer)
            return refuse("unable to parse integer: value out of range", begin);
        field.type = FieldType::integer;
        field.integer = number.integer;
        return true;
    }
    uint64_t value = 0;
    bool fits = digits.front() != '-';
    for (const char c : digits)
        if (decimal::is_digit(c))
            fits = fits && !__builtin_mul_overflow(value, 10, &value) &&
                   !__builtin_add_overflow(value, static_cast<uint64_t>(c - '0'), &value);
    if (!fits) return refuse("unable to parse unsigned: value out of range", begin);
    field.type = FieldType::unsigned_integer;
    field.unsigned_integer = value;
    return true;
}

bool Parser::scan_time(std::optional<int64_t>& time_ns) {
    while (at_ != end_ && *at_ == ' ')
        ++at_;
    if (at_line_end()) return true;
    const char* const begin = at_;
    const Decimal number = scan_decimal({at_, static_cast<size_t>(end_ - at_)});
    at_ += number.length;
    while (at_ != end_ && *at_ == ' ')
        ++at_;
    if (number.length == 0 || !at_line_end()) return refuse("bad timestamp", begin);
    int64_t ns = 0;
    if (number.kind != Decimal::Kind::integer ||
        __builtin_mul_overflow(number.integer, unit_ns_, &ns))
        return refuse(
            std::string_view(begin, number.length).find_first_of(".eE") == std::string_view::npos
                ? "time outside range -9223372036854775808 - 9223372036854775807"
                : "bad timestamp",
            begin);
    time_ns = ns;
    return true;
}

bool Parser::refuse(std::string_view reason, const char* where) {
    error_.line = number_;
    error_.column = static_cast<size_t>(where - line_begin_) + 1;
    error_.reason = reason;
    return false;
}

// To the end of the line that holds at_; texts that were read whole belong to the bad line.
void Parser::skip_line() {
    const auto* newline =
        static_cast<const char*>(std::memchr(at_, '\n', static_cast<size_t>(end_ - at_)));
    const char* const stop = newline == nullptr ? end_ : newline;
    number_ += static_cast<uint64_t>(std::count(line_begin_, stop, '\n'));
    at_ = stop;
    std::string_view text(line_begin_, static_cast<size_t>(stop - line_begin_));
    if (text.ends_with('\r')) text.remove_suffix(1);
    error_.text = text;
}

bool parse_series(std::string_view text, const Limits& limits, Series& series) {
    series.tags.clear();
    const auto refuse = [&](std::string_view reason, size_t offset) {
        series.reason = reason;
        series.offset = offset;
        return false;
    };
    size_t at = find_unescaped(text, 0, ',', ',');
    series.measurement = text.substr(0, at);
    if (series.measurement.empty()) return refuse("missing measurement", 0);
    while (at < text.size()) {
        const size_t begin = at + 1;
        if (series.tags.size() == limits.tags) return refuse("too many tags", begin);
        const size_t equals = find_unescaped(text, begin, '=', ',');
        if (equals == begin) return refuse("missing tag key", begin);
        if (equals == text.size() || text[equals] == ',')
            return refuse("missing tag value", equals);
        at = find_unescaped(text, equals + 1, ',', '=');
        if (at == equals + 1) return refuse("missing tag value", at);
        if (at < text.size() && text[at] == '=') return refuse("invalid tag format", at);
        series.tags.push_back(
            {text.substr(begin, equals - begin), text.substr(equals + 1, at - equals - 1)});
    }
    return true;
}

void unescape(std::string_view raw, std::string& out) {
    for (size_t i = 0; i < raw.size(); ++i) {
        if (raw[i] == '\\' && i + 1 < raw.size() && is_special(raw[i + 1])) ++i;
        out += raw[i];
    }
}

void unescape_text(std::string_view raw, std::string& out) {
    for (size_t i = 0; i < raw.size(); ++i) {
        if (raw[i] == '\\' && i + 1 < raw.size() && (raw[i + 1] == '"' || raw[i + 1] == '\\')) ++i;
        out += raw[i];
    }
}

}  // namespace hw::lineprotocol

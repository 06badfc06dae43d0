#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <optional>
#include <string>

#include "sql/functions/arguments.h"
#include "sql/functions/functions.h"
#include "sql/functions/rows.h"
#include "sql/functions/text.h"

namespace hw::sql {

namespace {

// One control sequence of Erlang's io:format: ~F.P.PadModC.
struct Sequence {
    std::optional<int64_t> width;  // below zero: to the left
    std::optional<int64_t> precision;
    char32_t pad = ' ';
    char type = 0;
};

// Wide fields are of no use and would let one row make gigabytes.
constexpr int64_t width_limit = 10'000;

class Formatter {
  public:
    Formatter(Call& call, std::string_view format, Arguments values)
        : call_(call), rest_(format), values_(values) {}

    Datum run() {
        while (!rest_.empty() && !call_.failed()) {
            const size_t at = rest_.find('~');
            out_ += rest_.substr(0, at);
            if (at == rest_.npos) break;
            rest_.remove_prefix(at + 1);
            put(sequence());
            if (out_.size() > text_bytes_limit) break;
        }
        if (!call_.failed() && next_ < values_.size())
            return call_.fail(fmt::format("{} values for {} control sequences that take one",
                                          values_.size(), next_));
        return call_.text_of(out_);
    }

  private:
    const Datum& value() {
        static const Datum none;
        if (next_ < values_.size()) return values_[next_++];
        if (!call_.failed())
            call_.fail(fmt::format("there are {} values, the format needs more", values_.size()));
        return none;
    }
    int64_t whole_value() {
        const Datum& given = value();
        if (given.kind() == Kind::int64) return given.as_integer();
        mismatch(given, "an int");
        return 0;
    }
    double number_value() {
        const Datum& given = value();
        if (given.is_number()) return given.as_number();
        mismatch(given, "a number");
        return 0;
    }
    void mismatch(const Datum& given, std::string_view expected) {
        if (!call_.failed())
            call_.fail(
                fmt::format("value {} is {}, {} is expected", next_, shown(given), expected));
    }

    // A number or '*', which stands for the next value.
    std::optional<int64_t> count() {
        if (rest_.starts_with('*')) {
            rest_.remove_prefix(1);
            return limited(whole_value());
        }
        int64_t number = 0;
        const auto [end, error] =
            std::from_chars(rest_.data(), rest_.data() + rest_.size(), number);
        const auto size = static_cast<size_t>(end - rest_.data());
        if (size == 0) return std::nullopt;
        rest_.remove_prefix(size);
        return limited(error == std::errc() ? number : width_limit + 1);
    }
    int64_t limited(int64_t number) {
        if (number >= -width_limit && number <= width_limit) return number;
        if (!call_.failed())
            call_.fail(fmt::format("a width of {}, at most {} is allowed", number, width_limit));
        return 0;
    }
    bool take(char c) {
        if (!rest_.starts_with(c)) return false;
        rest_.remove_prefix(1);
        return true;
    }

    Sequence sequence() {
        Sequence made;
        made.width = count();
        if (take('.')) {
            made.precision = count();
            if (take('.') && !rest_.empty()) {
                const Character pad = first_character(rest_);
                made.pad = pad.code;
                rest_.remove_prefix(pad.bytes);
            }
        }
        while (take('t') || take('l') || take('k') || take('K')) {
        }
        if (rest_.empty()) {
            call_.fail("the format ends within a control sequence; write ~~ for a tilde");
            return made;
        }
        made.type = rest_[0];
        rest_.remove_prefix(1);
        return made;
    }

    void put(const Sequence& sequence) {
        if (call_.failed()) return;
        switch (sequence.type) {
            case '~':
                out_ += '~';
                return;
            case 'n':
                return repeat("\n", sequence.width.value_or(1));
            case 'i':
                value();
                return;
            case 'c':
                return character(sequence);
            case 's':
                return text(sequence);
            case 'p':
            case 'w':
                return pad(sequence, term(value(), 0));
            case 'b':
            case 'B':
            case '#':
            case '+':
            case 'x':
            case 'X':
                return whole(sequence);
            case 'f':
            case 'e':
            case 'g':
                return real(sequence);
            default:
                call_.fail(fmt::format("'~{}' is no control sequence; write ~~ for a tilde",
                                       sequence.type));
        }
    }

    void repeat(std::string_view unit, int64_t times) {
        for (; times > 0; --times)
            out_ += unit;
    }
    // Stars where the field is too narrow, as Erlang does it.
    void pad(const Sequence& sequence, std::string_view text) {
        if (!sequence.width) {
            out_ += text;
            return;
        }
        const auto width = std::abs(*sequence.width);
        const auto size = static_cast<int64_t>(count_characters(text));
        if (size > width) return repeat("*", width);
        std::string padding;
        append_character(padding, sequence.pad);
        if (*sequence.width >= 0) repeat(padding, width - size);
        out_ += text;
        if (*sequence.width < 0) repeat(padding, width - size);
    }

    void character(const Sequence& sequence) {
        const int64_t code = whole_value();
        if (call_.failed()) return;
        if (code < 0 || code > 0x10ffff || (code >= 0xd800 && code <= 0xdfff)) {
            call_.fail(fmt::format("value {} is {}, which is no character", next_, code));
            return;
        }
        std::string unit;
        append_character(unit, static_cast<char32_t>(code));
        std::string units;
        const int64_t times =
            sequence.precision.value_or(sequence.width ? std::abs(*sequence.width) : 1);
        for (int64_t i = 0; i < times; ++i)
            units += unit;
        pad(sequence, units);
    }
    void text(const Sequence& sequence) {
        const Datum& given = value();
        if (given.is_array() || given.is_object()) return mismatch(given, "a string");
        std::string text;
        append_str(text, given);
        if (sequence.precision)
            text = first_characters(text, static_cast<size_t>(std::abs(*sequence.precision)));
        else if (sequence.width)
            text = first_characters(text, static_cast<size_t>(std::abs(*sequence.width)));
        pad(sequence, text);
    }
    void whole(const Sequence& sequence) {
        const int64_t number = whole_value();
        const auto base = static_cast<int>(sequence.precision.value_or(10));
        std::string prefix;
        if (sequence.type == 'x' || sequence.type == 'X') append_str(prefix, value());
        if (call_.failed()) return;
        if (base < 2 || base > 36) {
            call_.fail(fmt::format("the base {}, it must be within 2 to 36", base));
            return;
        }
        if (sequence.type == '#' || sequence.type == '+') prefix = fmt::format("{}#", base);
        char buffer[70];
        const auto size =
            number < 0 ? 0 - static_cast<uint64_t>(number) : static_cast<uint64_t>(number);
        const auto end = std::to_chars(buffer, buffer + sizeof buffer, size, base).ptr;
        std::string digits(buffer, static_cast<size_t>(end - buffer));
        if (sequence.type == 'B' || sequence.type == 'X' || sequence.type == '#')
            digits = to_upper(digits);
        pad(sequence, (number < 0 ? "-" : "") + prefix + digits);
    }

    // Of P digits, one before the point: 3.14159e+0.
    static std::string scientific(double number, int digits) {
        std::string text = fmt::format("{:.{}e}", number, digits - 1);
        const size_t sign = text.find('e') + 1;
        while (text.size() > sign + 2 && text[sign + 1] == '0')
            text.erase(sign + 1, 1);
        return text;
    }
    void real(const Sequence& sequence) {
        const double number = number_value();
        const auto precision = static_cast<int>(sequence.precision.value_or(6));
        if (call_.failed()) return;
        const int least = sequence.type == 'f' ? 1 : 2;
        if (precision < least || precision > 253 || !std::isfinite(number)) {
            call_.fail(fmt::format("'~{}' with a precision of {}, it must be within {} to 253",
                                   sequence.type, precision, least));
            return;
        }
        const double size = std::abs(number);
        if (sequence.type == 'f') return pad(sequence, fmt::format("{:.{}f}", number, precision));
        if (sequence.type == 'e' || size < 0.1 || size >= 10'000)
            return pad(sequence, scientific(number, precision));
        const int before = size < 1 ? 1 : static_cast<int>(std::log10(size)) + 1;
        pad(sequence, fmt::format("{:.{}f}", number, std::max(1, precision - before + (size < 1))));
    }

    // The value as Erlang writes terms; strings are binaries there.
    static std::string term(const Datum& value, size_t level) {
        if (level > Datum::nesting_limit) return "...";
        std::string out;
        switch (value.kind()) {
            case Kind::null:
                return "undefined";
            case Kind::text:
            case Kind::bytes:
                return quoted(value.as_text());
            case Kind::array:
                for (const auto& item : value.items())
                    out += (out.empty() ? "" : ",") + term(item, level + 1);
                return "[" + out + "]";
            case Kind::object:
                for (const auto& [key, member] : value.members())
                    out += (out.empty() ? "" : ",") + quoted(key.as_text()) + " => " +
                           term(member, level + 1);
                return "#{" + out + "}";
            case Kind::float64:
                return fmt::format("{}", value.as_real()) +
                       (value.as_real() == std::trunc(value.as_real()) &&
                                std::abs(value.as_real()) < 1e15
                            ? ".0"
                            : "");
            default:
                append_str(out, value);
                return out;
        }
    }
    static std::string quoted(std::string_view text) {
        std::string out = "<<\"";
        for (const char c : text) {
            if (c == '"' || c == '\\') out += '\\';
            if (c == '\n')
                out += "\\n";
            else
                out += c;
        }
        return out + "\">>";
    }

    Call& call_;
    std::string_view rest_;
    const Arguments values_;
    size_t next_ = 0;
    std::string out_;
};

Datum sprintf_array(Arguments arguments, CallContext& context) {
    Call call("sprintf_s", arguments, context);
    const auto format = call.text(0);
    const auto& values = call.array(1);
    if (call.failed()) return {};
    return Formatter(call, format, values).run();
}

Datum sprintf_values(Arguments arguments, CallContext& context) {
    Call call("sprintf", arguments, context);
    const auto format = call.text(0);
    if (call.failed()) return {};
    return Formatter(call, format, arguments.subspan(1)).run();
}

// How people of a place write numbers.
struct Style {
    std::string_view places;  // languages, or languages with their country, between spaces
    std::string_view point;
    std::string_view group;
    bool indian = false;  // groups of two after the first three
};

// The first that names the place, or its language, holds.
constexpr Style styles[] = {
    {" de_CH it_CH rm_CH de_LI ", ".", "'"},
    {" es_MX es_US es_DO es_GT es_HN es_NI es_PA es_PE es_PR es_SV ", ".", ","},
    {" en_ZA de_AT es_CR pt_PT ", ",", "\u00a0"},
    {" en_IN hi ta te gu ur_IN ", ".", ",", true},
    {" en zh ja ko th he ms ar ur mn ", ".", ","},
    {" de es it nl pt id tr el da hr sl sr ro ca gl eu is fo vi mk ", ",", "."},
    {" ru uk be bg cs sk pl hu fi sv nb no nn et lt lv sq ", ",", "\u00a0"},
    {" fr ", ",", "\u202f"},
};

const Style* style_of(std::string_view locale) {
    const auto named = [](std::string_view word) -> const Style* {
        const std::string part = fmt::format(" {} ", word);
        for (const auto& style : styles)
            if (style.places.find(part) != style.places.npos) return &style;
        return nullptr;
    };
    if (locale.size() != 5 || (locale[2] != '_' && locale[2] != '-')) return nullptr;
    std::string place(locale);
    place[2] = '_';
    if (const Style* style = named(place)) return style;
    return named(locale.substr(0, 2));
}

// Puts the group's sign between the digits before the point.
std::string grouped(std::string_view digits, const Style& style) {
    std::string out;
    for (size_t i = 0; i < digits.size(); ++i) {
        const size_t left = digits.size() - i;
        const bool border = style.indian && left > 3 ? left % 2 == 1 : left % 3 == 0;
        if (i > 0 && border) out += style.group;
        out += digits[i];
    }
    return out;
}

Datum format_number(Arguments arguments, CallContext& context) {
    Call call("format", arguments, context);
    const double value = call.number(0);
    const auto decimals = static_cast<int>(call.integer(1, 0, 253));
    const auto locale = call.has(2) ? call.text(2) : "";
    if (call.real(value).is_null()) return {};
    const std::string text = fmt::format("{:.{}f}", value, decimals);
    if (!call.has(2)) return Datum::text(text);
    const Style* style = style_of(locale);
    if (!style)
        return call.wrong(2, "a language and a country such as 'en_US', 'de_DE' or 'zh_CN'");
    std::string_view digits = text;
    const bool minus = digits.starts_with('-');
    if (minus) digits.remove_prefix(1);
    const size_t point = digits.find('.');
    std::string out = (minus ? "-" : "") + grouped(digits.substr(0, point), *style);
    if (point != digits.npos) {
        out += style->point;
        out += digits.substr(point + 1);
    }
    return Datum::text(out);
}

constexpr Rows emqx{"string", "EMQX"};
constexpr Rows ekuiper{"string", "eKuiper"};

constexpr Function functions[] = {
    ekuiper("format(x, decimals [, locale])", {2, 3}, format_number,
            "The number with so many decimals; with a locale, a language and a country, with its "
            "point and groups of digits.",
            "format(12332.1234567, 4, 'en_US')", "\"12,332.1235\""),
    emqx.sees_nulls("sprintf(format, ...)", {1, Rows::any}, sprintf_values,
                    "The format with its control sequences ~F.P.PadC, Erlang's, replaced by the "
                    "values: ~s strings, ~b whole numbers, ~f ~e ~g floats, ~c characters, ~p any "
                    "value as Erlang writes it, ~n a line's end.",
                    "sprintf('hello, ~s!', 'steve')", "\"hello, steve!\""),
    emqx.sees_nulls("sprintf_s(format, array)", {2, 2}, sprintf_array,
                    "As sprintf, with the values as an array.", "sprintf_s('~.2f m3', [2.5])",
                    "\"2.50 m3\""),
};

}  // namespace

std::span<const Function> format_functions() {
    return functions;
}

}  // namespace hw::sql

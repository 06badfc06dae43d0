#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <limits>

#include "base/decimal.h"
#include "sql/functions/arguments.h"
#include "sql/functions/functions.h"
#include "sql/functions/hex.h"
#include "sql/functions/rows.h"
#include "sql/functions/text.h"
#include "sql/json.h"
#include "sql/services.h"

namespace hw::sql {

namespace {

constexpr int64_t int_least = std::numeric_limits<int64_t>::min();
constexpr int64_t int_most = std::numeric_limits<int64_t>::max();

bool fits_int(double value) {
    return value >= -0x1p63 && value < 0x1p63;
}

// A number that takes the whole text.
Decimal number_of(std::string_view text) {
    const Decimal number = scan_decimal(text);
    return number.length == text.size() ? number : Decimal();
}

Datum str(Arguments arguments, CallContext& context) {
    Call call("str", arguments, context);
    std::string out;
    append_str(out, arguments[0]);
    return arguments[0].kind() == Kind::bytes ? call.text_or_bytes(out) : call.text_of(out);
}

Datum str_utf8(Arguments arguments, CallContext& context) {
    Call call("str_utf8", arguments, context);
    std::string out;
    append_str(out, arguments[0]);
    if (!is_utf8(out)) return call.wrong(0, "a string in UTF-8");
    return call.text_of(out);
}

Datum str_utf16_le(Arguments arguments, CallContext& context) {
    Call call("str_utf16_le", arguments, context);
    std::string text;
    append_str(text, arguments[0]);
    if (!is_utf8(text)) return call.wrong(0, "a string in UTF-8");
    std::string out;
    const auto append = [&](char32_t unit) {
        out += static_cast<char>(unit & 0xff);
        out += static_cast<char>(unit >> 8);
    };
    for (std::string_view rest = text; !rest.empty();) {
        const Character next = first_character(rest);
        rest.remove_prefix(next.bytes);
        if (next.code < 0x10000) {
            append(next.code);
        } else {
            append(0xd800 + ((next.code - 0x10000) >> 10));
            append(0xdc00 + ((next.code - 0x10000) & 0x3ff));
        }
    }
    return Datum::bytes(out);
}

Datum to_bool(Arguments arguments, CallContext& context) {
    Call call("bool", arguments, context);
    const Datum& value = arguments[0];
    if (value.kind() == Kind::boolean) return value;
    if (value.is_number() && (value.as_number() == 0 || value.as_number() == 1))
        return Datum::boolean(value.as_number() == 1);
    if (value.is_text() && (value.as_text() == "true" || value.as_text() == "false"))
        return Datum::boolean(value.as_text() == "true");
    return call.wrong(0, "true, false, 0 or 1");
}

Datum floor_of(Call& call, double value) {
    const double floored = std::floor(value);
    if (!fits_int(floored)) return call.wrong(0, "a number within the range of an int");
    return Datum::integer(static_cast<int64_t>(floored));
}

Datum to_int(Arguments arguments, CallContext& context) {
    Call call("int", arguments, context);
    const Datum& value = arguments[0];
    if (value.kind() == Kind::int64) return value;
    if (value.kind() == Kind::boolean) return Datum::integer(value.as_boolean());
    if (value.kind() == Kind::float64) return floor_of(call, value.as_real());
    if (value.is_text() || value.kind() == Kind::bytes) {
        const Decimal number = number_of(value.as_text());
        if (number.kind == Decimal::Kind::integer) return Datum::integer(number.integer);
        if (number.kind == Decimal::Kind::real) return floor_of(call, number.real);
    }
    return call.wrong(0, "a number");
}

// The value as a float, or a failed call.
double float_value(Call& call) {
    const Datum& value = call[0];
    if (value.is_text() || value.kind() == Kind::bytes) {
        const Decimal number = number_of(value.as_text());
        if (number.kind == Decimal::Kind::integer || number.kind == Decimal::Kind::real)
            return number.real;
    }
    return call.number(0);
}

Datum to_float(Arguments arguments, CallContext& context) {
    Call call("float", arguments, context);
    double value = float_value(call);
    if (call.has(1)) {
        const auto decimals = static_cast<int>(call.integer(1, 1, 253));
        if (call.failed()) return {};
        std::string text;
        append_fixed(text, value, decimals);
        std::from_chars(text.data(), text.data() + text.size(), value);
    }
    return call.real(value);
}

Datum float_to_string(Arguments arguments, CallContext& context) {
    Call call("float2str", arguments, context);
    const double value = call.number(0);
    const auto decimals = static_cast<int>(call.integer(1, 0, 253));
    if (call.real(value).is_null()) return {};
    std::string text;
    append_fixed(text, value, decimals);
    return Datum::text(text);
}

Datum to_map(Arguments arguments, CallContext& context) {
    Call call("map", arguments, context);
    if (arguments[0].is_object()) return arguments[0];
    if (arguments[0].is_text() || arguments[0].kind() == Kind::bytes) {
        auto value = context.services->json.read(arguments[0].as_text());
        if (!value) return call.fail(value.error().text());
        if (value->is_object()) return *std::move(value);
    }
    return call.wrong(0, "an object, also as JSON");
}

Datum bin_to_hex(Arguments arguments, CallContext& context) {
    Call call("bin2hexstr", arguments, context);
    std::string out(call.has(1) ? call.text(1) : "");
    append_hex(out, call.bytes(0), HexCase::upper);
    return call.text_of(out);
}

Datum sqlserver_bin_to_hex(Arguments arguments, CallContext& context) {
    Call call("sqlserver_bin2hexstr", arguments, context);
    std::string out = "0x";
    append_hex(out, call.bytes(0), HexCase::upper);
    return call.text_of(out);
}

Datum hex_to_bin(Arguments arguments, CallContext& context) {
    Call call("hexstr2bin", arguments, context);
    auto hex = call.text(0);
    if (call.has(1)) {
        const auto prefix = call.text(1);
        if (call.failed()) return {};
        if (!hex.starts_with(prefix))
            return call.wrong(0, fmt::format("a string that starts with '{}'", prefix));
        hex.remove_prefix(prefix.size());
    }
    if (call.failed()) return {};
    const auto bytes = from_hex(hex);
    if (!bytes) return call.wrong(0, "an even number of hexadecimal digits");
    return call.text_or_bytes(*bytes);
}

// The value of a digit up to base 36, or 99.
int digit_of(char c) {
    if (c >= '0' && c <= '9') return c - '0';
    if (c >= 'a' && c <= 'z') return c - 'a' + 10;
    if (c >= 'A' && c <= 'Z') return c - 'A' + 10;
    return 99;
}

// The digits of the base at the front, as many as there are.
std::string_view digits_of(std::string_view text, int base) {
    size_t count = 0;
    while (count < text.size() && digit_of(text[count]) < base)
        ++count;
    return text.substr(0, count);
}

std::string upper_digits(uint64_t value, int base) {
    char buffer[65];
    const auto end = std::to_chars(buffer, buffer + sizeof buffer, value, base).ptr;
    return to_upper({buffer, static_cast<size_t>(end - buffer)});
}

// As MySQL's CONV: a base below zero is of signed numbers.
Datum convert_base(Arguments arguments, CallContext& context) {
    Call call("conv", arguments, context);
    auto text = trim_front(call.text(0));
    const int64_t from_base = call.integer(1, -36, 36);
    const int64_t to_base = call.integer(2, -36, 36);
    if (call.failed()) return {};
    const auto from = static_cast<int>(std::abs(from_base));
    const auto to = static_cast<int>(std::abs(to_base));
    if (from < 2 || to < 2) return {};
    const bool minus = text.starts_with('-');
    if (minus || text.starts_with('+')) text.remove_prefix(1);
    text = digits_of(text, from);
    uint64_t value = 0;
    if (!text.empty() &&
        std::from_chars(text.data(), text.data() + text.size(), value, from).ec != std::errc())
        return call.wrong(0, "a number of at most 64 bits");
    constexpr auto half = uint64_t{1} << 63;
    if (from_base < 0) value = std::min(value, minus ? half : half - 1);
    if (minus) value = 0 - value;
    const bool negative = to_base < 0 && value >= half;
    return Datum::text((negative ? "-" : "") + upper_digits(negative ? 0 - value : value, to));
}

Datum chr(Arguments arguments, CallContext& context) {
    Call call("chr", arguments, context);
    if (arguments[0].is_text()) {
        if (count_characters(arguments[0].as_text()) == 1) return arguments[0];
        return call.wrong(0, "a number or one character");
    }
    const int64_t code = call.integer(0, 0, 0x10ffff);
    if (call.failed()) return {};
    if (code >= 0xd800 && code <= 0xdfff) return call.wrong(0, "the number of a character");
    std::string out;
    append_character(out, static_cast<char32_t>(code));
    return Datum::text(out);
}

Datum decimal_to_hex(Arguments arguments, CallContext& context) {
    Call call("dec2hex", arguments, context);
    const int64_t value = call.integer(0);
    if (call.failed()) return {};
    const auto size = value < 0 ? 0 - static_cast<uint64_t>(value) : static_cast<uint64_t>(value);
    return Datum::text(fmt::format("{}0x{:x}", value < 0 ? "-" : "", size));
}

Datum hex_to_decimal(Arguments arguments, CallContext& context) {
    Call call("hex2dec", arguments, context);
    auto text = call.text(0);
    if (call.failed()) return {};
    const bool minus = text.starts_with('-');
    if (minus) text.remove_prefix(1);
    if (text.starts_with("0x") || text.starts_with("0X")) text.remove_prefix(2);
    const std::string digits = (minus ? "-" : "") + std::string(text);
    int64_t value = 0;
    const auto [end, error] =
        std::from_chars(digits.data(), digits.data() + digits.size(), value, 16);
    if (text.starts_with('-') || error != std::errc() || end != digits.data() + digits.size())
        return call.wrong(0, "a hexadecimal number of at most 64 bits");
    return Datum::integer(value);
}

Datum cast_to_int(Call& call) {
    const Datum& value = call[0];
    switch (value.kind()) {
        case Kind::int64:
            return value;
        case Kind::boolean:
            return Datum::integer(value.as_boolean());
        case Kind::time:
            return Datum::integer(value.as_time().ns / 1'000'000);
        case Kind::float64:
            if (fits_int(value.as_real()))
                return Datum::integer(static_cast<int64_t>(value.as_real()));
            break;
        case Kind::text: {
            const Decimal number = number_of(value.as_text());
            if (number.kind == Decimal::Kind::integer) return Datum::integer(number.integer);
            break;
        }
        default:
            break;
    }
    return call.wrong(0, "what fits in a bigint");
}

Datum cast_to_float(Call& call) {
    if (call[0].kind() == Kind::boolean) return Datum::real(call[0].as_boolean());
    if (call[0].kind() == Kind::time)
        return Datum::real(static_cast<double>(call[0].as_time().ns) / 1e6);
    return call.real(float_value(call));
}

Datum cast_to_string(Call& call) {
    std::string out;
    if (call[0].kind() == Kind::bytes && !is_utf8(call[0].as_text()))
        return call.wrong(0, "bytes in UTF-8");
    if (call[0].kind() == Kind::float64)
        out = fmt::format("{}", call[0].as_real());
    else
        append_plain(out, call[0]);
    return call.text_of(out);
}

Datum cast_to_bool(Call& call) {
    const Datum& value = call[0];
    if (value.kind() == Kind::boolean) return value;
    if (value.is_number()) return Datum::boolean(value.as_number() != 0);
    const auto word = value.is_text() ? to_lower(value.as_text()) : "";
    if (word == "1" || word == "t" || word == "true") return Datum::boolean(true);
    if (word == "0" || word == "f" || word == "false") return Datum::boolean(false);
    return call.wrong(0, "a number, 'true' or 'false'");
}

Datum cast_to_time(Call& call) {
    const Datum& value = call[0];
    if (value.kind() == Kind::time) return value;
    if (value.is_number()) {
        const double ms = value.as_number();
        if (std::abs(ms) > 9.2e12) return call.wrong(0, "milliseconds of the years 1678 to 2261");
        return Datum::time(value.kind() == Kind::int64 ? Time{value.as_integer() * 1'000'000}
                                                       : Time{static_cast<int64_t>(ms * 1e6)});
    }
    if (!value.is_text()) return call.wrong(0, "a datetime, milliseconds or a string");
    std::string text(trim_back(trim_front(value.as_text())));
    if (text.size() == 10) text += "T00:00:00Z";
    const auto time = parse_rfc3339(text);
    if (!time) return call.fail(time.error().text());
    return Datum::time(*time);
}

Datum cast_to_bytes(Call& call) {
    if (call[0].kind() != Kind::text && call[0].kind() != Kind::bytes)
        return call.wrong(0, "a string or bytes");
    return Datum::bytes(call[0].as_text());
}

Datum cast(Arguments arguments, CallContext& context) {
    Call call("cast", arguments, context);
    const auto type = to_lower(call.text(1));
    if (call.failed()) return {};
    if (type == "bigint") return cast_to_int(call);
    if (type == "float") return cast_to_float(call);
    if (type == "string") return cast_to_string(call);
    if (type == "boolean") return cast_to_bool(call);
    if (type == "datetime") return cast_to_time(call);
    if (type == "bytea") return cast_to_bytes(call);
    return call.wrong(1, "'bigint', 'float', 'string', 'boolean', 'datetime' or 'bytea'");
}

constexpr Rows emqx{"conversion", "EMQX"};
constexpr Rows ekuiper{"conversion", "eKuiper"};
constexpr Rows::Count one{1, 1}, two{2, 2}, one_or_two{1, 2};

constexpr Function functions[] = {
    emqx("bin2hexstr(bytes [, prefix])", one_or_two, bin_to_hex,
         "The bytes as upper-case hexadecimal digits, after the prefix.",
         "bin2hexstr('hello', '0x')", "\"0x68656C6C6F\""),
    emqx("bool(x)", one, to_bool, "True and false of themselves, of 1 and 0, 'true' and 'false'.",
         "bool('false')", "false"),
    ekuiper("cast(x, type)", two, cast,
            "x as 'bigint' (floats are cut, datetimes are ms), 'float', 'string', 'boolean' (zero "
            "is false), 'datetime' (of ms or RFC 3339 text) or 'bytea'.",
            "cast('12', 'bigint')", "12"),
    ekuiper("chr(code)", one, chr, "The character of that number in Unicode.", "chr(65)", "\"A\""),
    ekuiper("conv(x, from_base, to_base)", {3, 3}, convert_base,
            "The digits of x read in one base and written in another, 2 to 36, in upper case. "
            "Reading stops at what is no digit. Below zero a base is of signed numbers; null "
            "where it is none.",
            "conv('6E', 18, 8)", "\"172\""),
    ekuiper("dec2hex(x)", one, decimal_to_hex, "An int in hexadecimal digits, after 0x.",
            "dec2hex(16)", "\"0x10\""),
    emqx("float(x [, decimals])", one_or_two, to_float,
         "A number, or a string that is one, as a float; rounded to 1 to 253 decimals.",
         "float('3.1415926', 3)", "3.142"),
    emqx("float2str(x, decimals)", two, float_to_string,
         "The digits of x with at most 0 to 253 decimals, zeros at the end cut.",
         "float2str(0.1, 20)", "\"0.10000000000000000555\""),
    ekuiper("hex2dec(x)", one, hex_to_decimal,
            "The int that hexadecimal digits write, with or without 0x.", "hex2dec('0x10')", "16"),
    emqx("hexstr2bin(digits [, prefix])", one_or_two, hex_to_bin,
         "The bytes of hexadecimal digits after the prefix: a string where they are UTF-8, else "
         "bytes. Fails where the prefix is missing.",
         "hexstr2bin('68656C6C6F')", "\"hello\""),
    emqx("int(x)", one, to_int,
         "An int of a number or of a string that is one, fractions rounded down; 1 of true, 0 of "
         "false.",
         "int('3.1415e2')", "314"),
    emqx("map(x)", one, to_map, "An object of itself or of its JSON.", "map('{\"a\": 1}')",
         "{\"a\": 1}"),
    emqx("sqlserver_bin2hexstr(bytes)", one, sqlserver_bin_to_hex,
         "The bytes as SQL Server's literal: 0x and upper-case hexadecimal digits.",
         "sqlserver_bin2hexstr('hello')", "\"0x68656C6C6F\""),
    emqx("str(x)", one, str,
         "Any value as a string: floats with at most 10 decimals, arrays and objects as JSON.",
         "str(3.14159265359)", "\"3.1415926536\""),
    emqx("str_utf16_le(x)", one, str_utf16_le, "str(x) as bytes of UTF-16, little endian.",
         "bin2hexstr(str_utf16_le('a'))", "\"6100\""),
    emqx("str_utf8(x)", one, str_utf8, "str(x); fails for bytes that are not UTF-8.",
         "str_utf8(12)", "\"12\""),
};

}  // namespace

std::span<const Function> conversion_functions() {
    return functions;
}

}  // namespace hw::sql

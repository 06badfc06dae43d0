#include "wire/s7/values.h"

#include <fmt/format.h>

#include <algorithm>
#include <bit>
#include <cmath>
#include <limits>
#include <optional>

#include "base/assert.h"
#include "base/time.h"

namespace hw::s7 {

namespace {

constexpr int64_t s5time_ms_limit = 9'990'000;  // 999 times 10 s
constexpr int64_t counter_limit = 999;

uint8_t byte_at(BytesView bytes, size_t i) {
    return static_cast<uint8_t>(bytes[i]);
}

std::optional<int> from_bcd(uint8_t byte) {
    const int high = byte >> 4, low = byte & 15;
    if (high > 9 || low > 9) return std::nullopt;
    return high * 10 + low;
}
char to_bcd(int64_t number) {
    return static_cast<char>(number / 10 << 4 | number % 10);
}

// Three BCD digits in the lower 12 bits.
std::optional<int64_t> three_digits(uint16_t word) {
    const auto low = from_bcd(static_cast<uint8_t>(word & 0xff));
    const int high = word >> 8 & 15;
    if (!low || high > 9) return std::nullopt;
    return high * 100 + *low;
}

// S5TIME and timers: bits 13 and 12 the base (10 ms, 100 ms, 1 s, 10 s), below three BCD digits.
std::optional<int64_t> s5time_ms(uint16_t word) {
    constexpr int64_t bases[] = {10, 100, 1000, 10'000};
    const auto digits = three_digits(word);
    if (!digits) return std::nullopt;
    return *digits * bases[word >> 12 & 3];
}

// In the finest base that holds it; what is finer than the base is cut.
uint16_t s5time_word(int64_t ms) {
    int base = 0;
    int64_t unit = 10;
    while (ms / unit > 999) {
        unit *= 10;
        ++base;
    }
    const int64_t digits = ms / unit;
    return static_cast<uint16_t>(base << 12 | digits / 100 << 8 | digits / 10 % 10 << 4 |
                                 digits % 10);
}

std::unexpected<Error> not_a(const Address& address, std::string_view what, BytesView bytes) {
    std::string hex;
    for (const std::byte b : bytes.first(std::min<size_t>(bytes.size(), 8)))
        hex += fmt::format("{:02x}", static_cast<unsigned>(b));
    return fail(ErrorCode::corrupt, fmt::format("{} holds {}, which is no {}; check the type",
                                                to_string(address), hex, what));
}

void append_utf8(std::string& out, uint32_t code) {
    if (code < 0x80) {
        out += static_cast<char>(code);
        return;
    }
    if (code < 0x800) {
        out += static_cast<char>(0xc0 | code >> 6);
    } else {
        if (code < 0x10000) {
            out += static_cast<char>(0xe0 | code >> 12);
        } else {
            out += static_cast<char>(0xf0 | code >> 18);
            out += static_cast<char>(0x80 | (code >> 12 & 63));
        }
        out += static_cast<char>(0x80 | (code >> 6 & 63));
    }
    out += static_cast<char>(0x80 | (code & 63));
}

// The next code point of a UTF-8 text; nullopt if it is not one.
std::optional<uint32_t> take_utf8(std::string_view& text) {
    const auto first = static_cast<uint8_t>(text.front());
    const size_t length = first < 0x80   ? 1
                          : first < 0xc2 ? 0
                          : first < 0xe0 ? 2
                          : first < 0xf0 ? 3
                          : first < 0xf5 ? 4
                                         : 0;
    if (length == 0 || length > text.size()) return std::nullopt;
    uint32_t code = length == 1 ? first : first & (0xffu >> (length + 1));
    for (size_t i = 1; i < length; ++i) {
        const auto next = static_cast<uint8_t>(text[i]);
        if ((next & 0xc0) != 0x80) return std::nullopt;
        code = code << 6 | (next & 63u);
    }
    if (code > 0x10ffff || (code >= 0xd800 && code < 0xe000)) return std::nullopt;
    text.remove_prefix(length);
    return code;
}

std::unexpected<Error> too_long(const Address& address, size_t length) {
    return fail(ErrorCode::corrupt,
                fmt::format("the string at {} has {} characters, the address reads {}; write the "
                            "length that the PLC declares",
                            to_string(address), length, address.length));
}

Result<Value> decode_string(const Address& address, BytesView bytes) {
    const size_t length = byte_at(bytes, 1);
    if (length > address.length) return too_long(address, length);
    std::string text;
    text.reserve(length);
    for (const std::byte b : bytes.subspan(2, length))
        append_utf8(text, static_cast<uint8_t>(b));
    return text;
}

Result<Value> decode_wstring(const Address& address, BytesView bytes) {
    ByteReader in(bytes.subspan(2));
    const size_t length = in.big<uint16_t>();
    if (length > address.length) return too_long(address, length);
    std::string text;
    for (size_t i = 0; i < length; ++i) {
        uint32_t unit = in.big<uint16_t>();
        if (unit >= 0xd800 && unit < 0xdc00 && i + 1 < length) {
            const uint32_t low = in.big<uint16_t>();
            ++i;
            unit = low >= 0xdc00 && low < 0xe000
                       ? 0x10000 + ((unit - 0xd800) << 10) + (low - 0xdc00)
                       : 0xfffd;
        } else if (unit >= 0xd800 && unit < 0xe000) {
            unit = 0xfffd;
        }
        append_utf8(text, unit);
    }
    return text;
}

// BCD: year (90 to 99 are 19xx), month, day, hour, minute, second, two digits of the millisecond,
// its last digit and the day of the week (1 = Sunday).
Result<Value> decode_date_and_time(const Address& address, BytesView bytes) {
    int part[7];
    for (size_t i = 0; i < 7; ++i) {
        const auto number = from_bcd(byte_at(bytes, i));
        if (!number) return not_a(address, "DATE_AND_TIME", bytes);
        part[i] = *number;
    }
    const int last = byte_at(bytes, 7) >> 4;
    const int year = part[0] >= 90 ? 1900 + part[0] : 2000 + part[0];
    const std::string text =
        fmt::format("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}.{:02}{}Z", year, part[1], part[2], part[3],
                    part[4], part[5], part[6], std::min(last, 9));
    const Result<Time> time = parse_rfc3339(text);
    if (!time || last > 9) return not_a(address, "DATE_AND_TIME", bytes);
    return format_rfc3339(*time);
}

template <class T>
T number(BytesView bytes) {
    ByteReader in(bytes);
    return in.big<T>();
}

}  // namespace

Result<Value> decode(const Address& address, BytesView bytes) {
    HW_ASSERT(bytes.size() == size_of(address));
    switch (address.type) {
        case DataType::bit:
            return (byte_at(bytes, 0) >> address.bit & 1) != 0;
        case DataType::int8:
            return int64_t{static_cast<int8_t>(bytes[0])};
        case DataType::uint8:
            return int64_t{byte_at(bytes, 0)};
        case DataType::int16:
            return int64_t{static_cast<int16_t>(number<uint16_t>(bytes))};
        case DataType::uint16:
            return int64_t{number<uint16_t>(bytes)};
        case DataType::int32:
        case DataType::time:
            return int64_t{static_cast<int32_t>(number<uint32_t>(bytes))};
        case DataType::uint32:
            return int64_t{number<uint32_t>(bytes)};
        case DataType::int64:
            return static_cast<int64_t>(number<uint64_t>(bytes));
        case DataType::uint64: {
            const auto value = number<uint64_t>(bytes);
            if (value > static_cast<uint64_t>(std::numeric_limits<int64_t>::max()))
                return static_cast<double>(value);
            return static_cast<int64_t>(value);
        }
        case DataType::real:
            return double{std::bit_cast<float>(number<uint32_t>(bytes))};
        case DataType::lreal:
            return std::bit_cast<double>(number<uint64_t>(bytes));
        case DataType::string:
            return decode_string(address, bytes);
        case DataType::wstring:
            return decode_wstring(address, bytes);
        case DataType::chars:
            return std::string(as_text(bytes));
        case DataType::s5time:
        case DataType::timer:
        case DataType::timer_seconds: {
            const auto ms = s5time_ms(number<uint16_t>(bytes));
            if (!ms) return not_a(address, "S5TIME", bytes);
            if (address.type == DataType::timer_seconds) return static_cast<double>(*ms) / 1000;
            return *ms;
        }
        case DataType::counter: {
            const auto count = three_digits(number<uint16_t>(bytes));
            if (!count) return not_a(address, "BCD counter", bytes);
            return *count;
        }
        case DataType::date_and_time:
            return decode_date_and_time(address, bytes);
    }
    HW_UNREACHABLE();
}

namespace {

std::string shown(const Value& value) {
    if (const auto* b = std::get_if<bool>(&value)) return *b ? "true" : "false";
    if (const auto* i = std::get_if<int64_t>(&value)) return fmt::format("{}", *i);
    if (const auto* d = std::get_if<double>(&value)) return fmt::format("{}", *d);
    return fmt::format("'{}'", std::get<std::string>(value).substr(0, 40));
}

Result<double> as_double(const Address& address, const Value& value) {
    if (const auto* i = std::get_if<int64_t>(&value)) return static_cast<double>(*i);
    if (const auto* d = std::get_if<double>(&value)) return *d;
    return fail(ErrorCode::invalid_argument,
                fmt::format("{} takes a number, not {}", to_string(address), shown(value)));
}

// The whole number within the bounds. Doubles between the bounds of int64 are exact enough: those
// with a fraction are refused.
Result<int64_t> as_whole(const Address& address, const Value& value, int64_t least, int64_t most) {
    int64_t whole = 0;
    bool fits = true;
    if (const auto* i = std::get_if<int64_t>(&value)) {
        whole = *i;
    } else if (const auto* b = std::get_if<bool>(&value)) {
        whole = *b ? 1 : 0;
    } else {
        const double real = HW_TRY(as_double(address, value));
        fits = real >= -0x1p63 && real < 0x1p63 && std::trunc(real) == real;
        if (fits) whole = static_cast<int64_t>(real);
    }
    if (!fits || whole < least || whole > most)
        return fail(ErrorCode::invalid_argument,
                    fmt::format("{} takes whole numbers from {} to {}, not {}", to_string(address),
                                least, most, shown(value)));
    return whole;
}

template <class T>
Result<Encoded> encode_whole(const Address& address, const Value& value) {
    const int64_t whole = HW_TRY(
        as_whole(address, value, std::numeric_limits<T>::min(), std::numeric_limits<T>::max()));
    Encoded out;
    ByteWriter(out.bytes).big(static_cast<std::make_unsigned_t<T>>(whole));
    return out;
}

Result<Encoded> encode_uint64(const Address& address, const Value& value) {
    Encoded out;
    ByteWriter to(out.bytes);
    const auto* real = std::get_if<double>(&value);
    // The largest values read as 2^64, the nearest double, and go back as the largest.
    if (real != nullptr && *real >= 0x1p63 && *real <= 0x1p64) {
        to.big(*real < 0x1p64 ? static_cast<uint64_t>(*real)
                              : std::numeric_limits<uint64_t>::max());
        return out;
    }
    to.big(static_cast<uint64_t>(
        HW_TRY(as_whole(address, value, 0, std::numeric_limits<int64_t>::max()))));
    return out;
}

Result<Encoded> encode_real(const Address& address, const Value& value) {
    const double real = HW_TRY(as_double(address, value));
    Encoded out;
    ByteWriter to(out.bytes);
    if (address.type == DataType::lreal) {
        to.big(std::bit_cast<uint64_t>(real));
        return out;
    }
    if (std::isfinite(real) && std::abs(real) > double{std::numeric_limits<float>::max()})
        return fail(ErrorCode::invalid_argument,
                    fmt::format("{} takes 32 bit floats, {} is beyond them", to_string(address),
                                shown(value)));
    to.big(std::bit_cast<uint32_t>(static_cast<float>(real)));
    return out;
}

std::unexpected<Error> wants_text(const Address& address, const Value& value) {
    return fail(ErrorCode::invalid_argument,
                fmt::format("{} takes a text, not {}", to_string(address), shown(value)));
}

std::unexpected<Error> over_length(const Address& address, size_t length) {
    return fail(ErrorCode::invalid_argument,
                fmt::format("{} takes at most {} characters, the value has {}", to_string(address),
                            address.length, length));
}

Result<Encoded> encode_string(const Address& address, const Value& value) {
    const auto* given = std::get_if<std::string>(&value);
    if (given == nullptr) return wants_text(address, value);
    std::string characters;
    for (std::string_view rest = *given; !rest.empty();) {
        const auto code = take_utf8(rest);
        if (!code || *code > 0xff)
            return fail(
                ErrorCode::invalid_argument,
                fmt::format("{} takes Latin-1 characters only; the one at byte {} of {} is "
                            "none; a WSTRING takes it: write D behind the length",
                            to_string(address), given->size() - rest.size() + 1, shown(value)));
        characters += static_cast<char>(*code);
    }
    if (characters.size() > address.length) return over_length(address, characters.size());
    return Encoded{static_cast<char>(characters.size()) + characters, 1};
}

Result<Encoded> encode_wstring(const Address& address, const Value& value) {
    const auto* given = std::get_if<std::string>(&value);
    if (given == nullptr) return wants_text(address, value);
    std::string units;
    ByteWriter to(units);
    for (std::string_view rest = *given; !rest.empty();) {
        const auto code = take_utf8(rest);
        if (!code)
            return fail(ErrorCode::invalid_argument,
                        fmt::format("{} takes UTF-8; byte {} of the value is none",
                                    to_string(address), given->size() - rest.size() + 1));
        if (*code >= 0x10000) {
            to.big(static_cast<uint16_t>(0xd800 + ((*code - 0x10000) >> 10)));
            to.big(static_cast<uint16_t>(0xdc00 + ((*code - 0x10000) & 0x3ff)));
        } else {
            to.big(static_cast<uint16_t>(*code));
        }
    }
    if (units.size() / 2 > address.length) return over_length(address, units.size() / 2);
    Encoded out{.bytes = {}, .skip = 2};
    ByteWriter writer(out.bytes);
    writer.big(static_cast<uint16_t>(units.size() / 2));
    writer.text(units);
    return out;
}

// A shorter value is filled up with zeros.
Result<Encoded> encode_chars(const Address& address, const Value& value) {
    const auto* given = std::get_if<std::string>(&value);
    if (given == nullptr) return wants_text(address, value);
    if (given->size() > address.length) return over_length(address, given->size());
    Encoded out{*given, 0};
    out.bytes.resize(address.length, '\0');
    return out;
}

Result<Encoded> encode_date_and_time(const Address& address, const Value& value) {
    const auto* given = std::get_if<std::string>(&value);
    if (given == nullptr) return wants_text(address, value);
    const Time time = HW_TRY(parse_rfc3339(*given));
    // "2026-03-01T12:00:00.250Z", whatever the fraction.
    std::string text =
        format_rfc3339(Time{time.ns - ((time.ns % 1'000'000) + 1'000'000) % 1'000'000});
    const int year =
        (text[0] - '0') * 1000 + (text[1] - '0') * 100 + (text[2] - '0') * 10 + (text[3] - '0');
    if (year < 1990 || year > 2089)
        return fail(
            ErrorCode::invalid_argument,
            fmt::format("{} takes the years 1990 to 2089, not {}", to_string(address), *given));
    const auto digits = [&](size_t at) {
        return static_cast<char>((text[at] - '0') << 4 | (text[at + 1] - '0'));
    };
    constexpr int64_t day_ns = 86'400'000'000'000;
    int64_t days = time.ns / day_ns;
    if (time.ns % day_ns < 0) --days;
    const int64_t ms = ((time.ns / 1'000'000) % 1000 + 1000) % 1000;
    const int64_t weekday = ((days + 4) % 7 + 7) % 7 + 1;  // 1970-01-01 was a Thursday: 5
    Encoded out;
    for (const size_t at : {2u, 5u, 8u, 11u, 14u, 17u})
        out.bytes += digits(at);
    out.bytes += to_bcd(ms / 10);
    out.bytes += static_cast<char>(ms % 10 << 4 | weekday);
    return out;
}

Result<Encoded> encode_timer(const Address& address, const Value& value) {
    int64_t ms = 0;
    if (address.type == DataType::timer_seconds) {
        const double seconds = HW_TRY(as_double(address, value));
        if (!(seconds >= 0 && seconds <= static_cast<double>(s5time_ms_limit) / 1000))
            return fail(ErrorCode::invalid_argument, fmt::format("{} takes 0 to 9990 s, not {}",
                                                                 to_string(address), shown(value)));
        ms = std::llround(seconds * 1000);
    } else {
        ms = HW_TRY(as_whole(address, value, 0, s5time_ms_limit));
    }
    Encoded out;
    ByteWriter(out.bytes).big(s5time_word(ms));
    return out;
}

}  // namespace

Result<Encoded> encode(const Address& address, const Value& value) {
    switch (address.type) {
        case DataType::bit: {
            const int64_t bit = HW_TRY(as_whole(address, value, 0, 1));
            return Encoded{std::string(1, static_cast<char>(bit)), 0};
        }
        case DataType::int8:
            return encode_whole<int8_t>(address, value);
        case DataType::uint8:
            return encode_whole<uint8_t>(address, value);
        case DataType::int16:
            return encode_whole<int16_t>(address, value);
        case DataType::uint16:
            return encode_whole<uint16_t>(address, value);
        case DataType::int32:
        case DataType::time:
            return encode_whole<int32_t>(address, value);
        case DataType::uint32:
            return encode_whole<uint32_t>(address, value);
        case DataType::int64:
            return encode_whole<int64_t>(address, value);
        case DataType::uint64:
            return encode_uint64(address, value);
        case DataType::real:
        case DataType::lreal:
            return encode_real(address, value);
        case DataType::string:
            return encode_string(address, value);
        case DataType::wstring:
            return encode_wstring(address, value);
        case DataType::chars:
            return encode_chars(address, value);
        case DataType::s5time:
        case DataType::timer:
        case DataType::timer_seconds:
            return encode_timer(address, value);
        case DataType::counter: {
            const int64_t count = HW_TRY(as_whole(address, value, 0, counter_limit));
            Encoded out;
            out.bytes += static_cast<char>(count / 100);
            out.bytes += to_bcd(count % 100);
            return out;
        }
        case DataType::date_and_time:
            return encode_date_and_time(address, value);
    }
    HW_UNREACHABLE();
}

}  // namespace hw::s7

#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace hw {

// A decimal number at the front of a text, as JSON, line protocol, CSV and people write it:
// [+-] digits [. digits] [e [+-] digits], at least one digit before or after the point.
struct Decimal {
    enum class Kind : uint8_t {
        none,          // no number here
        integer,       // no point, no exponent, fits in 64 bits signed
        real,          // anything else; an integer that does not fit is the nearest double
        out_of_range,  // larger than any double
    };
    Kind kind = Kind::none;
    int64_t integer = 0;
    double real = 0;    // also set for an integer
    size_t length = 0;  // bytes that belong to the number; 0 for none
};

namespace decimal {

// Exact powers: a mantissa below 2^53 times or over one of these is rounded once, hence right
// (Clinger, "How to read floating point numbers accurately", 1990).
inline constexpr std::array<double, 23> powers = {1e0,  1e1,  1e2,  1e3,  1e4,  1e5,  1e6,  1e7,
                                                  1e8,  1e9,  1e10, 1e11, 1e12, 1e13, 1e14, 1e15,
                                                  1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22};

// Where the exact way does not do. `exponent` is that of the last digit read to the mantissa.
void finish_slowly(std::string_view text, bool any_nonzero, int64_t exponent, Decimal& number);

inline bool is_digit(char c) {
    return static_cast<unsigned char>(c - '0') < 10;
}

struct Digits {
    uint64_t mantissa = 0;
    int64_t exponent = 0;  // of ten
    bool whole = true;     // neither point nor exponent
    bool exact = true;     // every digit is in the mantissa
};

// Reads digits to the mantissa; how many.
inline size_t take_digits(const char*& at, const char* end, Digits& digits) {
    const char* const begin = at;
    for (; at != end && is_digit(*at); ++at) {
        if (digits.mantissa < 1'000'000'000'000'000'000) [[likely]] {
            digits.mantissa = digits.mantissa * 10 + static_cast<uint64_t>(*at - '0');
        } else {
            digits.exact = false;
            ++digits.exponent;
        }
    }
    return static_cast<size_t>(at - begin);
}

// The exponent, if there is a whole one; else `at` stays.
inline void take_exponent(const char*& at, const char* end, Digits& digits) {
    const char* probe = at + 1;
    const bool negative = probe != end && *probe == '-';
    if (probe != end && (*probe == '-' || *probe == '+')) ++probe;
    if (probe == end || !is_digit(*probe)) return;
    int64_t exponent = 0;
    for (; probe != end && is_digit(*probe); ++probe)
        if (exponent < 1'000'000'000) exponent = exponent * 10 + (*probe - '0');
    digits.exponent += negative ? -exponent : exponent;
    digits.whole = false;
    at = probe;
}

}  // namespace decimal

// About 5 ns for numbers of up to 18 digits.
inline Decimal scan_decimal(std::string_view text) {
    Decimal number;
    const char* at = text.data();
    const char* const end = at + text.size();
    const bool negative = at != end && *at == '-';
    if (at != end && (*at == '-' || *at == '+')) ++at;
    decimal::Digits digits;
    size_t count = decimal::take_digits(at, end, digits);
    if (at != end && *at == '.') {
        ++at;
        digits.whole = false;
        const size_t fraction = decimal::take_digits(at, end, digits);
        digits.exponent -= static_cast<int64_t>(fraction);
        count += fraction;
    }
    if (count == 0) return number;
    if (at != end && (*at == 'e' || *at == 'E')) decimal::take_exponent(at, end, digits);
    number.length = static_cast<size_t>(at - text.data());
    constexpr uint64_t top = uint64_t{1} << 63;
    if (digits.whole && digits.exact && digits.mantissa < top + (negative ? 1 : 0)) {
        const uint64_t bits = negative ? 0 - digits.mantissa : digits.mantissa;
        number.kind = Decimal::Kind::integer;
        number.integer = static_cast<int64_t>(bits);
        number.real = static_cast<double>(number.integer);
        return number;
    }
    number.kind = Decimal::Kind::real;
    constexpr int64_t most = decimal::powers.size() - 1;
    if (digits.exact && digits.mantissa <= uint64_t{1} << 53 && digits.exponent <= most &&
        digits.exponent >= -most) [[likely]] {
        const auto mantissa = static_cast<double>(digits.mantissa);
        const double value = digits.exponent < 0
                                 ? mantissa / decimal::powers[static_cast<size_t>(-digits.exponent)]
                                 : mantissa * decimal::powers[static_cast<size_t>(digits.exponent)];
        number.real = negative ? -value : value;
        return number;
    }
    decimal::finish_slowly(text.substr(0, number.length), digits.mantissa != 0, digits.exponent,
                           number);
    return number;
}

}  // namespace hw

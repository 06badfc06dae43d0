#pragma once

#include <array>
#include <bit>
#include <cmath>
#include <cstdint>

namespace hw::history {

// Doubles that are a decimal number of few digits, as an integer and a power of ten. An integer
// below 2^51 divided by a power of ten up to 10^22 is rounded once, so it gives the double nearest
// to the decimal number, the same that parsing its text gives (Clinger 1990).
inline constexpr unsigned decimals_limit = 18;
inline constexpr double decimal_limit = 0x1p51;

inline constexpr std::array<double, decimals_limit + 1> powers_of_ten{
    1e0,  1e1,  1e2,  1e3,  1e4,  1e5,  1e6,  1e7,  1e8, 1e9,
    1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18};

// Added to a double below 2^51 it leaves the nearest integer in the low bits of the sum; so both
// conversions are one addition and need no wide vectors' instructions.
inline constexpr double integer_magic = 0x1.8p52;
inline constexpr int64_t integer_magic_bits = std::bit_cast<int64_t>(integer_magic);

inline double to_double(int64_t integer) {
    const uint64_t bits =
        static_cast<uint64_t>(integer) + static_cast<uint64_t>(integer_magic_bits);
    return std::bit_cast<double>(bits) - integer_magic;
}

inline int64_t from_sum(double summed) {
    return static_cast<int64_t>(std::bit_cast<uint64_t>(summed) -
                                static_cast<uint64_t>(integer_magic_bits));
}

// The integer of a decimal; false if the double is not one of that many decimals.
inline bool to_decimal(double value, double power, int64_t& integer) {
    const double scaled = value * power;
    const double summed = scaled + integer_magic;
    integer = from_sum(summed);
    const double back = (summed - integer_magic) / power;
    return std::abs(scaled) < decimal_limit &&
           std::bit_cast<uint64_t>(back) == std::bit_cast<uint64_t>(value);
}

}  // namespace hw::history

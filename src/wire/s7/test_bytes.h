#pragma once

#include <string>
#include <string_view>

#include "base/assert.h"

// For tests: bytes as hexadecimal, white space between them as it pleases.
namespace hw::s7 {

inline std::string hex(std::string_view text) {
    std::string out;
    int half = -1;
    for (const char c : text) {
        if (c == ' ' || c == '\n') continue;
        const int digit = c >= '0' && c <= '9' ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
        HW_ASSERT(digit >= 0);
        if (half < 0) {
            half = digit;
            continue;
        }
        out += static_cast<char>(half << 4 | digit);
        half = -1;
    }
    HW_ASSERT(half < 0);
    return out;
}

inline std::string to_hex(std::string_view bytes) {
    std::string out;
    for (const char c : bytes) {
        constexpr std::string_view digits = "0123456789abcdef";
        if (!out.empty()) out += ' ';
        out += digits[static_cast<unsigned char>(c) >> 4];
        out += digits[static_cast<unsigned char>(c) & 15];
    }
    return out;
}

}  // namespace hw::s7

#pragma once

#include <fmt/format.h>

#include <string>
#include <string_view>

namespace hw::iec104 {

// "68 04 07 00 00 00" as bytes; spaces are for the reader.
inline std::string from_hex(std::string_view text) {
    std::string bytes;
    int high = -1;
    for (const char c : text) {
        const size_t digit = std::string_view("0123456789ABCDEF").find(c);
        if (digit == std::string_view::npos) continue;
        if (high < 0) {
            high = static_cast<int>(digit);
        } else {
            bytes.push_back(static_cast<char>(high * 16 + static_cast<int>(digit)));
            high = -1;
        }
    }
    return bytes;
}

inline std::string to_hex(std::string_view bytes) {
    std::string text;
    for (const char c : bytes)
        text += fmt::format("{}{:02X}", text.empty() ? "" : " ", static_cast<unsigned char>(c));
    return text;
}

}  // namespace hw::iec104

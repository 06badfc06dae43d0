#pragma once

#include <string>
#include <string_view>

namespace hw::modbus {

// "01 03 00 6b" as bytes; anything but hexadecimal digits is skipped.
inline std::string hex(std::string_view text) {
    std::string out;
    int half = -1;
    for (const char c : text) {
        int digit = -1;
        if (c >= '0' && c <= '9') digit = c - '0';
        if (c >= 'a' && c <= 'f') digit = c - 'a' + 10;
        if (c >= 'A' && c <= 'F') digit = c - 'A' + 10;
        if (digit < 0) continue;
        if (half < 0) {
            half = digit;
        } else {
            out.push_back(static_cast<char>(half << 4 | digit));
            half = -1;
        }
    }
    return out;
}

}  // namespace hw::modbus

#include "base/base64.h"

#include <fmt/format.h>

#include <cstdint>

namespace hw {

namespace {

constexpr std::string_view alphabet =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

}  // namespace

std::string base64(std::string_view bytes) {
    std::string out;
    out.reserve((bytes.size() + 2) / 3 * 4);
    for (size_t i = 0; i < bytes.size(); i += 3) {
        const size_t count = bytes.size() - i < 3 ? bytes.size() - i : 3;
        uint32_t word = 0;
        for (size_t k = 0; k < 3; ++k)
            word = word << 8 | (k < count ? static_cast<unsigned char>(bytes[i + k]) : 0u);
        for (size_t k = 0; k < 4; ++k)
            out += k <= count ? alphabet[word >> (18 - 6 * k) & 63] : '=';
    }
    return out;
}

Result<std::string> from_base64(std::string_view text) {
    std::string_view digits = text;
    for (int padding = 0; padding < 2 && digits.ends_with('='); ++padding)
        digits.remove_suffix(1);
    if (digits.size() % 4 == 1)
        return fail(ErrorCode::invalid_argument,
                    fmt::format("base64 cannot have {} digits", digits.size()));
    std::string out;
    out.reserve(digits.size() / 4 * 3 + 2);
    uint32_t word = 0;
    unsigned bits = 0;
    for (size_t i = 0; i < digits.size(); ++i) {
        const size_t value = alphabet.find(digits[i]);
        if (value == std::string_view::npos)
            return fail(ErrorCode::invalid_argument,
                        fmt::format("not base64: character {} is none of its 64 digits", i + 1));
        word = word << 6 | static_cast<uint32_t>(value);
        bits += 6;
        if (bits >= 8) {
            bits -= 8;
            out += static_cast<char>(word >> bits & 0xff);
        }
    }
    return out;
}

}  // namespace hw

#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace hw::sql {

// The value of a digit in any case; -1: it is none.
int hex_digit(char c);

enum class HexCase : uint8_t { lower, upper };
void append_hex(std::string& out, std::string_view bytes, HexCase letters);
// Digits in any case, an even number of them; nullopt: it is none.
std::optional<std::string> from_hex(std::string_view digits);

}  // namespace hw::sql

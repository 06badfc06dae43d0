#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace hw::sql {

// Texts as Unicode code points in UTF-8. A byte that is no UTF-8 counts as one character, so that
// any bytes have a length and nothing reads beyond the end.

bool is_utf8(std::string_view bytes);

// The first character and its bytes; the text is not empty. A broken byte is U+FFFD of 1 byte.
struct Character {
    char32_t code;
    size_t bytes;
};
Character first_character(std::string_view text);
void append_character(std::string& out, char32_t code);  // at most U+10FFFF, no surrogate

size_t count_characters(std::string_view text);
// The first `count` characters, fewer where there are not so many.
std::string_view first_characters(std::string_view text, size_t count);
std::string_view without_first(std::string_view text, size_t count);

// Unicode's simple case mapping, one character to one.
std::string to_upper(std::string_view text);
std::string to_lower(std::string_view text);

bool is_space(char32_t code);  // Unicode's White_Space
std::string_view trim_front(std::string_view text);
std::string_view trim_back(std::string_view text);
// Any of `characters` instead of white space.
std::string_view trim_front(std::string_view text, std::string_view characters);
std::string_view trim_back(std::string_view text, std::string_view characters);

}  // namespace hw::sql

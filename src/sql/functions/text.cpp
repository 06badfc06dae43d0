#include "sql/functions/text.h"

#include <locale.h>
#include <wctype.h>

#include <algorithm>
#include <iterator>

#include "base/assert.h"

namespace hw::sql {

namespace {

constexpr char32_t replacement = 0xfffd;

uint8_t byte(std::string_view text, size_t i) {
    return static_cast<uint8_t>(text[i]);
}

// The bytes of the character that starts so, 0 where none does.
size_t sequence_length(uint8_t first) {
    if (first < 0x80) return 1;
    if (first < 0xc2) return 0;
    if (first < 0xe0) return 2;
    if (first < 0xf0) return 3;
    return first < 0xf5 ? 4 : 0;
}

// Whether the code is written in its shortest form and is a character.
bool is_code(char32_t code, size_t bytes) {
    if (bytes == 3) return code >= 0x800 && (code < 0xd800 || code > 0xdfff);
    return bytes != 4 || (code >= 0x10000 && code <= 0x10ffff);
}

// The character before the end and its bytes.
Character last_character(std::string_view text) {
    for (size_t bytes = 1; bytes <= std::min<size_t>(4, text.size()); ++bytes) {
        const Character last = first_character(text.substr(text.size() - bytes));
        if (last.bytes == bytes && (bytes > 1 || last.code != replacement)) return last;
    }
    return {replacement, 1};
}

// Of the C library, for all of Unicode whatever the process's locale is. Never freed.
locale_t unicode() {
    static const locale_t made = newlocale(LC_CTYPE_MASK, "C.UTF-8", nullptr);
    return made;
}

template <class Map>
std::string map_characters(std::string_view text, Map map) {
    std::string out;
    out.reserve(text.size());
    while (!text.empty()) {
        const Character next = first_character(text);
        if (next.code == replacement)
            out += text.substr(0, next.bytes);
        else
            append_character(out, static_cast<char32_t>(map(next.code)));
        text.remove_prefix(next.bytes);
    }
    return out;
}

bool is_ascii(std::string_view text) {
    return std::ranges::all_of(text, [](char c) { return static_cast<uint8_t>(c) < 0x80; });
}

bool contains(std::string_view characters, char32_t code) {
    while (!characters.empty()) {
        const Character next = first_character(characters);
        if (next.code == code) return true;
        characters.remove_prefix(next.bytes);
    }
    return false;
}

template <class Test>
std::string_view drop_front(std::string_view text, Test drops) {
    while (!text.empty()) {
        const Character next = first_character(text);
        if (!drops(next.code)) break;
        text.remove_prefix(next.bytes);
    }
    return text;
}

template <class Test>
std::string_view drop_back(std::string_view text, Test drops) {
    while (!text.empty()) {
        const Character last = last_character(text);
        if (!drops(last.code)) break;
        text.remove_suffix(last.bytes);
    }
    return text;
}

}  // namespace

Character first_character(std::string_view text) {
    HW_ASSERT(!text.empty());
    const uint8_t first = byte(text, 0);
    const size_t bytes = sequence_length(first);
    if (bytes == 1) return {first, 1};
    if (bytes == 0 || bytes > text.size()) return {replacement, 1};
    char32_t code = first & (0xffu >> (bytes + 1));
    for (size_t i = 1; i < bytes; ++i) {
        if ((byte(text, i) & 0xc0) != 0x80) return {replacement, 1};
        code = code << 6 | (byte(text, i) & 0x3fu);
    }
    return is_code(code, bytes) ? Character{code, bytes} : Character{replacement, 1};
}

bool is_utf8(std::string_view bytes) {
    while (!bytes.empty()) {
        const Character next = first_character(bytes);
        if (next.code == replacement && next.bytes == 1) return false;
        bytes.remove_prefix(next.bytes);
    }
    return true;
}

void append_character(std::string& out, char32_t code) {
    HW_ASSERT(code <= 0x10ffff && (code < 0xd800 || code > 0xdfff));
    if (code < 0x80) {
        out += static_cast<char>(code);
    } else if (code < 0x800) {
        out += static_cast<char>(0xc0 | code >> 6);
        out += static_cast<char>(0x80 | (code & 0x3f));
    } else if (code < 0x10000) {
        out += static_cast<char>(0xe0 | code >> 12);
        out += static_cast<char>(0x80 | (code >> 6 & 0x3f));
        out += static_cast<char>(0x80 | (code & 0x3f));
    } else {
        out += static_cast<char>(0xf0 | code >> 18);
        out += static_cast<char>(0x80 | (code >> 12 & 0x3f));
        out += static_cast<char>(0x80 | (code >> 6 & 0x3f));
        out += static_cast<char>(0x80 | (code & 0x3f));
    }
}

size_t count_characters(std::string_view text) {
    size_t count = 0;
    for (; !text.empty(); ++count)
        text.remove_prefix(first_character(text).bytes);
    return count;
}

std::string_view first_characters(std::string_view text, size_t count) {
    return text.substr(0, text.size() - without_first(text, count).size());
}

std::string_view without_first(std::string_view text, size_t count) {
    for (; count > 0 && !text.empty(); --count)
        text.remove_prefix(first_character(text).bytes);
    return text;
}

std::string to_upper(std::string_view text) {
    if (!is_ascii(text))
        return map_characters(text, [](char32_t c) { return towupper_l(c, unicode()); });
    std::string out(text);
    for (char& c : out)
        if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 'a' + 'A');
    return out;
}

std::string to_lower(std::string_view text) {
    if (!is_ascii(text))
        return map_characters(text, [](char32_t c) { return towlower_l(c, unicode()); });
    std::string out(text);
    for (char& c : out)
        if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
    return out;
}

bool is_space(char32_t code) {
    if (code <= 0x20) return code == 0x20 || (code >= 9 && code <= 13);
    constexpr char32_t others[] = {0x85, 0xa0, 0x1680, 0x2028, 0x2029, 0x202f, 0x205f, 0x3000};
    return (code >= 0x2000 && code <= 0x200a) ||
           std::ranges::find(others, code) != std::end(others);
}

std::string_view trim_front(std::string_view text) {
    return drop_front(text, is_space);
}

std::string_view trim_back(std::string_view text) {
    return drop_back(text, is_space);
}

std::string_view trim_front(std::string_view text, std::string_view characters) {
    return drop_front(text, [&](char32_t code) { return contains(characters, code); });
}

std::string_view trim_back(std::string_view text, std::string_view characters) {
    return drop_back(text, [&](char32_t code) { return contains(characters, code); });
}

}  // namespace hw::sql

#include "base/json_writer.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>

#include "base/assert.h"
#include "base/utf8.h"

namespace hw {

namespace {

constexpr unsigned levels_limit = 64;

// 0: copy; 'u': as \u00XX; 0x80: look closer; others: the letter after the backslash.
constexpr auto escapes = [] {
    std::array<unsigned char, 256> table{};
    for (size_t i = 0; i < 0x20; ++i)
        table[i] = 'u';
    for (size_t i = 0x80; i < 0x100; ++i)
        table[i] = 0x80;
    table['\b'] = 'b';
    table['\t'] = 't';
    table['\n'] = 'n';
    table['\f'] = 'f';
    table['\r'] = 'r';
    table['"'] = '"';
    table['\\'] = '\\';
    table[0x7f] = 'u';
    return table;
}();

template <class T>
void append_number(std::string& out, T value) {
    std::array<char, 32> buffer;
    const auto end = std::to_chars(buffer.data(), buffer.data() + buffer.size(), value).ptr;
    out.append(buffer.data(), end);
}

}  // namespace

void append_json_string(std::string& out, std::string_view text) {
    out += '"';
    size_t from = 0;
    for (size_t i = 0; i < text.size();) {
        const auto byte = static_cast<unsigned char>(text[i]);
        const unsigned char escape = escapes[byte];
        if (escape == 0) [[likely]] {
            ++i;
            continue;
        }
        if (escape == 0x80) {
            if (const size_t length = utf8_sequence(text.substr(i)); length != 0) {
                i += length;
                continue;
            }
        }
        out.append(text, from, i - from);
        if (escape == 0x80) {
            out += "\\ufffd";
        } else if (escape == 'u') {
            constexpr std::string_view digits = "0123456789abcdef";
            out += "\\u00";
            out += digits[byte >> 4];
            out += digits[byte & 15];
        } else {
            out += '\\';
            out += static_cast<char>(escape);
        }
        from = ++i;
    }
    out.append(text, from);
    out += '"';
}

void append_json_double(std::string& out, double value) {
    if (!std::isfinite(value)) {
        out += "null";
        return;
    }
    char text[32];
    char* end = std::to_chars(text, text + sizeof(text), value).ptr;
    const bool whole = std::none_of(text, end, [](char c) { return c == '.' || c == 'e'; });
    out.append(text, static_cast<size_t>(end - text));
    if (whole) out += ".0";
}

void JsonWriter::separate() {
    if (after_key_) {
        after_key_ = false;
        return;
    }
    const uint64_t bit = uint64_t{1} << (depth_ & 63);
    if ((started_ & bit) != 0) out_ += ',';
    started_ |= bit;
}

void JsonWriter::begin(char bracket) {
    HW_ASSERT(depth_ + 1 < levels_limit);
    separate();
    out_ += bracket;
    ++depth_;
    started_ &= ~(uint64_t{1} << depth_);
}

void JsonWriter::end(char bracket) {
    HW_ASSERT(depth_ > 0 && !after_key_);
    --depth_;
    out_ += bracket;
}

void JsonWriter::key(std::string_view name) {
    HW_ASSERT(depth_ > 0 && !after_key_);
    separate();
    append_json_string(out_, name);
    out_ += ':';
    after_key_ = true;
}

void JsonWriter::value(std::string_view text) {
    separate();
    append_json_string(out_, text);
}

void JsonWriter::value(Time time) {
    separate();
    std::array<char, 30> buffer;
    out_ += '"';
    out_.append(buffer.data(), format_rfc3339(time, buffer.data()));
    out_ += '"';
}

void JsonWriter::raw(std::string_view json) {
    separate();
    out_ += json;
}

void JsonWriter::signed_number(int64_t number) {
    separate();
    append_number(out_, number);
}

void JsonWriter::unsigned_number(uint64_t number) {
    separate();
    append_number(out_, number);
}

void JsonWriter::number_value(double number) {
    separate();
    append_json_double(out_, number);
}

}  // namespace hw

#include "model/point_path.h"

#include <fmt/format.h>

#include <cstdint>
#include <cstring>

namespace hw::model {

namespace {

constexpr size_t shown_bytes_limit = 128;

// Length of the well-formed sequence of two to four bytes at the front, or 0 (Unicode 15, table
// 3-7: no overlong forms, no surrogates, nothing above U+10FFFF).
size_t multibyte_length(const unsigned char* at, size_t left) {
    const auto continues = [&](size_t i) { return (at[i] & 0xc0) == 0x80; };
    const unsigned char lead = at[0];
    if (lead < 0xc2) return 0;
    if (lead < 0xe0) return left >= 2 && continues(1) ? 2 : 0;
    if (lead < 0xf0) {
        if (left < 3 || !continues(1) || !continues(2)) return 0;
        if (lead == 0xe0 && at[1] < 0xa0) return 0;
        if (lead == 0xed && at[1] > 0x9f) return 0;
        return 3;
    }
    if (lead > 0xf4 || left < 4 || !continues(1) || !continues(2) || !continues(3)) return 0;
    if (lead == 0xf0 && at[1] < 0x90) return 0;
    if (lead == 0xf4 && at[1] > 0x8f) return 0;
    return 4;
}

std::unexpected<Error> refuse(std::string_view what, std::string_view text, std::string_view why) {
    return fail(ErrorCode::invalid_argument,
                fmt::format("{} '{}' {}", what, printable(text.substr(0, shown_bytes_limit)), why));
}

// What topic names and filters have in common.
Result<void> check_form(std::string_view what, std::string_view text) {
    if (text.empty()) return refuse(what, text, "is empty");
    if (text.size() > path_bytes_limit)
        return refuse(
            what, text,
            fmt::format("has {} bytes, at most {} are allowed", text.size(), path_bytes_limit));
    if (!is_mqtt_text(text)) return refuse(what, text, "is not UTF-8 without U+0000");
    size_t levels = 1;
    for (const char c : text)
        levels += c == '/';
    if (levels > levels_limit)
        return refuse(what, text,
                      fmt::format("has {} levels, at most {} are allowed", levels, levels_limit));
    return {};
}

}  // namespace

std::string printable(std::string_view text) {
    std::string out;
    for (const char c : text) {
        const auto byte = static_cast<unsigned char>(c);
        if (byte < 0x20 || byte >= 0x7f) {
            out += fmt::format("\\x{:02x}", byte);
        } else {
            out += c;
        }
    }
    return out;
}

bool is_utf8(std::string_view text) {
    const auto* at = reinterpret_cast<const unsigned char*>(text.data());
    const auto* const end = at + text.size();
    while (at != end) {
        // Topics and payloads are nearly all ASCII: eight bytes a step.
        uint64_t word = 0;
        while (end - at >= 8) {
            std::memcpy(&word, at, 8);
            if ((word & 0x8080'8080'8080'8080) != 0) break;
            at += 8;
        }
        if (at == end) return true;
        if (*at < 0x80) {
            ++at;
            continue;
        }
        const size_t length = multibyte_length(at, static_cast<size_t>(end - at));
        if (length == 0) return false;
        at += length;
    }
    return true;
}

bool is_mqtt_text(std::string_view text) {
    return text.find('\0') == text.npos && is_utf8(text);
}

Result<void> check_point_path(std::string_view path) {
    if (auto form = check_form("topic", path); !form) return form;
    if (path.find_first_of("+#") != path.npos)
        return refuse("topic", path, "has a wildcard; '+' and '#' belong in filters only");
    return {};
}

Result<void> check_filter(std::string_view filter) {
    if (auto form = check_form("filter", filter); !form) return form;
    for (size_t at = filter.find_first_of("+#"); at != filter.npos;
         at = filter.find_first_of("+#", at + 1)) {
        const bool begins = at == 0 || filter[at - 1] == '/';
        const bool ends = at + 1 == filter.size() || filter[at + 1] == '/';
        if (!begins || !ends)
            return refuse("filter", filter, "has a wildcard that is not a whole level");
        if (filter[at] == '#' && at + 1 != filter.size())
            return refuse("filter", filter, "has levels after '#'");
    }
    return {};
}

bool matches(std::string_view filter, std::string_view topic) {
    if (topic.starts_with('$') && (filter.starts_with('+') || filter.starts_with('#')))
        return false;
    size_t f = 0;
    size_t t = 0;
    for (;;) {
        // Both stand at the begin of a level.
        if (f < filter.size() && filter[f] == '#') return true;
        if (f < filter.size() && filter[f] == '+') {
            ++f;
            while (t < topic.size() && topic[t] != '/')
                ++t;
        } else {
            while (f < filter.size() && t < topic.size() && filter[f] == topic[t] &&
                   filter[f] != '/') {
                ++f;
                ++t;
            }
        }
        if (t == topic.size()) return f == filter.size() || filter.substr(f) == "/#";
        if (f == filter.size() || filter[f] != '/' || topic[t] != '/') return false;
        ++f;
        ++t;
    }
}

}  // namespace hw::model

#include "base/config_text.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>

namespace hw {

namespace {

struct ByteUnit {
    std::string_view name;
    uint64_t bytes;
};

// Largest first.
constexpr std::array<ByteUnit, 9> byte_units = {{{"TiB", uint64_t{1} << 40},
                                                 {"TB", 1'000'000'000'000},
                                                 {"GiB", uint64_t{1} << 30},
                                                 {"GB", 1'000'000'000},
                                                 {"MiB", uint64_t{1} << 20},
                                                 {"MB", 1'000'000},
                                                 {"KiB", uint64_t{1} << 10},
                                                 {"kB", 1'000},
                                                 {"", 1}}};

std::unexpected<Error> refuse(const Property& property, std::string_view text,
                              std::string_view why) {
    return fail(ErrorCode::invalid_argument, fmt::format("{} = '{}' {}", property.key, text, why));
}

template <class T>
bool parse_whole(std::string_view text, T& value) {
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    return error == std::errc() && end == text.data() + text.size();
}

bool has_bounds(const Property& property) {
    return property.least <= property.most && (property.least != 0 || property.most != 0);
}

// A bound as people would write the value.
std::string bound_text(PropertyType type, double bound) {
    if (type == PropertyType::duration) return format_duration({static_cast<int64_t>(bound * 1e9)});
    if (type == PropertyType::bytes) return format_bytes(static_cast<uint64_t>(bound));
    return fmt::format("{}", bound);
}

Result<void> check_bounds(const Property& property, std::string_view text, double value) {
    if (!has_bounds(property) || (value >= property.least && value <= property.most)) return {};
    return refuse(property, text,
                  fmt::format("is out of bounds; it can be {} to {}",
                              bound_text(property.type, property.least),
                              bound_text(property.type, property.most)));
}

Result<void> check_choices(const Property& property, std::string_view text) {
    if (property.choices.empty()) return {};
    std::vector<std::string> choices;
    for (std::string_view rest = property.choices;;) {
        const size_t bar = rest.find('|');
        choices.emplace_back(rest.substr(0, bar));
        if (choices.back() == text) return {};
        if (bar == rest.npos) break;
        rest.remove_prefix(bar + 1);
    }
    return refuse(
        property, text,
        fmt::format("is not one of {}{}", fmt::join(choices, ", "), did_you_mean(text, choices)));
}

Result<void> check_number(const Property& property, std::string_view text) {
    if (property.type == PropertyType::integer) {
        int64_t value = 0;
        if (!parse_whole(text, value)) return refuse(property, text, "is not a whole number");
        return check_bounds(property, text, static_cast<double>(value));
    }
    double value = 0;
    if (!parse_whole(text, value) || !std::isfinite(value))
        return refuse(property, text, "is not a number");
    return check_bounds(property, text, value);
}

// Optimal string alignment: insertions, deletions, substitutions and swaps of neighbours.
size_t edit_distance(std::string_view a, std::string_view b) {
    std::vector<size_t> before(b.size() + 1), last(b.size() + 1), row(b.size() + 1);
    for (size_t j = 0; j <= b.size(); ++j)
        last[j] = j;
    for (size_t i = 1; i <= a.size(); ++i) {
        row[0] = i;
        for (size_t j = 1; j <= b.size(); ++j) {
            const size_t change = last[j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1);
            row[j] = std::min({last[j] + 1, row[j - 1] + 1, change});
            if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
                row[j] = std::min(row[j], before[j - 2] + 1);
        }
        std::swap(before, last);
        std::swap(last, row);
    }
    return last[b.size()];
}

}  // namespace

std::string join_list(const std::vector<std::string>& elements) {
    std::string text;
    for (size_t i = 0; i < elements.size(); ++i) {
        if (i > 0) text += ',';
        for (const char c : elements[i]) {
            if (c == ',' || c == '\\') text += '\\';
            text += c;
        }
    }
    return text;
}

std::vector<std::string> split_list(std::string_view text) {
    std::vector<std::string> elements;
    if (text.empty()) return elements;
    elements.emplace_back();
    for (size_t i = 0; i < text.size(); ++i) {
        if (text[i] == ',') {
            elements.emplace_back();
        } else {
            if (text[i] == '\\' && i + 1 < text.size()) ++i;
            elements.back() += text[i];
        }
    }
    return elements;
}

Result<void> check_property(const Property& property, std::string_view text) {
    switch (property.type) {
        case PropertyType::boolean:
            if (text == "true" || text == "false") return {};
            return refuse(property, text, "is not true or false");
        case PropertyType::integer:
        case PropertyType::number:
            return check_number(property, text);
        case PropertyType::duration: {
            const auto duration = parse_duration(text);
            if (!duration) return fail(duration.error().within(property.key));
            return check_bounds(property, text, static_cast<double>(duration->ns) * 1e-9);
        }
        case PropertyType::bytes: {
            const auto bytes = parse_bytes(text);
            if (!bytes) return fail(bytes.error().within(property.key));
            return check_bounds(property, text, static_cast<double>(*bytes));
        }
        case PropertyType::text:
            return check_choices(property, text);
        case PropertyType::text_list:
            for (const auto& element : split_list(text))
                HW_TRY(check_choices(property, element));
            return {};
    }
    return {};
}

std::string did_you_mean(std::string_view text, std::span<const std::string> candidates) {
    const auto close = nearest(text, candidates);
    return close ? fmt::format("; did you mean '{}'?", *close) : std::string();
}

Result<uint64_t> parse_bytes(std::string_view text) {
    const size_t digits = std::min(text.find_first_not_of("0123456789"), text.size());
    uint64_t number = 0;
    for (const auto& unit : byte_units) {
        if (text.substr(digits) != unit.name || !parse_whole(text.substr(0, digits), number))
            continue;
        uint64_t bytes = 0;
        if (!__builtin_mul_overflow(number, unit.bytes, &bytes)) return bytes;
        return fail(ErrorCode::invalid_argument,
                    fmt::format("size '{}' is over 16 EiB", text.substr(0, 64)));
    }
    return fail(ErrorCode::invalid_argument,
                fmt::format("size '{}' is not a whole number with an optional unit (kB MB GB TB "
                            "KiB MiB GiB TiB), as in 64MiB",
                            text.substr(0, 64)));
}

std::string format_bytes(uint64_t bytes) {
    for (const auto& unit : byte_units)
        if (bytes != 0 && bytes % unit.bytes == 0)
            return fmt::format("{}{}", bytes / unit.bytes, unit.name);
    return "0";
}

std::optional<std::string> nearest(std::string_view text, std::span<const std::string> candidates) {
    const size_t slips = text.size() < 4 ? 1 : text.size() < 8 ? 2 : 3;
    std::optional<std::string> best;
    size_t best_distance = slips + 1;
    for (const auto& candidate : candidates) {
        if (candidate.size() > text.size() + slips || text.size() > candidate.size() + slips)
            continue;
        const size_t distance = edit_distance(text, candidate);
        if (distance < best_distance) {
            best_distance = distance;
            best = candidate;
        }
    }
    return best;
}

}  // namespace hw

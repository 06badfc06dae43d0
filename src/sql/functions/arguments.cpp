#include "sql/functions/arguments.h"

#include <fmt/format.h>

#include <charconv>
#include <cmath>

#include "sql/functions/text.h"
#include "sql/json.h"

namespace hw::sql {

namespace {

const Datum::Items no_items;

// Doubles from here on do not fit in int64.
constexpr double int64_end = 0x1p63;

bool is_whole(double value) {
    return value >= -int64_end && value < int64_end && value == std::trunc(value);
}

std::string_view with_article(Kind kind) {
    switch (kind) {
        case Kind::null:
            return "null";
        case Kind::boolean:
            return "a boolean";
        case Kind::int64:
            return "an int";
        case Kind::float64:
            return "a float";
        case Kind::time:
            return "a datetime";
        case Kind::text:
            return "a string";
        case Kind::bytes:
            return "a byte string";
        case Kind::array:
            return "an array";
        case Kind::object:
            return "an object";
    }
    HW_ASSERT(false);
}

}  // namespace

std::string shown(const Datum& value) {
    constexpr size_t characters = 40;
    std::string text;
    if (value.kind() == Kind::bytes) {
        text = fmt::format("{} bytes", value.as_text().size());
    } else if (value.is_text()) {
        text = "'" + std::string(first_characters(value.as_text(), characters)) + "'";
    } else {
        text = to_json(value);
        const auto start = first_characters(text, characters);
        if (start.size() < text.size()) text = std::string(start) + "...";
    }
    return text;
}

void append_fixed(std::string& out, double value, int decimals) {
    // The longest double has 309 digits before the point.
    char buffer[600];
    const auto end =
        std::to_chars(buffer, buffer + sizeof buffer, value, std::chars_format::fixed, decimals)
            .ptr;
    std::string_view text(buffer, static_cast<size_t>(end - buffer));
    if (const size_t point = text.find('.'); point != text.npos) {
        const size_t last = text.find_last_not_of('0');
        text = text.substr(0, std::max(last, point + 1) + 1);
    }
    out += text;
}

void append_str(std::string& out, const Datum& value) {
    if (value.kind() == Kind::float64)
        append_fixed(out, value.as_real(), 10);
    else if (!value.is_null())
        append_plain(out, value);
}

Datum Call::fail(std::string_view what) {
    failed_ = true;
    return context_.fail(fmt::format("{}: {}", name_, what));
}

Datum Call::wrong(size_t i, std::string_view expected) {
    const Datum& value = arguments_[i];
    if (value.is_null())
        return fail(fmt::format("argument {} is null, {} is expected", i + 1, expected));
    return fail(fmt::format("argument {} is {} ({}), {} is expected", i + 1,
                            with_article(value.kind()), shown(value), expected));
}

double Call::number(size_t i) {
    if (failed_) return 0;
    const Datum& value = arguments_[i];
    if (value.is_number()) return value.as_number();
    wrong(i, "a number");
    return 0;
}

int64_t Call::integer(size_t i) {
    if (failed_) return 0;
    const Datum& value = arguments_[i];
    if (value.kind() == Kind::int64) return value.as_integer();
    if (value.kind() == Kind::float64 && is_whole(value.as_real()))
        return static_cast<int64_t>(value.as_real());
    wrong(i, "a whole number");
    return 0;
}

int64_t Call::integer(size_t i, int64_t least, int64_t most) {
    const int64_t value = integer(i);
    if (!failed_ && (value < least || value > most)) {
        fail(fmt::format("argument {} is {}, it must be within {} to {}", i + 1, value, least,
                         most));
        return least;
    }
    return failed_ ? least : value;
}

std::string_view Call::owned(std::string text) {
    if (owned_.empty()) owned_.reserve(arguments_.size());
    return owned_.emplace_back(std::move(text));
}

std::string_view Call::text(size_t i) {
    if (failed_) return {};
    const Datum& value = arguments_[i];
    if (value.is_text()) return value.as_text();
    if (value.kind() == Kind::bytes && !is_utf8(value.as_text())) {
        wrong(i, "a string in UTF-8");
        return {};
    }
    return bytes(i);
}

std::string_view Call::bytes(size_t i) {
    if (failed_) return {};
    const Datum& value = arguments_[i];
    switch (value.kind()) {
        case Kind::text:
        case Kind::bytes:
            return value.as_text();
        case Kind::boolean:
        case Kind::int64:
        case Kind::float64:
        case Kind::time: {
            std::string text;
            append_str(text, value);
            return owned(std::move(text));
        }
        default:
            wrong(i, "a string");
            return {};
    }
}

const Datum::Items& Call::array(size_t i) {
    if (failed_) return no_items;
    if (arguments_[i].is_array()) return arguments_[i].items();
    wrong(i, "an array");
    return no_items;
}

const Datum* Call::object(size_t i) {
    if (failed_) return nullptr;
    if (arguments_[i].is_object()) return &arguments_[i];
    wrong(i, "an object");
    return nullptr;
}

Datum Call::real(double value) {
    if (failed_) return {};
    if (std::isnan(value)) return fail("the result is not a number; check the argument's range");
    if (std::isinf(value)) return fail("the result is beyond the range of a float");
    return Datum::real(value);
}

Datum Call::text_of(std::string_view value) {
    if (failed_) return {};
    if (value.size() > text_bytes_limit)
        return fail(fmt::format("the result has {} bytes, at most {} are allowed", value.size(),
                                text_bytes_limit));
    return Datum::text(value);
}

Datum Call::text_or_bytes(std::string_view value) {
    if (failed_) return {};
    return is_utf8(value) ? Datum::text(value) : Datum::bytes(value);
}

}  // namespace hw::sql

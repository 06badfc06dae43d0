#include "gateway/tag_value.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <limits>

namespace hw::gateway {

namespace {

constexpr std::array<double, 18> powers = {1e0, 1e1,  1e2,  1e3,  1e4,  1e5,  1e6,  1e7,  1e8,
                                           1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16, 1e17};

struct Bounds {
    double least;
    double most;  // as doubles; both ends are allowed
};

// What a whole type can hold.
std::optional<Bounds> bounds_of(TagType type) {
    switch (type) {
        case TagType::int8:
            return Bounds{-128, 127};
        case TagType::uint8:
            return Bounds{0, 255};
        case TagType::int16:
            return Bounds{-32768, 32767};
        case TagType::uint16:
        case TagType::word:
            return Bounds{0, 65535};
        case TagType::int32:
            return Bounds{-2147483648.0, 2147483647.0};
        case TagType::uint32:
        case TagType::dword:
            return Bounds{0, 4294967295.0};
        case TagType::int64:
        case TagType::time:
            return Bounds{-0x1p63, 0x1p63};
        case TagType::uint64:
        case TagType::lword:
            return Bounds{0, 0x1p64};
        default:
            return std::nullopt;
    }
}

std::string text_of(const model::Value& value) {
    if (const auto* flag = std::get_if<bool>(&value)) return *flag ? "true" : "false";
    if (const auto* whole = std::get_if<int64_t>(&value)) return fmt::format("{}", *whole);
    if (const auto* number = std::get_if<double>(&value)) return fmt::format("{}", *number);
    if (const auto* text = std::get_if<std::string>(&value))
        return fmt::format("'{}'", std::string_view(*text).substr(0, 60));
    return "bytes";
}

std::optional<double> number_of(const model::Value& value) {
    if (const auto* whole = std::get_if<int64_t>(&value)) return static_cast<double>(*whole);
    if (const auto* number = std::get_if<double>(&value)) return *number;
    if (const auto* flag = std::get_if<bool>(&value)) return *flag ? 1.0 : 0.0;
    return std::nullopt;
}

std::unexpected<Error> wrong_kind(const model::Value& value, TagType type, std::string_view wants) {
    return fail(ErrorCode::invalid_argument, fmt::format("the value {} does not fit type {}; {}",
                                                         text_of(value), to_string(type), wants));
}

}  // namespace

double shortest_double(float value) {
    const auto wide = static_cast<double>(value);
    const double size = std::fabs(wide);
    // Most readings have few decimals: try those first, with the arithmetic exact enough that a
    // hit reads back to the same float.
    if (size < 1e7 && size >= 1e-4) {
        for (size_t places = 0; places <= 6; ++places) {
            const double rounded = std::nearbyint(wide * powers[places]) / powers[places];
            if (static_cast<float>(rounded) == value) return rounded;
        }
    }
    if (!std::isfinite(wide)) return wide;
    char text[32];
    const auto end = std::to_chars(text, text + sizeof(text), value).ptr;
    double result = wide;
    std::from_chars(text, end, result);
    return result;
}

TagValue::TagValue(const TagSpec& spec)
    : type_(spec.type),
      scale_(spec.scale),
      shift_(spec.offset + spec.bias),
      scaled_(spec.scale != 1 || spec.offset + spec.bias != 0),
      rounding_(spec.precision >= 0 ? powers[static_cast<size_t>(std::min(spec.precision, 17))]
                                    : 0),
      deadband_(spec.deadband),
      min_(spec.min),
      max_(spec.max),
      on_change_(spec.access.on_change || spec.deadband > 0 || spec.deadband_percent > 0) {
    if (spec.deadband_percent > 0 && min_ && max_)
        deadband_ = std::max(deadband_, (*max_ - *min_) * spec.deadband_percent / 100);
}

model::Value TagValue::from_raw(const model::Value& raw) const {
    if (!is_numeric(type_)) return raw;
    const auto number = number_of(raw);
    if (!number) return raw;
    if (!scaled_ && std::holds_alternative<int64_t>(raw)) return raw;
    double value = *number;
    if (type_ == TagType::float32) value = shortest_double(static_cast<float>(value));
    if (scaled_) value = value * scale_ + shift_;
    if (rounding_ != 0 && std::fabs(value) < 1e15 / rounding_)
        value = std::nearbyint(value * rounding_) / rounding_;
    return value;
}

bool TagValue::in_range(const model::Value& value) const {
    if (!min_ && !max_) return true;
    const auto number = number_of(value);
    if (!number) return true;
    return !(min_ && *number < *min_) && !(max_ && *number > *max_) && !std::isnan(*number);
}

bool TagValue::changed(const model::Value& last, const model::Value& now) const {
    if (last.index() != now.index()) return true;
    if (deadband_ > 0) {
        const auto a = number_of(last);
        const auto b = number_of(now);
        if (a && b && std::isfinite(*a) && std::isfinite(*b))
            return std::fabs(*a - *b) >= deadband_;
    }
    if (const auto* a = std::get_if<double>(&last)) {
        const double b = std::get<double>(now);
        return std::isnan(*a) ? !std::isnan(b) : *a != b;
    }
    return last != now;
}

Result<model::Value> TagValue::to_raw(const model::Value& value) const {
    switch (type_) {
        case TagType::boolean:
        case TagType::bit: {
            if (std::holds_alternative<bool>(value)) return value;
            const auto number = number_of(value);
            if (number && (*number == 0 || *number == 1)) return model::Value(*number == 1);
            return wrong_kind(value, type_, "write true or false");
        }
        case TagType::string:
        case TagType::date_and_time:
            if (std::holds_alternative<std::string>(value)) return value;
            return wrong_kind(value, type_, "write a text in quotes");
        case TagType::bytes:
            if (const auto* text = std::get_if<std::string>(&value))
                return model::Value(model::Bytes{*text});
            if (std::holds_alternative<model::Bytes>(value)) return value;
            return wrong_kind(value, type_, "write bytes");
        default:
            break;
    }
    const auto number = std::holds_alternative<bool>(value) ? std::nullopt : number_of(value);
    if (!number) return wrong_kind(value, type_, "write a number");
    if (!in_range(value)) {
        const std::string low = min_ ? fmt::format("{}", *min_) : "-inf";
        const std::string high = max_ ? fmt::format("{}", *max_) : "inf";
        return fail(ErrorCode::invalid_argument,
                    fmt::format("the value {} is outside of the tag's range {} to {}; its min and "
                                "max say what may be written",
                                text_of(value), low, high));
    }
    const auto* whole = std::get_if<int64_t>(&value);
    return number_to_raw(*number, whole != nullptr, whole != nullptr ? *whole : 0);
}

Result<model::Value> TagValue::number_to_raw(double number, bool whole, int64_t integer) const {
    const double raw = scaled_ ? (number - shift_) / scale_ : number;
    const auto bounds = bounds_of(type_);
    if (!bounds) {
        if (type_ == TagType::float32 && std::isfinite(raw) &&
            std::fabs(raw) > static_cast<double>(std::numeric_limits<float>::max()))
            return fail(ErrorCode::invalid_argument,
                        fmt::format("the value {} is larger than a float can hold", number));
        return model::Value(raw);
    }
    if (whole && !scaled_) {
        const auto wide = static_cast<double>(integer);
        if (wide >= bounds->least && wide <= bounds->most) return model::Value(integer);
    }
    const double rounded = std::nearbyint(raw);
    // Without scale a fraction would be lost silently.
    if (!scaled_ && rounded != raw)
        return fail(
            ErrorCode::invalid_argument,
            fmt::format("the value {} is not whole, as type {} needs", number, to_string(type_)));
    // 2^63 and 2^64 themselves do not fit.
    const bool wide_type = bounds->most >= 0x1p63;
    if (!(rounded >= bounds->least &&
          (wide_type ? rounded < bounds->most : rounded <= bounds->most)))
        return fail(ErrorCode::invalid_argument,
                    fmt::format("the value {}{} does not fit type {}: {} to {}", number,
                                scaled_ ? fmt::format(" ({} for the device)", rounded) : "",
                                to_string(type_), bounds->least, bounds->most));
    if (rounded >= 0x1p63) return model::Value(rounded);  // a large uint64 travels as a double
    return model::Value(static_cast<int64_t>(rounded));
}

}  // namespace hw::gateway

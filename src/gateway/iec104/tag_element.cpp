#include "gateway/iec104/tag_element.h"

#include <fmt/format.h>

#include <cmath>
#include <limits>
#include <utility>
#include <variant>

#include "base/assert.h"

namespace hw::gateway::iec104 {
namespace {

namespace wire = hw::iec104;

constexpr double full_scale = 32768;

// An element as a number: whole numbers with the width they were sent in.
struct Number {
    bool whole = true;
    int64_t integer = 0;
    unsigned bits = 64;
    double real = 0;
    bool moving = false;  // neither here nor there
};

Number whole(int64_t integer, unsigned bits) {
    return {.integer = integer, .bits = bits, .real = static_cast<double>(integer)};
}

struct NumberOf {
    bool fraction;  // of normalized values

    Number operator()(wire::Single v) const { return whole(v.on ? 1 : 0, 1); }
    Number operator()(wire::DoublePoint v) const {
        Number number = whole(v.state, 2);
        number.moving = v.state == 0 || v.state == 3;
        return number;
    }
    Number operator()(wire::Step v) const {
        Number number = whole(v.value, 8);
        number.moving = v.transient;
        return number;
    }
    Number operator()(wire::Bits v) const { return whole(v.bits, 32); }
    Number operator()(wire::Normalized v) const {
        if (!fraction) return whole(v.raw, 16);
        return {.whole = false, .real = v.raw / full_scale};
    }
    Number operator()(wire::Scaled v) const { return whole(v.value, 16); }
    Number operator()(wire::Short v) const { return {.whole = false, .real = v.value}; }
    Number operator()(wire::Counter v) const { return whole(v.value, 32); }
    Number operator()(wire::PackedSingles v) const { return whole(v.states, 16); }
    Number operator()(wire::Protection v) const { return whole(v.events, 8); }
    template <class Other>
    Number operator()(const Other&) const {
        return {.whole = false, .real = std::numeric_limits<double>::quiet_NaN()};
    }
};

struct Range {
    int64_t least;
    int64_t most;
    unsigned bits;
    bool is_signed;
};

template <class T>
Range range() {
    return {static_cast<int64_t>(std::numeric_limits<T>::min()),
            static_cast<int64_t>(std::numeric_limits<T>::max()), sizeof(T) * 8,
            std::is_signed_v<T>};
}

// nullopt: not a whole number.
std::optional<Range> range_of(TagType type) {
    switch (type) {
        case TagType::int8:
            return range<int8_t>();
        case TagType::uint8:
            return range<uint8_t>();
        case TagType::int16:
            return range<int16_t>();
        case TagType::uint16:
        case TagType::word:
            return range<uint16_t>();
        case TagType::int32:
            return range<int32_t>();
        case TagType::uint32:
        case TagType::dword:
            return range<uint32_t>();
        default:
            return std::nullopt;
    }
}

bool is_truth(TagType type) {
    return type == TagType::boolean || type == TagType::bit;
}

std::unexpected<Error> does_not_fit(double number, TagType type) {
    return fail(ErrorCode::invalid_argument,
                fmt::format("the value {} does not fit into {}; choose a wider type", number,
                            to_string(type)));
}

Result<bool> truth_of(const wire::Object& object, const Number& number,
                      std::optional<uint8_t> bit) {
    if (!bit) {
        // Intermediate and indeterminate are not on.
        if (const auto* state = std::get_if<wire::DoublePoint>(&object.element))
            return state->state == 2;
        return number.real != 0;
    }
    if (!number.whole)
        return fail(ErrorCode::invalid_argument,
                    fmt::format("the object is a floating point number; it has no bit {}", *bit));
    return ((number.integer >> *bit) & 1) != 0;
}

Result<int64_t> whole_of(const Number& number, TagType type) {
    const Range range = *range_of(type);
    int64_t integer = number.integer;
    if (!number.whole) {
        const double rounded = std::round(number.real);
        if (!(rounded >= static_cast<double>(range.least) &&
              rounded <= static_cast<double>(range.most)))
            return does_not_fit(number.real, type);
        return static_cast<int64_t>(rounded);
    }
    // The same bits, read without a sign.
    if (integer < 0 && !range.is_signed && range.bits >= number.bits)
        integer += int64_t{1} << number.bits;
    // And the other way: 32 bits as a signed number.
    if (integer > range.most && range.is_signed && range.bits == number.bits)
        integer -= int64_t{1} << number.bits;
    if (integer < range.least || integer > range.most)
        return does_not_fit(static_cast<double>(integer), type);
    return integer;
}

Result<double> number_of(const model::Value& value) {
    if (const auto* truth = std::get_if<bool>(&value)) return *truth ? 1.0 : 0.0;
    if (const auto* integer = std::get_if<int64_t>(&value)) return static_cast<double>(*integer);
    if (const auto* real = std::get_if<double>(&value)) {
        if (std::isfinite(*real)) return *real;
        return fail(ErrorCode::invalid_argument, "a command takes a finite number");
    }
    return fail(ErrorCode::invalid_argument, "a command takes a number or a truth value");
}

std::unexpected<Error> refused(double number, std::string_view command, std::string_view allowed) {
    return fail(ErrorCode::invalid_argument,
                fmt::format("{} takes {}, not {}", command, allowed, number));
}

Result<int16_t> sixteen_bits(double number, std::string_view command, TagType type) {
    const auto range = range_of(type);
    const bool is_unsigned = range && !range->is_signed;
    const double rounded = std::round(number);
    const double most = is_unsigned ? 65535 : 32767;
    if (rounded < -32768 || rounded > most)
        return refused(number, command, is_unsigned ? "0 to 65535" : "-32768 to 32767");
    return static_cast<int16_t>(static_cast<uint16_t>(static_cast<int32_t>(rounded)));
}

Result<wire::Element> switching(const TagAddress& address, double number, TagType type) {
    wire::Switching element{.qualifier = address.qualifier};
    if (address.command == CommandKind::single) {
        if (number != 0 && number != 1) return refused(number, "a single command", "0 or 1");
        element.state = number == 1 ? 1 : 0;
        return element;
    }
    // 1 is off or lower, 2 is on or higher; a bit says 0 and 1.
    const double state = is_truth(type) ? number + 1 : number;
    if (state != 1 && state != 2)
        return address.command == CommandKind::step
                   ? refused(number, "a step command", "1 (lower) or 2 (higher)")
                   : refused(number, "a double command", "1 (off) or 2 (on)");
    element.state = state == 2 ? 2 : 1;
    return element;
}

}  // namespace

model::Quality quality_of(const wire::Quality& quality) {
    if (quality.invalid) return model::Quality::bad;
    if (quality.blocked) return model::Quality::bad_out_of_service;
    if (quality.not_topical) return model::Quality::uncertain_last_usable;
    if (quality.substituted) return model::Quality::uncertain_substitute;
    if (quality.overflow) return model::Quality::uncertain_engineering_units_exceeded;
    return model::Quality::good;
}

Result<TagReading> read_element(const wire::Object& object, TagType type,
                                std::optional<uint8_t> bit) {
    const bool fraction = type == TagType::float32 || type == TagType::float64;
    const Number number = std::visit(NumberOf{fraction}, object.element);
    TagReading reading;
    reading.quality = quality_of(object.quality);
    if (is_truth(type)) {
        reading.value = HW_TRY(truth_of(object, number, bit));
        if (number.moving && reading.quality == model::Quality::good)
            reading.quality = model::Quality::uncertain;
    } else if (range_of(type)) {
        reading.value = HW_TRY(whole_of(number, type));
    } else {
        reading.value = number.real;
    }
    return reading;
}

Result<wire::Element> command_element(const TagAddress& address, const model::Value& value,
                                      TagType type) {
    const double number = HW_TRY(number_of(value));
    wire::SetPoint set_point{.value = {}, .qualifier = address.qualifier};
    switch (address.command) {
        case CommandKind::single:
        case CommandKind::double_point:
        case CommandKind::step:
            return switching(address, number, type);
        case CommandKind::normalized: {
            if (type != TagType::float32 && type != TagType::float64) {
                set_point.value =
                    wire::Normalized{HW_TRY(sixteen_bits(number, "a normalized set point", type))};
                return set_point;
            }
            if (number < -1 || number > 1)
                return refused(number, "a normalized set point", "-1 to 1");
            const double raw = std::min(std::round(number * full_scale), full_scale - 1);
            set_point.value = wire::Normalized{static_cast<int16_t>(raw)};
            return set_point;
        }
        case CommandKind::scaled:
            set_point.value =
                wire::Scaled{HW_TRY(sixteen_bits(number, "a scaled set point", type))};
            return set_point;
        case CommandKind::short_float:
            if (std::abs(number) > static_cast<double>(std::numeric_limits<float>::max()))
                return refused(number, "a short floating point set point", "up to 3.4e38");
            set_point.value = wire::Short{static_cast<float>(number)};
            return set_point;
        case CommandKind::bits: {
            const double rounded = std::round(number);
            if (rounded < -2147483648.0 || rounded > 4294967295.0)
                return refused(number, "a bitstring command", "32 bits");
            return wire::Bits{static_cast<uint32_t>(static_cast<int64_t>(rounded))};
        }
    }
    HW_UNREACHABLE();
}

wire::TypeId command_type(const TagAddress& address) {
    const auto plain = [&] {
        switch (address.command) {
            case CommandKind::single:
                return wire::TypeId::c_sc_na;
            case CommandKind::double_point:
                return wire::TypeId::c_dc_na;
            case CommandKind::step:
                return wire::TypeId::c_rc_na;
            case CommandKind::normalized:
                return wire::TypeId::c_se_na;
            case CommandKind::scaled:
                return wire::TypeId::c_se_nb;
            case CommandKind::short_float:
                return wire::TypeId::c_se_nc;
            case CommandKind::bits:
                return wire::TypeId::c_bo_na;
        }
        HW_UNREACHABLE();
    }();
    return address.timed ? wire::with_time(plain) : plain;
}

}  // namespace hw::gateway::iec104

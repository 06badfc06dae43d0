#include "wire/modbus/value.h"

#include <fmt/format.h>

#include <array>
#include <cmath>
#include <limits>
#include <utility>

#include "base/assert.h"

namespace hw::modbus {

namespace {

constexpr std::array<std::string_view, 4> area_names = {"coil", "discrete input", "input register",
                                                        "holding register"};
constexpr std::array<std::string_view, 13> kind_names = {
    "bit",   "int8",   "uint8", "int16",  "uint16", "int32", "uint32",
    "int64", "uint64", "float", "double", "string", "bytes"};
constexpr std::array<std::string_view, 4> order_names = {"LL", "LB", "BL", "BB"};

constexpr double two_to_63 = 9223372036854775808.0;

uint8_t byte_at(BytesView bytes, size_t i) {
    return static_cast<uint8_t>(bytes[i]);
}

// The number's bits from 1, 2 or 4 registers.
uint64_t number_bits(BytesView registers, size_t count, ByteOrder order) {
    uint64_t bits = 0;
    for (size_t i = 0; i < count; ++i) {
        const size_t at = 2 * (swaps_registers(order) ? count - 1 - i : i);
        const uint64_t high = byte_at(registers, at);
        const uint64_t low = byte_at(registers, at + 1);
        bits = bits << 16 | (swaps_bytes(order) ? low << 8 | high : high << 8 | low);
    }
    return bits;
}

std::string number_registers(uint64_t bits, size_t count, ByteOrder order) {
    std::string out(2 * count, '\0');
    for (size_t i = 0; i < count; ++i) {
        const auto word = static_cast<uint16_t>(bits >> (16 * (count - 1 - i)));
        const size_t at = 2 * (swaps_registers(order) ? count - 1 - i : i);
        const auto high = static_cast<char>(word >> 8);
        const auto low = static_cast<char>(word);
        out[at] = swaps_bytes(order) ? low : high;
        out[at + 1] = swaps_bytes(order) ? high : low;
    }
    return out;
}

// Where byte i of a text or of bytes lies in its registers.
size_t byte_position(const Field& field, size_t i) {
    if (field.kind == ValueKind::bytes) return swaps_bytes(field.order) ? i ^ 1 : i;
    switch (field.text_order) {
        case TextOrder::h:
            return i;
        case TextOrder::l:
            return i ^ 1;
        case TextOrder::d:
            return 2 * i + 1;
        case TextOrder::e:
            return 2 * i;
    }
    HW_UNREACHABLE();
}

std::string decode_text(const Field& field, BytesView registers) {
    std::string out;
    out.reserve(field.length);
    for (size_t i = 0; i < field.length; ++i) {
        const auto c = static_cast<char>(registers[byte_position(field, i)]);
        if (field.kind == ValueKind::text && c == '\0') break;
        out.push_back(c);
    }
    return out;
}

Result<std::string> encode_text(const Field& field, const Value& value) {
    const auto* text = std::get_if<std::string>(&value);
    if (text == nullptr)
        return fail(ErrorCode::invalid_argument,
                    fmt::format("the tag holds {}; write a text", to_string(field.kind)));
    if (text->size() > field.length)
        return fail(ErrorCode::invalid_argument,
                    fmt::format("{} bytes are more than the tag's {}; shorten the value or raise "
                                "the length in the address",
                                text->size(), field.length));
    std::string out(size_t{2} * register_count(field), '\0');
    for (size_t i = 0; i < text->size(); ++i)
        out[byte_position(field, i)] = (*text)[i];
    return out;
}

struct Range {
    int64_t least;
    uint64_t most;
};

Range range_of(ValueKind kind) {
    switch (kind) {
        case ValueKind::int8:
            return {-128, 127};
        case ValueKind::uint8:
            return {0, 255};
        case ValueKind::int16:
            return {-32'768, 32'767};
        case ValueKind::uint16:
            return {0, 65'535};
        case ValueKind::int32:
            return {std::numeric_limits<int32_t>::min(), 2'147'483'647};
        case ValueKind::uint32:
            return {0, 4'294'967'295};
        case ValueKind::int64:
            return {std::numeric_limits<int64_t>::min(), std::numeric_limits<int64_t>::max()};
        default:
            return {0, std::numeric_limits<uint64_t>::max()};
    }
}

std::unexpected<Error> out_of_range(std::string value, ValueKind kind) {
    const auto range = range_of(kind);
    return fail(ErrorCode::invalid_argument,
                fmt::format("{} is not a whole number from {} to {} ({})", value, range.least,
                            range.most, to_string(kind)));
}

// As two's complement bits, checked against the kind's range.
Result<uint64_t> whole_number(const Value& value, ValueKind kind) {
    const auto range = range_of(kind);
    if (const auto* number = std::get_if<double>(&value)) {
        if (!(*number >= -two_to_63 && *number < 2 * two_to_63) || *number != std::trunc(*number))
            return out_of_range(fmt::format("{}", *number), kind);
        const bool ok = *number < 0 ? *number >= static_cast<double>(range.least)
                                    : static_cast<uint64_t>(*number) <= range.most;
        if (!ok) return out_of_range(fmt::format("{}", *number), kind);
        return *number < 0 ? static_cast<uint64_t>(static_cast<int64_t>(*number))
                           : static_cast<uint64_t>(*number);
    }
    int64_t number = 0;
    if (const auto* integer = std::get_if<int64_t>(&value))
        number = *integer;
    else if (const auto* flag = std::get_if<bool>(&value))
        number = *flag ? 1 : 0;
    else
        return fail(ErrorCode::invalid_argument,
                    fmt::format("the tag holds {}; write a number", to_string(kind)));
    const bool ok =
        number < 0 ? number >= range.least : static_cast<uint64_t>(number) <= range.most;
    if (!ok) return out_of_range(fmt::format("{}", number), kind);
    return static_cast<uint64_t>(number);
}

Result<double> real_number(const Value& value, ValueKind kind) {
    if (const auto* number = std::get_if<double>(&value)) return *number;
    if (const auto* integer = std::get_if<int64_t>(&value)) return static_cast<double>(*integer);
    return fail(ErrorCode::invalid_argument,
                fmt::format("the tag holds {}; write a number", to_string(kind)));
}

}  // namespace

std::string_view to_string(Area area) {
    return area_names[static_cast<size_t>(area)];
}
std::string_view to_string(ValueKind kind) {
    return kind_names[static_cast<size_t>(kind)];
}
std::string_view to_string(ByteOrder order) {
    return order_names[static_cast<size_t>(order)];
}

uint16_t register_count(const Field& field) {
    switch (field.kind) {
        case ValueKind::int32:
        case ValueKind::uint32:
        case ValueKind::float32:
            return 2;
        case ValueKind::int64:
        case ValueKind::uint64:
        case ValueKind::float64:
            return 4;
        case ValueKind::text:
            if (field.text_order == TextOrder::d || field.text_order == TextOrder::e)
                return field.length;
            return static_cast<uint16_t>((field.length + 1) / 2);
        case ValueKind::bytes:
            return static_cast<uint16_t>((field.length + 1) / 2);
        default:
            return 1;
    }
}

Value decode(const Field& field, BytesView registers) {
    const size_t count = register_count(field);
    HW_ASSERT(registers.size() >= 2 * count);
    if (field.kind >= ValueKind::text) return decode_text(field, registers);
    const uint64_t bits = number_bits(registers, count, field.order);
    switch (field.kind) {
        case ValueKind::bit:
            return field.bit < 0 ? bits != 0 : ((bits >> field.bit) & 1) != 0;
        case ValueKind::int8:
            return int64_t{static_cast<int8_t>(bits)};
        case ValueKind::uint8:
            return int64_t{static_cast<uint8_t>(bits)};
        case ValueKind::int16:
            return int64_t{static_cast<int16_t>(bits)};
        case ValueKind::int32:
            return int64_t{static_cast<int32_t>(bits)};
        case ValueKind::float32:
            return static_cast<double>(std::bit_cast<float>(static_cast<uint32_t>(bits)));
        case ValueKind::float64:
            return std::bit_cast<double>(bits);
        case ValueKind::uint64:
            if (bits > static_cast<uint64_t>(std::numeric_limits<int64_t>::max()))
                return static_cast<double>(bits);
            return static_cast<int64_t>(bits);
        default:
            return static_cast<int64_t>(bits);
    }
}

bool packed_bit(BytesView bits, size_t index) {
    HW_ASSERT(index / 8 < bits.size());
    return ((byte_at(bits, index / 8) >> (index % 8)) & 1) != 0;
}

Result<std::string> encode(const Field& field, const Value& value) {
    const size_t count = register_count(field);
    switch (field.kind) {
        case ValueKind::text:
        case ValueKind::bytes:
            return encode_text(field, value);
        case ValueKind::bit:
            HW_ASSERT(field.bit < 0);
            return number_registers(HW_TRY(encode_bit(value)) ? 1 : 0, 1, field.order);
        case ValueKind::int8:
        case ValueKind::uint8:
            return number_registers(HW_TRY(whole_number(value, field.kind)) & 0xff, 1, field.order);
        case ValueKind::float32: {
            const double number = HW_TRY(real_number(value, field.kind));
            if (std::isfinite(number) && std::abs(number) > std::numeric_limits<float>::max())
                return fail(ErrorCode::invalid_argument,
                            fmt::format("{} is beyond the range of a float (3.4e38)", number));
            const auto bits = std::bit_cast<uint32_t>(static_cast<float>(number));
            return number_registers(bits, count, field.order);
        }
        case ValueKind::float64:
            return number_registers(std::bit_cast<uint64_t>(HW_TRY(real_number(value, field.kind))),
                                    count, field.order);
        default:
            return number_registers(HW_TRY(whole_number(value, field.kind)), count, field.order);
    }
}

Result<bool> encode_bit(const Value& value) {
    if (const auto* flag = std::get_if<bool>(&value)) return *flag;
    const auto* integer = std::get_if<int64_t>(&value);
    if (integer != nullptr && (*integer == 0 || *integer == 1)) return *integer == 1;
    const auto* number = std::get_if<double>(&value);
    if (number != nullptr && (*number == 0 || *number == 1)) return *number == 1;
    return fail(ErrorCode::invalid_argument, "a bit is written as true, false, 1 or 0");
}

}  // namespace hw::modbus

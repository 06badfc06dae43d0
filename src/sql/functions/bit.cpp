#include <fmt/format.h>

#include <algorithm>
#include <bit>
#include <cmath>
#include <limits>

#include "sql/functions/arguments.h"
#include "sql/functions/functions.h"
#include "sql/functions/rows.h"

namespace hw::sql {

namespace {

Datum bit_not(Arguments arguments, CallContext& context) {
    Call call("bitnot", arguments, context);
    const int64_t x = call.integer(0);
    return call.failed() ? Datum() : Datum::integer(~x);
}

Datum bit_and(Arguments arguments, CallContext& context) {
    Call call("bitand", arguments, context);
    const int64_t x = call.integer(0);
    const int64_t y = call.integer(1);
    return call.failed() ? Datum() : Datum::integer(x & y);
}

Datum bit_or(Arguments arguments, CallContext& context) {
    Call call("bitor", arguments, context);
    const int64_t x = call.integer(0);
    const int64_t y = call.integer(1);
    return call.failed() ? Datum() : Datum::integer(x | y);
}

Datum bit_xor(Arguments arguments, CallContext& context) {
    Call call("bitxor", arguments, context);
    const int64_t x = call.integer(0);
    const int64_t y = call.integer(1);
    return call.failed() ? Datum() : Datum::integer(x ^ y);
}

// To the left by `count`, to the right where it is below zero.
Datum shifted(Call& call, int64_t x, int64_t count) {
    if (call.failed()) return {};
    if (count == 0) return Datum::integer(x);
    if (count < 0) return Datum::integer(x >> (count < -63 ? 63 : -count));
    const int64_t result = count > 63 ? 0 : static_cast<int64_t>(static_cast<uint64_t>(x) << count);
    if (x != 0 && (count > 63 || result >> count != x))
        return call.fail("the result is beyond the range of an int");
    return Datum::integer(result);
}

Datum shift_left(Arguments arguments, CallContext& context) {
    Call call("bitsl", arguments, context);
    const int64_t x = call.integer(0);
    return shifted(call, x, call.integer(1));
}

Datum shift_right(Arguments arguments, CallContext& context) {
    Call call("bitsr", arguments, context);
    const int64_t x = call.integer(0);
    const int64_t count = call.integer(1);
    return shifted(call, x, count == std::numeric_limits<int64_t>::min() ? 64 : -count);
}

Datum bit_size(Arguments arguments, CallContext& context) {
    Call call("bitsize", arguments, context);
    const auto size = call.bytes(0).size();
    return call.failed() ? Datum() : Datum::integer(static_cast<int64_t>(size) * 8);
}

Datum byte_size(Arguments arguments, CallContext& context) {
    Call call("bytesize", arguments, context);
    const auto size = call.bytes(0).size();
    return call.failed() ? Datum() : Datum::integer(static_cast<int64_t>(size));
}

// `count` bits of `bytes` from bit `begin` on, all within.
struct Bits {
    std::string_view bytes;
    size_t begin;
    size_t count;

    // The bits from `first` on, most significant first; at most 64.
    uint64_t number(size_t first, size_t size) const {
        uint64_t value = 0;
        for (size_t i = begin + first; i < begin + first + size; ++i)
            value = value << 1 | (static_cast<uint8_t>(bytes[i / 8]) >> (7 - i % 8) & 1u);
        return value;
    }
    uint64_t big() const { return number(0, count); }
    // Byte by byte, the least significant first; bits beyond whole bytes are the most significant.
    uint64_t little() const {
        uint64_t value = 0;
        for (size_t first = 0; first < count; first += 8)
            value |= number(first, std::min<size_t>(8, count - first)) << first;
        return value;
    }
};

Datum as_integer(Call& call, const Bits& bits, bool is_signed, bool little) {
    if (bits.count > 64)
        return call.fail(
            fmt::format("an integer of {} bits, at most 64 are possible; take fewer", bits.count));
    const uint64_t value = little ? bits.little() : bits.big();
    if (is_signed) {
        const size_t unused = 64 - bits.count;
        if (bits.count == 0) return Datum::integer(0);
        return Datum::integer(static_cast<int64_t>(value << unused) >> unused);
    }
    if (value > static_cast<uint64_t>(std::numeric_limits<int64_t>::max()))
        return Datum::real(static_cast<double>(value));
    return Datum::integer(static_cast<int64_t>(value));
}

// IEEE 754's half precision.
double from_half(uint16_t half) {
    const int exponent = half >> 10 & 0x1f;
    const int fraction = half & 0x3ff;
    double value = 0;
    if (exponent == 0x1f)
        value = fraction == 0 ? std::numeric_limits<double>::infinity() : std::nan("");
    else if (exponent == 0)
        value = std::ldexp(fraction, -24);
    else
        value = std::ldexp(fraction + 0x400, exponent - 25);
    return half & 0x8000 ? -value : value;
}

Datum as_float(Call& call, const Bits& bits, bool little) {
    if (bits.count != 16 && bits.count != 32 && bits.count != 64)
        return call.fail(fmt::format("a float of {} bits; 16, 32 or 64 are possible", bits.count));
    const uint64_t value = little ? bits.little() : bits.big();
    if (bits.count == 16) return call.real(from_half(static_cast<uint16_t>(value)));
    if (bits.count == 32)
        return call.real(static_cast<double>(std::bit_cast<float>(static_cast<uint32_t>(value))));
    return call.real(std::bit_cast<double>(value));
}

// Whole bytes, with zero bits before where the count does not come out even.
Datum as_bytes(const Bits& bits) {
    std::string out;
    size_t first = bits.count % 8;
    if (first > 0) out += static_cast<char>(bits.number(0, first));
    for (; first < bits.count; first += 8)
        out += static_cast<char>(bits.number(first, 8));
    return Datum::bytes(out);
}

// Which of two words the argument is, the first where it is not given.
bool is_second(Call& call, size_t i, std::string_view first, std::string_view second) {
    if (!call.has(i)) return false;
    const auto word = call.text(i);
    if (!call.failed() && word != first && word != second)
        call.wrong(i, fmt::format("'{}' or '{}'", first, second));
    return word == second;
}

Datum sub_bits(Arguments arguments, CallContext& context) {
    Call call("subbits", arguments, context);
    const auto bytes = call.bytes(0);
    const bool has_start = call.has(2);
    const int64_t start = has_start ? call.integer(1) : 1;
    const int64_t length = call.integer(has_start ? 2 : 1);
    const auto type = call.has(3) ? call.text(3) : "integer";
    const bool is_signed = is_second(call, 4, "unsigned", "signed");
    const bool little = is_second(call, 5, "big", "little");
    if (call.failed()) return {};
    if (length < 0) return call.wrong(has_start ? 2 : 1, "a length that is not below zero");
    const auto all = static_cast<int64_t>(bytes.size()) * 8;
    if (start < 1 || start > all) return {};
    const Bits bits{bytes, static_cast<size_t>(start - 1),
                    static_cast<size_t>(std::min(length, all - start + 1))};
    if (type == "integer") return as_integer(call, bits, is_signed, little);
    if (type == "float") return as_float(call, bits, little);
    if (type == "bits") return as_bytes(bits);
    return call.wrong(3, "'integer', 'float' or 'bits'");
}

constexpr Rows both{"bit", "EMQX, eKuiper"};
constexpr Rows emqx{"bit", "EMQX"};
constexpr Rows binary{"binary", "EMQX"};

constexpr Function functions[] = {
    both("bitand(x, y)", {2, 2}, bit_and, "The bits that both ints have.", "bitand(10, 8)", "8"),
    both("bitnot(x)", {1, 1}, bit_not, "All bits of an int turned over.", "bitnot(10)", "-11"),
    both("bitor(x, y)", {2, 2}, bit_or, "The bits that any of the ints has.", "bitor(10, 8)", "10"),
    emqx("bitsl(x, count)", {2, 2}, shift_left,
         "The bits of an int moved to the left, zeros coming in; fails where bits would be lost. "
         "A count below zero moves to the right.",
         "bitsl(8, 2)", "32"),
    emqx("bitsr(x, count)", {2, 2}, shift_right,
         "The bits of an int moved to the right, the sign's bit coming in. A count below zero "
         "moves to the left.",
         "bitsr(-8, 2)", "-2"),
    both("bitxor(x, y)", {2, 2}, bit_xor, "The bits that one of the ints has.", "bitxor(10, 8)",
         "2"),
    binary("bitsize(bytes)", {1, 1}, bit_size, "The number of bits of a string or of bytes.",
           "bitsize('abc')", "24"),
    binary("bytesize(bytes)", {1, 1}, byte_size, "The number of bytes of a string or of bytes.",
           "bytesize('你好')", "6"),
    binary("subbits(bytes [, start], length [, type [, sign [, order]]])", {2, 6}, sub_bits,
           "The bits from `start` (from 1) on as 'integer', 'float' or 'bits'; 'unsigned' or "
           "'signed'; 'big' or 'little'. Null where the start lies outside; where there are fewer "
           "bits than `length`, those. Integers have at most 64 bits, those beyond an int become "
           "floats; floats have 16, 32 or 64 bits; bits come as bytes, with zero bits before where "
           "they are not whole bytes.",
           "subbits(hexstr2bin('9F4E58'), 9, 4)", "4"),
};

}  // namespace

std::span<const Function> bit_functions() {
    return functions;
}

}  // namespace hw::sql

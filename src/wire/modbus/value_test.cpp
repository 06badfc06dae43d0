#include "wire/modbus/value.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "base/random.h"
#include "wire/modbus/test_bytes.h"

namespace hw::modbus {
namespace {

Value read(const Field& field, std::string_view bytes) {
    return decode(field, as_bytes(bytes));
}

std::string written(const Field& field, const Value& value) {
    const auto bytes = encode(field, value);
    EXPECT_TRUE(bytes.has_value()) << (bytes ? "" : bytes.error().text());
    return bytes.value_or("");
}

std::string refusal(const Field& field, const Value& value) {
    const auto bytes = encode(field, value);
    return bytes ? "taken" : bytes.error().text();
}

TEST(ModbusValue, ByteOrdersByteByByte) {
    const Value number = int64_t{0x0A0B0C0D};
    const struct {
        ByteOrder order;
        std::string bytes;
    } cases[] = {{ByteOrder::ll, hex("0A0B 0C0D")},
                 {ByteOrder::lb, hex("0B0A 0D0C")},
                 {ByteOrder::bl, hex("0C0D 0A0B")},
                 {ByteOrder::bb, hex("0D0C 0B0A")}};
    for (const auto& c : cases) {
        const Field field{.kind = ValueKind::uint32, .order = c.order};
        EXPECT_EQ(read(field, c.bytes), number) << to_string(c.order);
        EXPECT_EQ(written(field, number), c.bytes) << to_string(c.order);
    }
}

TEST(ModbusValue, ByteOrdersOfSixtyFourBits) {
    const Value number = int64_t{0x0102030405060708};
    const struct {
        ByteOrder order;
        std::string bytes;
    } cases[] = {{ByteOrder::ll, hex("0102 0304 0506 0708")},
                 {ByteOrder::lb, hex("0201 0403 0605 0807")},
                 {ByteOrder::bl, hex("0708 0506 0304 0102")},
                 {ByteOrder::bb, hex("0807 0605 0403 0201")}};
    for (const auto& c : cases) {
        const Field field{.kind = ValueKind::int64, .order = c.order};
        EXPECT_EQ(read(field, c.bytes), number) << to_string(c.order);
        EXPECT_EQ(written(field, number), c.bytes) << to_string(c.order);
    }
}

TEST(ModbusValue, SixteenBitsAndLess) {
    EXPECT_EQ(read({.kind = ValueKind::int16}, hex("fffe")), Value(int64_t{-2}));
    EXPECT_EQ(read({.kind = ValueKind::uint16}, hex("fffe")), Value(int64_t{65'534}));
    EXPECT_EQ(read({.kind = ValueKind::uint16, .order = ByteOrder::bb}, hex("fffe")),
              Value(int64_t{0xfeff}));
    EXPECT_EQ(read({.kind = ValueKind::int8}, hex("01ff")), Value(int64_t{-1}));
    EXPECT_EQ(read({.kind = ValueKind::uint8}, hex("01ff")), Value(int64_t{255}));
    EXPECT_EQ(read({.kind = ValueKind::uint8, .order = ByteOrder::bb}, hex("01ff")),
              Value(int64_t{1}));
    EXPECT_EQ(written({.kind = ValueKind::int8}, int64_t{-1}), hex("00ff"));
}

TEST(ModbusValue, BitsOfRegisters) {
    Field field{.kind = ValueKind::bit, .bit = 15};
    EXPECT_EQ(read(field, hex("8000")), Value(true));
    EXPECT_EQ(read(field, hex("7fff")), Value(false));
    field.order = ByteOrder::bb;
    EXPECT_EQ(read(field, hex("0080")), Value(true));
    field.bit = -1;
    EXPECT_EQ(read(field, hex("0000")), Value(false));
    EXPECT_EQ(read(field, hex("0100")), Value(true));
    EXPECT_EQ(written({.kind = ValueKind::bit}, true), hex("0001"));
}

TEST(ModbusValue, FloatsAndDoubles) {
    EXPECT_EQ(read({.kind = ValueKind::float32}, hex("42f6e979")), Value(double{123.456F}));
    EXPECT_EQ(written({.kind = ValueKind::float32}, 123.456), hex("42f6e979"));
    EXPECT_EQ(written({.kind = ValueKind::float32, .order = ByteOrder::bl}, 123.456),
              hex("e979 42f6"));
    EXPECT_EQ(read({.kind = ValueKind::float64}, hex("405edd2f1a9fbe77")), Value(123.456));
    EXPECT_EQ(written({.kind = ValueKind::float64}, int64_t{1}), hex("3ff0000000000000"));
    EXPECT_EQ(refusal({.kind = ValueKind::float32}, 1e39),
              "1e+39 is beyond the range of a float (3.4e38)");
}

TEST(ModbusValue, Unsigned64BeyondSigned) {
    EXPECT_EQ(read({.kind = ValueKind::uint64}, hex("ffffffffffffffff")),
              Value(18446744073709551615.0));
    EXPECT_EQ(read({.kind = ValueKind::uint64}, hex("7fffffffffffffff")),
              Value(std::numeric_limits<int64_t>::max()));
    EXPECT_EQ(written({.kind = ValueKind::uint64}, 9223372036854775808.0), hex("8000000000000000"));
    EXPECT_NE(refusal({.kind = ValueKind::uint64}, 18446744073709551616.0), "taken");
}

TEST(ModbusValue, RangesAreChecked) {
    EXPECT_EQ(refusal({.kind = ValueKind::int16}, int64_t{32'768}),
              "32768 is not a whole number from -32768 to 32767 (int16)");
    EXPECT_EQ(refusal({.kind = ValueKind::uint16}, int64_t{-1}),
              "-1 is not a whole number from 0 to 65535 (uint16)");
    EXPECT_EQ(refusal({.kind = ValueKind::uint16}, 1.5),
              "1.5 is not a whole number from 0 to 65535 (uint16)");
    EXPECT_NE(refusal({.kind = ValueKind::int32}, std::nan("")), "taken");
    EXPECT_EQ(written({.kind = ValueKind::int16}, -32'768.0), hex("8000"));
    EXPECT_EQ(refusal({.kind = ValueKind::int16}, std::string("7")),
              "the tag holds int16; write a number");
    EXPECT_EQ(encode_bit(int64_t{2}).error().text(), "a bit is written as true, false, 1 or 0");
}

TEST(ModbusValue, TextInItsFourOrders) {
    Field field{.kind = ValueKind::text, .length = 3};
    const struct {
        TextOrder order;
        std::string bytes;
    } cases[] = {{TextOrder::h, hex("4142 4300")},
                 {TextOrder::l, hex("4241 0043")},
                 {TextOrder::d, hex("0041 0042 0043")},
                 {TextOrder::e, hex("4100 4200 4300")}};
    for (const auto& c : cases) {
        field.text_order = c.order;
        EXPECT_EQ(register_count(field) * 2U, c.bytes.size());
        EXPECT_EQ(read(field, c.bytes), Value("ABC"));
        EXPECT_EQ(written(field, std::string("ABC")), c.bytes);
    }
    field.text_order = TextOrder::h;
    EXPECT_EQ(read(field, hex("4100 4300")), Value("A"));
    EXPECT_EQ(written(field, std::string("A")), hex("4100 0000"));
    EXPECT_NE(refusal(field, std::string("ABCD")).find("4 bytes are more than the tag's 3"),
              std::string::npos);
}

TEST(ModbusValue, BytesKeepZeros) {
    const Field field{.kind = ValueKind::bytes, .length = 4};
    EXPECT_EQ(read(field, hex("00010200")), Value(hex("00010200")));
    const Field swapped{.kind = ValueKind::bytes, .order = ByteOrder::bb, .length = 4};
    EXPECT_EQ(read(swapped, hex("00010203")), Value(hex("01000302")));
    EXPECT_EQ(written(swapped, hex("01000302")), hex("00010203"));
}

TEST(ModbusValue, PackedBits) {
    const auto bits = hex("cd 6b 05");  // the specification's 6.1
    EXPECT_TRUE(packed_bit(as_bytes(bits), 0));
    EXPECT_FALSE(packed_bit(as_bytes(bits), 1));
    EXPECT_TRUE(packed_bit(as_bytes(bits), 18));
}

TEST(ModbusValue, NumbersComeBackInEveryOrder) {
    Random random(7);
    for (int round = 0; round < 2'000; ++round) {
        for (const auto kind : {ValueKind::int8, ValueKind::uint8, ValueKind::int16,
                                ValueKind::uint16, ValueKind::int32, ValueKind::uint32,
                                ValueKind::int64, ValueKind::uint64, ValueKind::float64}) {
            Field field{.kind = kind, .order = static_cast<ByteOrder>(random.below(4))};
            std::string bytes(size_t{2} * register_count(field), '\0');
            for (auto& c : bytes)
                c = static_cast<char>(random.next());
            const auto value = read(field, bytes);
            if (const auto* real = std::get_if<double>(&value)) {
                // A double has too few digits for a uint64, and a NaN is not equal to itself.
                if (kind == ValueKind::uint64 || *real != *real) continue;
            }
            EXPECT_EQ(read(field, written(field, value)), value) << to_string(kind);
        }
    }
}

}  // namespace
}  // namespace hw::modbus

#include "base/decimal.h"

#include <gtest/gtest.h>

#include <charconv>
#include <cmath>
#include <limits>
#include <string>

#include "base/random.h"

namespace hw {
namespace {

using Kind = Decimal::Kind;

void expect_integer(std::string_view text, int64_t value) {
    const Decimal number = scan_decimal(text);
    EXPECT_EQ(number.kind, Kind::integer) << text;
    EXPECT_EQ(number.integer, value) << text;
    EXPECT_EQ(number.length, text.size()) << text;
}

void expect_real(std::string_view text, double value) {
    const Decimal number = scan_decimal(text);
    EXPECT_EQ(number.kind, Kind::real) << text;
    EXPECT_EQ(number.real, value) << text;
    EXPECT_EQ(std::signbit(number.real), std::signbit(value)) << text;
    EXPECT_EQ(number.length, text.size()) << text;
}

TEST(Decimal, ReadsIntegers) {
    expect_integer("0", 0);
    expect_integer("-0", 0);
    expect_integer("+7", 7);
    expect_integer("007", 7);
    expect_integer("32", 32);
    expect_integer("9223372036854775807", std::numeric_limits<int64_t>::max());
    expect_integer("-9223372036854775808", std::numeric_limits<int64_t>::min());
}

TEST(Decimal, IntegersBeyond64BitsAreDoubles) {
    expect_real("9223372036854775808", 9223372036854775808.0);
    expect_real("-9223372036854775809", -9223372036854775808.0);
    expect_real("18446744073709551615", 18446744073709551615.0);
    expect_real("123456789012345678901234567890", 123456789012345678901234567890.0);
}

TEST(Decimal, ReadsReals) {
    expect_real("32.0", 32.0);
    expect_real(".5", 0.5);
    expect_real("5.", 5.0);
    expect_real("-0.0", -0.0);
    expect_real("1e5", 1e5);
    expect_real("1E+5", 1e5);
    expect_real("-2.5e-3", -2.5e-3);
    expect_real("0.1", 0.1);
    expect_real("9007199254740993.0", 9007199254740992.0);
    expect_real("2.2250738585072011e-308", 2.2250738585072011e-308);
    expect_real("0.000000000000000000000000000000000000001", 1e-39);
    expect_real("1.7976931348623157e308", std::numeric_limits<double>::max());
    expect_real("0e999999999999", 0.0);
}

TEST(Decimal, TinyIsZeroAndHugeIsOutOfRange) {
    expect_real("1e-400", 0.0);
    expect_real("-1e-400", -0.0);
    EXPECT_EQ(scan_decimal("1e400").kind, Kind::out_of_range);
    EXPECT_EQ(scan_decimal("-1e99999999999999999999").kind, Kind::out_of_range);
    EXPECT_EQ(scan_decimal(std::string(400, '9')).kind, Kind::out_of_range);
}

TEST(Decimal, StopsWhereTheNumberEnds) {
    EXPECT_EQ(scan_decimal("12i").length, 2U);
    EXPECT_EQ(scan_decimal("1.5,2").length, 3U);
    EXPECT_EQ(scan_decimal("1e").length, 1U);
    EXPECT_EQ(scan_decimal("1e+x").length, 1U);
    EXPECT_EQ(scan_decimal("1.2.3").length, 3U);
    for (const auto* text : {"", "-", "+", ".", "-.", "e5", "x", "- 1", "nan"}) {
        EXPECT_EQ(scan_decimal(text).kind, Kind::none) << text;
        EXPECT_EQ(scan_decimal(text).length, 0U) << text;
    }
}

TEST(Decimal, ReadsBackEveryShortestDouble) {
    Random random(7);
    for (int i = 0; i < 20'000; ++i) {
        const double value = std::bit_cast<double>(random.next());
        if (!std::isfinite(value)) continue;
        char buffer[40];
        const auto end = std::to_chars(buffer, buffer + sizeof(buffer), value).ptr;
        const Decimal number = scan_decimal({buffer, end});
        ASSERT_EQ(number.real, value) << std::string_view(buffer, end);
    }
}

}  // namespace
}  // namespace hw

#include "twin/derive/exact_sum.h"

#include <gtest/gtest.h>

#include <bit>
#include <cmath>
#include <limits>
#include <vector>

#include "base/random.h"

namespace hw::twin {
namespace {

double sum_of(const std::vector<double>& values) {
    ExactSum sum;
    for (const double value : values)
        sum.add(value);
    return sum.value();
}

TEST(ExactSumTest, one_value_is_itself) {
    Random random(1);
    for (int i = 0; i < 200'000; ++i) {
        const auto value = std::bit_cast<double>(random.next());
        if (!std::isfinite(value)) continue;
        ASSERT_EQ(sum_of({value}), value);
        ASSERT_EQ(sum_of({value, value}), value + value);
    }
    for (const double value :
         {0.0, 5e-324, -5e-324, 2.2250738585072014e-308, std::numeric_limits<double>::max(), -1.0})
        EXPECT_EQ(sum_of({value}), value);
}

// Of two values the hardware's sum is the exact one, rounded once.
TEST(ExactSumTest, two_values_round_as_the_machine_rounds) {
    Random random(2);
    for (int i = 0; i < 300'000; ++i) {
        const double a = std::bit_cast<double>(random.next());
        // Exponents near each other, so that something is left to round.
        const uint64_t near = (std::bit_cast<uint64_t>(a) & 0x7ff0000000000000) +
                              ((random.next() % 120) << 52) - (uint64_t{60} << 52);
        const double b = std::bit_cast<double>((near & 0x7ff0000000000000) |
                                               (random.next() & 0x800fffffffffffff));
        if (!std::isfinite(a) || !std::isfinite(b)) continue;
        ASSERT_EQ(sum_of({a, b}), a + b) << a << " " << b;
        ASSERT_EQ(sum_of({b, a}), a + b);
    }
}

TEST(ExactSumTest, nothing_is_lost_beside_large_values) {
    EXPECT_EQ(sum_of({1e300, 1.5, -1e300}), 1.5);
    EXPECT_EQ(sum_of({1e16, 1, 1, -1e16}), 2);
    EXPECT_EQ(sum_of({0.1, 0.1, 0.1, -0.1, -0.1, -0.1}), 0);
    const double most = std::numeric_limits<double>::max();
    EXPECT_EQ(sum_of({most, most, -most}), most);
    EXPECT_EQ(sum_of({most, most}), std::numeric_limits<double>::infinity());
    EXPECT_EQ(sum_of({-most, -most}), -std::numeric_limits<double>::infinity());
    EXPECT_EQ(sum_of({most, 5e-324, -most}), 5e-324);
}

TEST(ExactSumTest, infinities_and_nan_leave_no_trace) {
    const double infinity = std::numeric_limits<double>::infinity();
    ExactSum sum;
    sum.add(2.5);
    sum.add(infinity);
    EXPECT_EQ(sum.value(), infinity);
    sum.add(-infinity);
    EXPECT_TRUE(std::isnan(sum.value()));
    sum.subtract(infinity);
    EXPECT_EQ(sum.value(), -infinity);
    sum.subtract(-infinity);
    EXPECT_EQ(sum.value(), 2.5);
    sum.add(std::nan(""));
    EXPECT_TRUE(std::isnan(sum.value()));
    sum.subtract(std::nan(""));
    EXPECT_EQ(sum.value(), 2.5);
}

TEST(ExactSumTest, integers_are_exact_beside_doubles) {
    ExactSum sum;
    const int64_t most = std::numeric_limits<int64_t>::max();
    sum.add(most);
    int64_t whole = 0;
    ASSERT_TRUE(sum.whole(whole));
    EXPECT_EQ(whole, most);
    sum.add(most);
    EXPECT_FALSE(sum.whole(whole));
    EXPECT_EQ(sum.value(), 18446744073709551614.0);
    sum.add(-18446744073709551616.0);  // 2^64
    EXPECT_EQ(sum.value(), -2);
    sum.subtract(most);
    sum.subtract(most);
    sum.subtract(-18446744073709551616.0);
    EXPECT_EQ(sum.value(), 0);
    sum.add(std::numeric_limits<int64_t>::min());
    sum.add(-0.25);
    sum.subtract(std::numeric_limits<int64_t>::min());
    EXPECT_EQ(sum.value(), -0.25);
}

// Many changes carry from limb to limb; what comes and goes leaves nothing.
TEST(ExactSumTest, changes_do_not_drift) {
    Random random(3);
    std::vector<double> held(64);
    ExactSum sum;
    for (int i = 0; i < 3'000'000; ++i) {
        double& value = held[random.next() % held.size()];
        sum.subtract(value);
        value = std::ldexp(static_cast<double>(random.next() >> 11),
                           static_cast<int>(random.next() % 200) - 150);
        if (random.next() & 1) value = -value;
        sum.add(value);
    }
    EXPECT_EQ(sum.value(), sum_of(held));
    for (const double value : held)
        sum.subtract(value);
    EXPECT_EQ(sum.value(), 0);
    EXPECT_LT(sum.bytes(), 200u);
}

}  // namespace
}  // namespace hw::twin

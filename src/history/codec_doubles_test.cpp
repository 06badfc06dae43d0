#include "history/codec_doubles.h"

#include <gtest/gtest.h>

#include <bit>
#include <charconv>
#include <cmath>
#include <functional>
#include <limits>

#include "base/random.h"
#include "history/codec_decimal.h"

namespace hw::history {
namespace {

constexpr size_t rows = 2'048;

// Bytes a value; the values must come back to the bit.
double cost(const std::vector<double>& values) {
    std::vector<uint64_t> bits;
    for (const double value : values)
        bits.push_back(std::bit_cast<uint64_t>(value));
    IntsPacker packer;
    DoublesPacker doubles;
    std::string out;
    doubles.pack(bits, packer, out);
    ByteReader in(as_bytes(out));
    IntsUnpacker unpacker;
    DoublesUnpacker back;
    std::vector<uint64_t> again(bits.size());
    back.unpack(in, unpacker, again);
    EXPECT_TRUE(!in.failed() && in.at_end());
    EXPECT_EQ(again, bits);
    return static_cast<double>(out.size()) / static_cast<double>(values.size());
}

double cost_of(const std::function<double(Random&)>& draw) {
    Random random(5);
    std::vector<double> values(rows);
    for (double& value : values)
        value = draw(random);
    return cost(values);
}

double measured(Random& random) {
    return std::round((50 + random.normal() * 0.04) * 100) / 100;
}

TEST(decimal, is_found_where_it_is_exact) {
    int64_t integer = 0;
    EXPECT_TRUE(to_decimal(0.1, 10, integer));
    EXPECT_EQ(integer, 1);
    EXPECT_TRUE(to_decimal(-1234.567, 1e3, integer));
    EXPECT_EQ(integer, -1'234'567);
    EXPECT_TRUE(to_decimal(0, 1, integer));
    EXPECT_EQ(to_double(integer), 0);
    EXPECT_FALSE(to_decimal(-0.0, 1, integer));
    EXPECT_FALSE(to_decimal(0.1, 1, integer));
    EXPECT_FALSE(to_decimal(1.0 / 3, 1e15, integer));
    EXPECT_FALSE(to_decimal(0x1p51, 1, integer));
    EXPECT_FALSE(to_decimal(std::numeric_limits<double>::infinity(), 1, integer));
    EXPECT_FALSE(to_decimal(std::nan(""), 1, integer));
}

TEST(decimal, any_text_of_few_digits_is_one) {
    Random random(9);
    for (int i = 0; i < 20'000; ++i) {
        const auto digits = static_cast<int64_t>(random.below(1'000'000'000'000));
        const auto decimals = static_cast<unsigned>(random.below(13));
        const std::string text = std::to_string(digits) + "e-" + std::to_string(decimals);
        double value = 0;
        std::from_chars(text.data(), text.data() + text.size(), value);
        int64_t integer = 0;
        ASSERT_TRUE(to_decimal(value, powers_of_ten[decimals], integer)) << text;
        ASSERT_EQ(integer, digits);
    }
}

TEST(doubles, measurements_cost_their_noise) {
    EXPECT_LT(cost_of(measured), 0.56);
    EXPECT_LT(cost_of([](Random& r) { return std::round(r.normal() * 3) / 100; }), 0.6);
    EXPECT_LT(cost_of([](Random& r) { return std::round(r.normal()) * 1e6; }), 0.45);
}

TEST(doubles, significant_digits_cost_their_noise) {
    const auto six_digits = [](Random& r) {
        const double value = 1 + 0.1 * r.normal();
        const double scale = value < 1 ? 1e6 : 1e5;
        return std::round(value * scale) / scale;
    };
    EXPECT_LT(cost_of(six_digits), 2.5);  // 18.7 bits of noise at six decimals
}

TEST(doubles, singles_cost_no_more_than_their_own_bits) {
    EXPECT_LT(cost_of([](Random& r) { return static_cast<float>(measured(r)); }), 0.56);
    EXPECT_LT(cost_of([](Random& r) { return static_cast<float>(50 + 0.05 * r.normal()); }), 2.1);
}

TEST(doubles, unrounded_noise_costs_the_noise_alone) {
    EXPECT_LT(cost_of([](Random& r) { return 50 + 0.05 * r.normal(); }), 5.7);
    EXPECT_LT(cost_of([](Random& r) { return std::bit_cast<double>(r.next()); }), 8.1);
}

TEST(doubles, missing_values_cost_little) {
    EXPECT_LT(cost_of([](Random& r) { return r.chance(0.1) ? std::nan("") : measured(r); }), 0.65);
}

TEST(doubles, a_form_that_does_not_exist_is_refused) {
    DoublesUnpacker doubles;
    IntsUnpacker ints;
    std::vector<uint64_t> out(1);
    for (const char* head : {"\x13", "\x1e", "\x80", "\x40"}) {
        const std::string bytes = std::string(head) + std::string(8, '\0');
        ByteReader in(as_bytes(bytes));
        doubles.unpack(in, ints, out);
        EXPECT_TRUE(in.failed() || !in.at_end());
    }
}

}  // namespace
}  // namespace hw::history

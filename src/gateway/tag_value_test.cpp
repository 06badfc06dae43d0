#include "gateway/tag_value.h"

#include <gtest/gtest.h>

#include <cmath>

#include "base/random.h"

namespace hw::gateway {
namespace {

TagSpec of(TagType type) {
    TagSpec spec;
    spec.type = type;
    return spec;
}

TEST(ShortestDouble, ReadsBackToTheSameFloat) {
    EXPECT_EQ(shortest_double(12.3f), 12.3);
    EXPECT_EQ(shortest_double(0.1f), 0.1);
    EXPECT_EQ(shortest_double(-1234.5f), -1234.5);
    EXPECT_EQ(shortest_double(1e-20f), 1e-20);
    EXPECT_EQ(shortest_double(3.4e38f), 3.4e38);
    EXPECT_TRUE(std::isnan(shortest_double(NAN)));
    Random random(1);
    for (int i = 0; i < 200'000; ++i) {
        const float value = std::bit_cast<float>(static_cast<uint32_t>(random.next()));
        if (!std::isfinite(value)) continue;
        ASSERT_EQ(static_cast<float>(shortest_double(value)), value);
    }
}

TEST(TagValue, WholeNumbersStayWhole) {
    const TagValue plain(of(TagType::uint16));
    EXPECT_EQ(plain.from_raw(int64_t{65535}), model::Value(int64_t{65535}));
    TagSpec scaled = of(TagType::uint16);
    scaled.scale = 0.5;
    EXPECT_EQ(TagValue(scaled).from_raw(int64_t{3}), model::Value(1.5));
}

TEST(TagValue, WritesAreHeldAgainstTheType) {
    const TagValue byte(of(TagType::uint8));
    EXPECT_EQ(byte.to_raw(int64_t{255}).value(), model::Value(int64_t{255}));
    EXPECT_EQ(byte.to_raw(7.0).value(), model::Value(int64_t{7}));
    EXPECT_FALSE(byte.to_raw(int64_t{256}).has_value());
    EXPECT_FALSE(byte.to_raw(-1.0).has_value());
    EXPECT_FALSE(byte.to_raw(7.5).has_value());
    EXPECT_FALSE(byte.to_raw(NAN).has_value());
    EXPECT_FALSE(byte.to_raw(true).has_value());
    EXPECT_FALSE(byte.to_raw(std::string("7")).has_value());
    const TagValue wide(of(TagType::int64));
    EXPECT_EQ(wide.to_raw(INT64_MAX).value(), model::Value(INT64_MAX));
    EXPECT_FALSE(wide.to_raw(0x1p63).has_value());
    EXPECT_EQ(TagValue(of(TagType::uint64)).to_raw(0x1p63).value(), model::Value(0x1p63));
    EXPECT_FALSE(TagValue(of(TagType::float32)).to_raw(1e39).has_value());
    EXPECT_TRUE(TagValue(of(TagType::float64)).to_raw(1e39).has_value());
    const TagValue bit(of(TagType::bit));
    EXPECT_EQ(bit.to_raw(int64_t{1}).value(), model::Value(true));
    EXPECT_FALSE(bit.to_raw(int64_t{2}).has_value());
    EXPECT_FALSE(TagValue(of(TagType::string)).to_raw(1.0).has_value());
}

TEST(TagValue, ScaleIsUndoneForTheDevice) {
    TagSpec spec = of(TagType::int16);
    spec.scale = 0.01;
    spec.offset = 20;
    spec.bias = -0.5;
    const TagValue rule(spec);
    EXPECT_EQ(rule.from_raw(int64_t{100}), model::Value(20.5));
    EXPECT_EQ(rule.to_raw(20.5).value(), model::Value(int64_t{100}));
    const auto far = rule.to_raw(1000.0);
    ASSERT_FALSE(far.has_value());
    EXPECT_NE(far.error().text().find("98050"), std::string::npos) << far.error().text();
}

TEST(TagValue, ADeadbandInPercentIsOfTheRange) {
    TagSpec spec = of(TagType::float64);
    spec.min = 0;
    spec.max = 200;
    spec.deadband_percent = 1;
    const TagValue rule(spec);
    EXPECT_TRUE(rule.on_change());
    EXPECT_FALSE(rule.changed(10.0, 11.9));
    EXPECT_TRUE(rule.changed(10.0, 12.0));
    EXPECT_TRUE(rule.changed(10.0, NAN));
    EXPECT_FALSE(TagValue(of(TagType::float64)).changed(NAN, NAN));
}

}  // namespace
}  // namespace hw::gateway

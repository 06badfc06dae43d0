#include "model/sample_batch.h"

#include <gtest/gtest.h>

#include <cmath>

namespace hw::model {
namespace {

const PointId point(7);

TEST(SampleBatch, KeepsEveryTypeAsAColumn) {
    SampleBatch batch;
    batch.add_bool(point, Time{1}, true);
    batch.add_int(point, Time{2}, -5, Quality::bad);
    batch.add_double(PointId(8), Time{3}, 0.5);
    batch.add_text(point, Time{4}, "auto");
    batch.add_bytes(point, Time{5}, std::string_view("\0\xff", 2));
    ASSERT_EQ(batch.size(), 5u);
    EXPECT_EQ(batch.sample(0), (Sample{Time{1}, true, Quality::good}));
    EXPECT_EQ(batch.sample(1), (Sample{Time{2}, int64_t{-5}, Quality::bad}));
    EXPECT_EQ(batch.sample(2), (Sample{Time{3}, 0.5, Quality::good}));
    EXPECT_EQ(batch.sample(3), (Sample{Time{4}, std::string("auto"), Quality::good}));
    EXPECT_EQ(batch.sample(4), (Sample{Time{5}, Bytes{std::string("\0\xff", 2)}, Quality::good}));
    EXPECT_EQ(batch.text(3), "auto");
    EXPECT_EQ(batch.points()[2], PointId(8));
    EXPECT_EQ(batch.times_ns()[4], 5);
    EXPECT_EQ(batch.bytes(), 5 * 23 + 6u);
}

TEST(SampleBatch, TakesSamplesAndRows) {
    SampleBatch from;
    from.add_text(point, Time{1}, "first");
    from.add_text(PointId(9), Time{2}, "second", Quality::uncertain);
    SampleBatch batch;
    batch.add_text(point, Time{0}, "zero");
    batch.add_row(from, 1);
    EXPECT_EQ(batch.points()[1], PointId(9));
    EXPECT_EQ(batch.sample(1), from.sample(1));
    for (const Value& value :
         {Value(true), Value(int64_t{4}), Value(2.5), Value(std::string("t")), Value(Bytes{"b"})}) {
        batch.add(point, Sample{Time{3}, value, Quality::bad_timeout});
        EXPECT_EQ(batch.sample(batch.size() - 1), (Sample{Time{3}, value, Quality::bad_timeout}));
        EXPECT_EQ(batch.types().back(), type_of(value));
    }
}

TEST(SampleBatch, KeepsTheBitsOfADouble) {
    SampleBatch batch;
    batch.add_double(point, Time{1}, std::nan("7"));
    batch.add_double(point, Time{1}, -0.0);
    EXPECT_EQ(batch.values()[0], std::bit_cast<uint64_t>(std::nan("7")));
    EXPECT_TRUE(std::signbit(std::get<double>(batch.sample(1).value)));
}

TEST(SampleBatch, TakesBackRows) {
    SampleBatch batch;
    batch.add_int(point, Time{1}, 1);
    batch.add_text(point, Time{2}, "gone");
    batch.truncate(1);
    batch.add_text(point, Time{3}, "kept");
    ASSERT_EQ(batch.size(), 2u);
    EXPECT_EQ(batch.text(1), "kept");
    batch.clear();
    EXPECT_TRUE(batch.empty());
    EXPECT_EQ(batch.bytes(), 0u);
}

TEST(SampleBatch, TextOfANumberIsABug) {
    SampleBatch batch;
    batch.add_int(point, Time{1}, 1);
    EXPECT_DEATH((void)batch.text(0), "BUG");
    EXPECT_DEATH(batch.truncate(2), "BUG");
}

TEST(ValueType, HasTheNamesOfTheApi) {
    EXPECT_EQ(to_string(ValueType::boolean), "bool");
    EXPECT_EQ(to_string(ValueType::int64), "int64");
    EXPECT_EQ(to_string(ValueType::float64), "double");
    EXPECT_EQ(to_string(ValueType::text), "string");
    EXPECT_EQ(to_string(ValueType::bytes), "bytes");
}

}  // namespace
}  // namespace hw::model

#include "wire/sparkplug/value.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>

#include "wire/sparkplug/test_bytes.h"

namespace hw::sparkplug {
namespace {

using testing::HasSubstr;

struct Array {
    const char* name;
    DataType type;
    Value value;
    const char* hex;
};

// The examples of the specification, 6.4.16. It prints the floats' bytes in the other order than it
// demands ("little-endian packed"); here they are as demanded.
const std::vector<Array>& arrays() {
    using Whole = std::vector<int64_t>;
    using Natural = std::vector<uint64_t>;
    static const std::vector<Array> all = {
        {"Int8", DataType::int8_array, Whole{-17, 123}, "ef7b"},
        {"Int16", DataType::int16_array, Whole{-30'000, 30'000}, "d08a3075"},
        {"Int32", DataType::int32_array, Whole{-1, 315'338'746}, "fffffffffaafcb12"},
        {"Int64", DataType::int64_array, Whole{-4270929666821191986, -3601064768563266876},
         "ce0672ac189cbac4c4ba9c18ac7206ce"},
        {"UInt8", DataType::uint8_array, Natural{23, 250}, "17fa"},
        {"UInt16", DataType::uint16_array, Natural{30, 52'360}, "1e0088cc"},
        {"UInt32", DataType::uint32_array, Natural{52, 3'293'969'225}, "3400000049fb55c4"},
        {"UInt64", DataType::uint64_array, Natural{52, 16444743074749521625u},
         "3400000000000000d99e02d1b27637e4"},
        {"Float", DataType::float_array, std::vector<double>{1.23, 89.341}, "a4709d3f98aeb242"},
        {"Double", DataType::double_array, std::vector<double>{12.354213, 1022.9123213},
         "d7a205685bb528408e171c6f4cf78f40"},
        {"Boolean", DataType::boolean_array,
         std::vector<bool>{false, false, true, true, false, true, false, false, true, true, false,
                           true},
         "0c00000034d0"},
        {"String", DataType::string_array, std::vector<std::string>{"ABC", "hello"},
         "4142430068656c6c6f00"},
        {"DateTime", DataType::date_time_array, Natural{1'256'102'875'335, 1'656'107'875'000},
         "c7d0907524010000b8bab89781010000"},
        {"EmptyStrings", DataType::string_array, std::vector<std::string>{}, ""},
        {"NoFlags", DataType::boolean_array, std::vector<bool>{}, "00000000"},
    };
    return all;
}

class EachArray : public testing::TestWithParam<Array> {};
INSTANTIATE_TEST_SUITE_P(Value, EachArray, testing::ValuesIn(arrays()),
                         [](const auto& one) { return one.param.name; });

TEST_P(EachArray, is_read_and_written_as_specified) {
    const Array& one = GetParam();
    const auto value = read_value(one.type, Bytes{test::from_hex(one.hex)});
    ASSERT_TRUE(value.has_value()) << value.error().text();
    EXPECT_EQ(*value, one.value);
    const auto wire = write_value(one.type, one.value);
    ASSERT_TRUE(wire.has_value()) << wire.error().text();
    EXPECT_EQ(test::to_hex(std::get<Bytes>(*wire).data), one.hex);
}

TEST(Value, signed_numbers_come_in_either_width) {
    EXPECT_EQ(read_value(DataType::int8, 0xfbu), Value(int64_t{-5}));
    EXPECT_EQ(read_value(DataType::int8, 0xffff'fffbu), Value(int64_t{-5}));
    EXPECT_EQ(read_value(DataType::int8, 0xffff'ffff'ffff'fffbull), Value(int64_t{-5}));
    EXPECT_EQ(read_value(DataType::int64, 0xffff'fffbu), Value(int64_t{-5}));
    EXPECT_EQ(read_value(DataType::int64, 5u), Value(int64_t{5}));
    EXPECT_EQ(read_value(DataType::uint32, 7u), Value(uint64_t{7}));
    EXPECT_EQ(read_value(DataType::uint32, uint64_t{7}), Value(uint64_t{7}));
}

TEST(Value, what_its_type_cannot_hold_is_refused) {
    EXPECT_FALSE(read_value(DataType::int8, 0x180u).has_value());
    EXPECT_FALSE(read_value(DataType::int8, 0xffff'ff00u).has_value());
    EXPECT_FALSE(read_value(DataType::uint8, 256u).has_value());
    EXPECT_FALSE(read_value(DataType::uint32, uint64_t{1} << 32).has_value());
    EXPECT_FALSE(read_value(DataType::int32, 1.0).has_value());
    EXPECT_FALSE(read_value(DataType::float64, 1u).has_value());
    EXPECT_FALSE(read_value(DataType::boolean, 1u).has_value());
    EXPECT_FALSE(read_value(DataType::string, Bytes{"x"}).has_value());
    EXPECT_FALSE(read_value(DataType::unknown, 1u).has_value());
    EXPECT_FALSE(read_value(DataType::float64, WireValue()).has_value());
    EXPECT_FALSE(read_value(DataType::int32_array, Bytes{"12345"}).has_value());
    EXPECT_FALSE(read_value(DataType::string_array, Bytes{"open"}).has_value());
    EXPECT_FALSE(read_value(DataType::boolean_array, Bytes{"\x01"}).has_value());
    // Four thousand million flags in no bytes.
    EXPECT_FALSE(read_value(DataType::boolean_array, Bytes{"\xff\xff\xff\xff"}).has_value());
    EXPECT_FALSE(write_value(DataType::int8, int64_t{128}).has_value());
    EXPECT_FALSE(write_value(DataType::uint8, int64_t{1}).has_value());
    EXPECT_FALSE(write_value(DataType::float32, 1e39).has_value());
    EXPECT_FALSE(
        write_value(DataType::string_array, std::vector{std::string("a\0b", 3)}).has_value());
}

TEST(Value, a_float_keeps_its_decimals) {
    EXPECT_EQ(read_value(DataType::float32, 12.3f), Value(12.3));
    EXPECT_EQ(read_value(DataType::float64, 0.1f), Value(0.1));
    EXPECT_EQ(read_value(DataType::float32, 3e38f), Value(3e38));
    EXPECT_EQ(read_value(DataType::float32, 12.3), Value(12.3));
    EXPECT_FALSE(read_value(DataType::float32, 1e39).has_value());
    const auto nan = read_value(DataType::float32, std::nanf(""));
    ASSERT_TRUE(nan.has_value());
    EXPECT_TRUE(std::isnan(std::get<double>(*nan)));
}

TEST(Value, points_hold_what_they_can) {
    EXPECT_EQ(point_value(uint64_t{5}), PointValue(int64_t{5}));
    EXPECT_EQ(point_value(UINT64_MAX), PointValue(0x1p64));
    EXPECT_EQ(point_value(std::vector<int64_t>{1, -2}), PointValue("[1,-2]"));
    EXPECT_EQ(point_value(std::vector<double>{1.5, NAN}), PointValue("[1.5,null]"));
    EXPECT_EQ(point_value(std::vector<bool>{true, false}), PointValue("[true,false]"));
    EXPECT_EQ(point_value(std::vector<std::string>{"a\"b"}), PointValue(R"(["a\"b"])"));
    EXPECT_EQ(point_value(DataSet{.columns = {"a", "b"},
                                  .types = {DataType::int8, DataType::string},
                                  .rows = {{0xffu, std::string("x")}, {std::monostate(), 1.0}}}),
              PointValue(R"({"columns":["a","b"],"rows":[[-1,"x"],[null,null]]})"));
    EXPECT_EQ(point_value(Template{}), std::nullopt);
}

TEST(Value, commands_become_the_metrics_type) {
    EXPECT_EQ(value_for(DataType::int16, int64_t{-3}), Value(int64_t{-3}));
    EXPECT_EQ(value_for(DataType::int16, -3.0), Value(int64_t{-3}));
    EXPECT_EQ(value_for(DataType::uint64, 1.5e19), Value(uint64_t{15'000'000'000'000'000'000u}));
    EXPECT_EQ(value_for(DataType::float32, int64_t{2}), Value(2.0));
    EXPECT_EQ(value_for(DataType::boolean, int64_t{1}), Value(true));
    EXPECT_EQ(value_for(DataType::date_time, std::string("1970-01-01T00:00:01Z")),
              Value(uint64_t{1000}));
    EXPECT_EQ(value_for(DataType::text, std::string("x")), Value(std::string("x")));
    const auto text = [](DataType type, const PointValue& value) {
        const auto made = value_for(type, value);
        return made ? std::string() : made.error().text();
    };
    EXPECT_EQ(text(DataType::int16, int64_t{40'000}), "40000 is outside of Int16");
    EXPECT_EQ(text(DataType::uint8, int64_t{-1}), "-1 cannot be written as UInt8");
    EXPECT_EQ(text(DataType::int32, 1.5), "1.5 cannot be written as Int32");
    EXPECT_EQ(text(DataType::boolean, std::string("on")), "\"on\" cannot be written as Boolean");
    EXPECT_EQ(text(DataType::float64, NAN), "");
    EXPECT_THAT(text(DataType::int64, NAN), HasSubstr("cannot be written as Int64"));
    EXPECT_EQ(text(DataType::data_set, true), "metrics of type DataSet cannot be written");
}

TEST(DataTypes, have_their_names) {
    EXPECT_EQ(parse_data_type("uint16"), DataType::uint16);
    EXPECT_EQ(parse_data_type("DateTimeArray"), DataType::date_time_array);
    EXPECT_EQ(to_string(DataType::float64), "Double");
    EXPECT_EQ(to_string(DataType::uuid), "UUID");
    const auto wrong = parse_data_type("real");
    ASSERT_FALSE(wrong.has_value());
    EXPECT_THAT(wrong.error().text(), HasSubstr("there are Int8, Int16"));
    EXPECT_EQ(element_of(DataType::boolean_array), DataType::boolean);
    EXPECT_EQ(element_of(DataType::double_array), DataType::float64);
    EXPECT_EQ(element_of(DataType::string), DataType::unknown);
    for (uint32_t i = 1; i < data_type_count; ++i)
        EXPECT_EQ(parse_data_type(to_string(static_cast<DataType>(i))), static_cast<DataType>(i));
}

}  // namespace
}  // namespace hw::sparkplug

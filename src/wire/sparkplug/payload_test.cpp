// The bytes are those of another implementation: npm's sparkplug-payload 1.0.3.

#include "wire/sparkplug/payload.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "wire/sparkplug/test_bytes.h"
#include "wire/sparkplug/value.h"

namespace hw::sparkplug {
namespace {

using testing::HasSubstr;

constexpr uint64_t sent = 1'700'000'000'123;

struct Example {
    const char* name;
    DataType type;
    Value value;
    const char* hex;
};

DataSet example_set() {
    return {.columns = {"a", "b", "c"},
            .types = {DataType::int32, DataType::string, DataType::float64},
            .rows = {{0xffff'ffffu, std::string("x"), 2.5}, {7u, std::string(), 0.0}}};
}

Template example_template() {
    Template pump{.version = "v1", .template_ref = "Pump"};
    pump.metrics.push_back({.name = "speed",
                            .timestamp = 1'700'000'000'100,
                            .datatype = DataType::float64,
                            .value = 1450.5});
    pump.parameters.push_back({"size", DataType::int32, 0xffff'fffdu});
    return pump;
}

const std::vector<Example>& examples() {
    static const std::vector<Example> all = {
        {"Int8", DataType::int8, int64_t{-5}, "08fbd095ffbc31120b0a016d200150fbffffff0f1807"},
        {"Int16", DataType::int16, int64_t{-30'000},
         "08fbd095ffbc31120b0a016d200250d095feff0f1807"},
        {"Int32", DataType::int32, int64_t{INT32_MIN},
         "08fbd095ffbc31120b0a016d20035080808080081807"},
        {"Int64", DataType::int64, INT64_MIN,
         "08fbd095ffbc3112100a016d200458808080808080808080011807"},
        {"UInt8", DataType::uint8, uint64_t{250}, "08fbd095ffbc3112080a016d200550fa011807"},
        {"UInt16", DataType::uint16, uint64_t{52'360}, "08fbd095ffbc3112090a016d2006508899031807"},
        {"UInt32", DataType::uint32, uint64_t{3'293'969'225},
         "08fbd095ffbc31120b0a016d200758c9f6d7a20c1807"},
        {"UInt64", DataType::uint64, UINT64_MAX,
         "08fbd095ffbc3112100a016d200858ffffffffffffffffff011807"},
        {"Float", DataType::float32, 12.3, "08fbd095ffbc31120a0a016d200965cdcc44411807"},
        {"Double", DataType::float64, -1.5e300,
         "08fbd095ffbc31120e0a016d200a69355800662deb41fe1807"},
        {"Boolean", DataType::boolean, true, "08fbd095ffbc3112070a016d200b70011807"},
        {"String", DataType::string, std::string("Wasser \xc3\xbc"),
         "08fbd095ffbc3112100a016d200c7a0957617373657220c3bc1807"},
        {"DateTime", DataType::date_time, uint64_t{1'256'102'875'335},
         "08fbd095ffbc31120c0a016d200d58c7a1c3acc7241807"},
        {"Text", DataType::text, std::string("t"), "08fbd095ffbc3112080a016d200e7a01741807"},
        {"Uuid", DataType::uuid, std::string("123e4567-e89b-12d3-a456-426614174000"),
         "08fbd095ffbc31122b0a016d200f7a2431323365343536372d653839622d313264332d613435362d34323636"
         "31343137343030301807"},
        {"DataSet", DataType::data_set, example_set(),
         "08fbd095ffbc3112480a016d20108a014008031201611201621201631803180c180a22180a0608ffffffff0f"
         "0a033201780a0921000000000000044022130a0208070a0232000a092100000000000000001807"},
        {"Bytes", DataType::bytes, Bytes{std::string("\x00\xff\x10", 3)},
         "08fbd095ffbc31120b0a016d201182010300ff101807"},
        {"Template", DataType::template_type, example_template(),
         "08fbd095ffbc31123f0a016d20139201370a02763112190a05737065656418e4d095ffbc31200a6900000000"
         "00aa96401a0e0a0473697a65100318fdffffff0f220450756d7028001807"},
    };
    return all;
}

class EachType : public testing::TestWithParam<Example> {};
INSTANTIATE_TEST_SUITE_P(Payload, EachType, testing::ValuesIn(examples()),
                         [](const auto& one) { return one.param.name; });

TEST_P(EachType, is_read_and_written_as_by_others) {
    const Example& one = GetParam();
    const std::string bytes = test::from_hex(one.hex);
    const auto payload = decode(as_bytes(bytes));
    ASSERT_TRUE(payload.has_value()) << payload.error().text();
    EXPECT_EQ(payload->timestamp, sent);
    EXPECT_EQ(payload->seq, 7u);
    ASSERT_EQ(payload->metrics.size(), 1u);
    const Metric& metric = payload->metrics[0];
    EXPECT_EQ(metric.name, "m");
    EXPECT_EQ(metric.datatype, one.type);
    const auto value = read_value(one.type, metric.value);
    ASSERT_TRUE(value.has_value()) << value.error().text();
    EXPECT_EQ(*value, one.value);

    Payload made{.timestamp = sent, .seq = 7};
    auto wire = write_value(one.type, one.value);
    ASSERT_TRUE(wire.has_value()) << wire.error().text();
    made.metrics.push_back({.name = "m", .datatype = one.type, .value = *std::move(wire)});
    EXPECT_EQ(test::to_hex(encode(made)), one.hex);
}

TEST(Payload, a_file_with_its_metadata) {
    const std::string hex =
        "08fbd095ffbc3112510a016d201242430800120a746578742f706c61696e180420002a05612e747874320374"
        "78743a20306363313735623963306631623661383331633339396532363937373236363142016482010466"
        "696c651807";
    const auto payload = decode(as_bytes(test::from_hex(hex)));
    ASSERT_TRUE(payload.has_value());
    const Metric& metric = payload->metrics.at(0);
    EXPECT_EQ(metric.datatype, DataType::file);
    ASSERT_TRUE(metric.metadata.has_value());
    EXPECT_EQ(metric.metadata->content_type, "text/plain");
    EXPECT_EQ(metric.metadata->size, 4u);
    EXPECT_EQ(metric.metadata->file_name, "a.txt");
    EXPECT_EQ(metric.metadata->md5, "0cc175b9c0f1b6a831c399e269772661");
    EXPECT_EQ(std::get<Bytes>(metric.value).data, "file");
    EXPECT_EQ(test::to_hex(encode(*payload)), hex);
}

TEST(Payload, properties_and_flags) {
    const std::string hex =
        "08fbd095ffbc31126c0a016d10ac021881d095ffbc31200a280130014a4e0a07656e67556e69740a07517561"
        "6c6974790a04646565700a046c6973741207080c42036261721205080318c001120d08144a090a0178120408"
        "0b3800120f0815520b0a090a0179120408082009690000000000000a401807";
    const auto payload = decode(as_bytes(test::from_hex(hex)));
    ASSERT_TRUE(payload.has_value());
    const Metric& metric = payload->metrics.at(0);
    EXPECT_EQ(metric.alias, 300u);
    EXPECT_EQ(metric.timestamp, 1'700'000'000'001u);
    EXPECT_TRUE(metric.is_historical);
    EXPECT_TRUE(metric.is_transient);
    const auto& properties = metric.properties;
    ASSERT_NE(properties.find("ENGUNIT"), nullptr);
    EXPECT_EQ(std::get<std::string>(properties.find("engUnit")->value), "bar");
    EXPECT_EQ(std::get<uint32_t>(properties.find("quality")->value), 192u);
    EXPECT_EQ(
        std::get<bool>(std::get<PropertySet>(properties.find("deep")->value).find("x")->value),
        false);
    EXPECT_EQ(std::get<std::vector<PropertySet>>(properties.find("list")->value).size(), 1u);
    EXPECT_EQ(properties.find("other"), nullptr);
    EXPECT_EQ(test::to_hex(encode(*payload)), hex);
}

TEST(Payload, null_is_no_value) {
    const std::string hex = "08fbd095ffbc3112070a016d200338011807";
    const auto payload = decode(as_bytes(test::from_hex(hex)));
    ASSERT_TRUE(payload.has_value());
    EXPECT_TRUE(payload->metrics.at(0).is_null);
    EXPECT_EQ(payload->metrics[0].value, WireValue());
    EXPECT_EQ(test::to_hex(encode(*payload)), hex);
}

TEST(Payload, uuid_body_and_no_metrics) {
    const std::string hex = "08fbd095ffbc3118ff012201752a0378797a";
    const auto payload = decode(as_bytes(test::from_hex(hex)));
    ASSERT_TRUE(payload.has_value());
    EXPECT_EQ(payload->uuid, "u");
    EXPECT_EQ(payload->body, Bytes{"xyz"});
    EXPECT_EQ(payload->seq, 255u);
    EXPECT_EQ(test::to_hex(encode(*payload)), hex);
}

TEST(Payload, what_is_no_payload_is_refused) {
    for (const char* hex : {"ff", "0a", "12ff01", "08", "00", "1b", "120a0a01", "1205200b70"}) {
        const auto payload = decode(as_bytes(test::from_hex(hex)));
        ASSERT_FALSE(payload.has_value()) << hex;
        EXPECT_EQ(payload.error().code(), ErrorCode::corrupt) << hex;
    }
    EXPECT_TRUE(decode({}).has_value());
}

TEST(Payload, parts_that_contradict_each_other_are_refused) {
    Payload payload;
    DataSet set = example_set();
    set.rows[1].pop_back();
    payload.metrics.push_back({.name = "s", .datatype = DataType::data_set, .value = set});
    const auto row = decode(as_bytes(encode(payload)));
    ASSERT_FALSE(row.has_value());
    EXPECT_EQ(row.error().text(),
              "metric number 1: a row of a data set has 2 elements for 3 columns");

    set = example_set();
    set.types.pop_back();
    payload.metrics[0].value = set;
    EXPECT_FALSE(decode(as_bytes(encode(payload))).has_value());
    // Two keys and one value.
    EXPECT_FALSE(decode(as_bytes(test::from_hex("120b4a090a01610a0162120108"))).has_value());
}

TEST(Payload, limits_are_kept) {
    Payload payload;
    for (int i = 0; i < 11; ++i)
        payload.metrics.push_back({.alias = 1});
    const std::string bytes = encode(payload);
    const auto refused = [&](const Limits& limits) {
        const auto result = decode(as_bytes(bytes), limits);
        EXPECT_FALSE(result.has_value());
        return result ? std::string() : result.error().text();
    };
    EXPECT_THAT(refused({.metrics = 10}), HasSubstr("more than 10 metrics"));
    EXPECT_THAT(refused({.fields = 21}), HasSubstr("more than 21 fields"));
    EXPECT_THAT(refused({.payload_bytes = bytes.size() - 1}), HasSubstr("over the limit"));
    EXPECT_TRUE(
        decode(as_bytes(bytes), {.payload_bytes = bytes.size(), .metrics = 11, .fields = 22})
            .has_value());
    // Templates in templates.
    Metric inner{.name = "x", .value = 1u};
    for (int i = 0; i < 20; ++i) {
        Template around;
        around.metrics.push_back(std::move(inner));
        inner = {.name = "t", .value = std::move(around)};
    }
    payload.metrics = {inner};
    const auto deep = decode(as_bytes(encode(payload)));
    ASSERT_FALSE(deep.has_value());
    EXPECT_THAT(deep.error().text(), HasSubstr("deeper than 16"));
}

}  // namespace
}  // namespace hw::sparkplug

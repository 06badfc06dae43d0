#include "sql/codecs/schema_registry.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "sql/json.h"

namespace hw::sql {

namespace {

Datum json(std::string_view text) {
    JsonReader reader;
    return reader.read(text).value();
}

}  // namespace

TEST(SchemaRegistry, SchemasAreFoundByTheirNameAndReplaced) {
    SchemaRegistry registry;
    EXPECT_EQ(registry.find("a"), nullptr);
    ASSERT_TRUE(registry.put({"a", SchemaType::avro, R"("int")"}));
    const auto first = registry.find("a");
    ASSERT_TRUE(registry.put({"a", SchemaType::avro, R"("string")"}));
    EXPECT_EQ(registry.find("a")
                  ->decode("\x02"
                           "x",
                           "")
                  .value(),
              Datum::text("x"));
    EXPECT_EQ(first->decode("\x02", "").value(), Datum::integer(1));
    const std::vector<SchemaDefinition> one = {{"a", SchemaType::avro, R"("string")"}};
    EXPECT_EQ(registry.list(), one);
    ASSERT_TRUE(registry.remove("a"));
    EXPECT_EQ(registry.remove("a").error().code(), ErrorCode::not_found);
}

TEST(SchemaRegistry, AWrongSchemaLeavesTheOldOne) {
    SchemaRegistry registry({}, 2);
    ASSERT_TRUE(registry.put({"a", SchemaType::json, "{}"}));
    const auto wrong = registry.put({"a", SchemaType::json, R"({"type": "text"})"});
    EXPECT_THAT(wrong.error().text(), testing::StartsWith("schema 'a': '#/type' must be"));
    EXPECT_NE(registry.find("a"), nullptr);
    EXPECT_EQ(registry.put({"", SchemaType::json, "{}"}).error().code(),
              ErrorCode::invalid_argument);
    ASSERT_TRUE(registry.put({"b", SchemaType::json, "{}"}));
    EXPECT_EQ(registry.put({"c", SchemaType::json, "{}"}).error().code(),
              ErrorCode::limit_exceeded);
    EXPECT_TRUE(registry.put({"b", SchemaType::json, "true"}));
}

TEST(SchemaRegistry, NumbersOfOtherRegistriesLeadToSchemas) {
    SchemaRegistry registry;
    ASSERT_TRUE(registry.put({"a", SchemaType::avro, R"("int")"}));
    EXPECT_EQ(registry.set_number("confluent", "flow", 7, "b").error().code(),
              ErrorCode::not_found);
    ASSERT_TRUE(registry.set_number("confluent", "flow", 7, "a"));
    ASSERT_TRUE(registry.set_number("confluent", "flow", 9, "a"));
    EXPECT_EQ(registry.find("confluent", 7), registry.find("a"));
    EXPECT_EQ(registry.find("confluent", 8), nullptr);
    EXPECT_EQ(registry.find("other", 7), nullptr);
    EXPECT_EQ(registry.number_of("confluent", "flow"), 9u);
    EXPECT_EQ(registry.number_of("confluent", "level"), std::nullopt);
    ASSERT_TRUE(registry.remove("a"));
    EXPECT_EQ(registry.find("confluent", 7), nullptr);
}

TEST(SchemaRegistry, SparkplugIsBuiltIn) {
    const Datum payload = json(R"({"metrics": [{"name": "flow", "datatype": 10,
        "double_value": 1.5}], "seq": 3})");
    const auto& schema = SchemaRegistry::sparkplug();
    EXPECT_EQ(schema.decode(schema.encode(payload, "Payload").value(), "Payload").value(), payload);
}

}  // namespace hw::sql

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "sql/codecs/schema_registry.h"
#include "sql/functions/functions.h"
#include "sql/json.h"
#include "sql/services.h"

namespace hw::sql {

namespace {

using testing::HasSubstr;

Datum text(std::string_view value) {
    return Datum::text(value);
}

Datum json(std::string_view value) {
    JsonReader reader;
    return reader.read(value).value();
}

class SchemaFunctions : public testing::Test {
  protected:
    SchemaFunctions() {
        add_builtin_functions(table_);
        services_.schemas = &registry_;
        context_.services = &services_;
        put("user", SchemaType::avro, R"({"type": "record", "name": "User", "fields": [
            {"name": "name", "type": "string"}, {"name": "age", "type": "int"}]})");
        put("pump", SchemaType::protobuf, R"(syntax = "proto3"; message Pump { int32 id = 1; })");
        put("doc", SchemaType::json, R"({"required": ["a"]})");
        EXPECT_TRUE(registry_.set_number("confluent", "users", 258, "user"));
    }
    void put(std::string name, SchemaType type, std::string schema) {
        EXPECT_TRUE(registry_.put({std::move(name), type, std::move(schema)}));
    }
    Datum call(std::string_view name, std::vector<Datum> arguments) {
        context_.clear_error();
        return table_.find(name, Dialect::both)->scalar(arguments, context_);
    }
    std::string error(std::string_view name, std::vector<Datum> arguments) {
        EXPECT_TRUE(call(name, std::move(arguments)).is_null());
        return context_.error();
    }

    FunctionTable table_;
    SchemaRegistry registry_;
    Services services_;
    CallContext context_;
    const Datum ann_ = json(R"({"name": "Ann", "age": 7})");
    const Datum ann_bytes_ = Datum::bytes(
        "\x06"
        "Ann\x0e");
};

}  // namespace

TEST_F(SchemaFunctions, EncodeAndDecodeByName) {
    EXPECT_EQ(call("schema_encode", {text("user"), ann_}), ann_bytes_);
    EXPECT_EQ(call("schema_decode", {text("user"), ann_bytes_}), ann_);
    EXPECT_EQ(call("schema_encode", {text("pump"), json(R"({"id": 5})"), text("Pump")}),
              Datum::bytes("\x08\x05"));
    EXPECT_EQ(call("schema_decode", {text("pump"), Datum::bytes("\x08\x05"), text("Pump")}),
              json(R"({"id": 5})"));
    EXPECT_EQ(call("schema_encode", {text("doc"), json(R"({"a": 1})")}),
              Datum::bytes(R"({"a":1})"));
    EXPECT_EQ(call("schema_decode", {text("doc"), text(R"({"a": 1})")}), json(R"({"a": 1})"));
    EXPECT_FALSE(context_.failed());
}

TEST_F(SchemaFunctions, FailuresAreNamed) {
    EXPECT_EQ(error("schema_encode", {text("users"), ann_}),
              "schema_encode: there is no schema 'users'");
    EXPECT_EQ(error("schema_encode", {text("user"), json("{}")}),
              "schema_encode: the field 'name' of 'User' is missing");
    EXPECT_THAT(error("schema_decode", {text("user"), text("\x06")}), HasSubstr("too early"));
    EXPECT_THAT(error("schema_decode", {text("pump"), text("")}), HasSubstr("no message ''"));
    EXPECT_THAT(error("schema_decode", {text("doc"), text("{}")}), HasSubstr("lacks 'a'"));
    EXPECT_THAT(error("schema_decode", {text("doc"), json("[]")}), HasSubstr("argument 2"));
    services_.schemas = nullptr;
    EXPECT_EQ(error("schema_encode", {text("user"), ann_}),
              "schema_encode: there is no schema registry here");
    EXPECT_THAT(error("avro_decode", {text("confluent"), text(""), Datum::integer(1)}),
                HasSubstr("no schema registry"));
}

TEST_F(SchemaFunctions, CheckSaysWhetherItFits) {
    EXPECT_EQ(call("schema_check", {text("user"), ann_}), Datum::boolean(true));
    EXPECT_EQ(call("schema_check", {text("user"), ann_bytes_}), Datum::boolean(true));
    EXPECT_EQ(call("schema_check", {text("user"), json("{}")}), Datum::boolean(false));
    EXPECT_EQ(call("schema_check", {text("doc"), text("{}")}), Datum::boolean(false));
    EXPECT_EQ(call("schema_check", {text("pump"), Datum::bytes("\x08"), text("Pump")}),
              Datum::boolean(false));
    EXPECT_FALSE(context_.failed());
    EXPECT_THAT(error("schema_check", {text("none"), ann_}), HasSubstr("no schema 'none'"));
}

TEST_F(SchemaFunctions, NumbersAndTagsOfAnotherRegistry) {
    const Datum tagged = Datum::bytes(std::string("\0\0\0\x01\x02", 5) +
                                      "\x06"
                                      "Ann\x0e");
    EXPECT_EQ(call("avro_encode", {text("confluent"), ann_, Datum::integer(258)}), ann_bytes_);
    EXPECT_EQ(call("avro_decode", {text("confluent"), ann_bytes_, Datum::integer(258)}), ann_);
    EXPECT_EQ(call("avro_decode", {text("confluent"), tagged}), ann_);
    EXPECT_EQ(call("schema_decode_tagged", {text("confluent"), tagged}), ann_);
    EXPECT_EQ(call("schema_encode_and_tag", {text("user"), text("confluent"), ann_, text("users")}),
              tagged);
    EXPECT_FALSE(context_.failed());
    EXPECT_THAT(
        error("schema_encode_and_tag", {text("user"), text("confluent"), ann_, text("others")}),
        HasSubstr("no subject 'others'"));
    EXPECT_THAT(error("avro_encode", {text("confluent"), ann_, Datum::integer(9)}),
                HasSubstr("no schema 9"));
    EXPECT_THAT(error("avro_encode", {text("confluent"), ann_, Datum::integer(-1)}),
                HasSubstr("argument 3 is -1"));
    for (const char* broken : {"", "\x01\x01\x01\x01\x02", "abc"})
        EXPECT_THAT(error("schema_decode_tagged", {text("confluent"), text(broken)}),
                    HasSubstr("no tag"));
}

}  // namespace hw::sql

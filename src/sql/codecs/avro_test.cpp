#include <avro.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>
#include <string>

#include "sql/codecs/schema.h"
#include "sql/json.h"

namespace hw::sql {

namespace {

using testing::HasSubstr;

Datum json(std::string_view text) {
    JsonReader reader;
    return reader.read(text).value();
}

std::shared_ptr<const Schema> avro(std::string_view schema) {
    auto compiled = compile_schema(SchemaType::avro, schema);
    EXPECT_TRUE(compiled.has_value()) << (compiled ? "" : compiled.error().text());
    return compiled ? *compiled : nullptr;
}

std::string encode(std::string_view schema, const Datum& value) {
    const auto bytes = avro(schema)->encode(value, "");
    EXPECT_TRUE(bytes.has_value()) << (bytes ? "" : bytes.error().text());
    return bytes.value_or("?");
}

void comes_back(std::string_view schema, const Datum& value, std::string_view bytes) {
    EXPECT_EQ(encode(schema, value), bytes) << schema;
    const auto back = avro(schema)->decode(bytes, "");
    ASSERT_TRUE(back.has_value()) << back.error().text();
    EXPECT_EQ(*back, value) << schema << " " << to_json(*back);
}

std::string encode_error(std::string_view schema, const Datum& value) {
    const auto bytes = avro(schema)->encode(value, "");
    return bytes ? "none" : bytes.error().text();
}

Error decode_error(std::string_view schema, std::string_view bytes) {
    const auto value = avro(schema)->decode(bytes, "");
    return value ? Error(ErrorCode::cancelled, to_json(*value)) : value.error();
}

std::string compile_error(std::string_view schema) {
    const auto compiled = compile_schema(SchemaType::avro, schema);
    return compiled ? "none" : compiled.error().text();
}

constexpr std::string_view user = R"({"type": "record", "name": "myrecord1", "fields": [
    {"name": "name", "type": "string"},
    {"name": "favorite_number", "type": ["int", "null"]},
    {"name": "favorite_color", "type": ["string", "null"]}]})";

constexpr std::string_view sensor = R"({"type": "record", "name": "Sensor", "namespace": "water",
    "fields": [
    {"name": "id", "type": "long"},
    {"name": "flow", "type": "double"},
    {"name": "level", "type": "float", "default": 1.5},
    {"name": "state", "type": {"type": "enum", "name": "State", "symbols": ["OFF", "ON"]}},
    {"name": "history", "type": {"type": "array", "items": "int"}},
    {"name": "tags", "type": {"type": "map", "values": ["null", "string", "boolean"]}},
    {"name": "raw", "type": "bytes", "default": "\u00ff"},
    {"name": "mac", "type": {"type": "fixed", "name": "Mac", "size": 2}},
    {"name": "next", "type": ["null", "Sensor"], "default": null}]})";

Datum sensor_value() {
    Datum value = json(R"({"id": -3, "flow": 12.5, "level": 0.5, "state": "ON",
        "history": [1, -2, 300], "tags": {"a": null, "b": "x", "c": true}})");
    value.put("raw", Datum::bytes("\x01\xff"));
    value.put("mac", Datum::bytes("ab"));
    value.put("next", Datum());
    return value;
}

// What Apache's own C library makes of the bytes, as JSON.
std::string libavro_reads(std::string_view schema_text, const std::string& bytes) {
    avro_schema_t schema = nullptr;
    EXPECT_EQ(avro_schema_from_json_length(schema_text.data(), schema_text.size(), &schema), 0);
    avro_value_iface_t* type = avro_generic_class_from_schema(schema);
    avro_value_t value;
    avro_generic_value_new(type, &value);
    avro_reader_t reader = avro_reader_memory(bytes.data(), static_cast<int64_t>(bytes.size()));
    EXPECT_EQ(avro_value_read(reader, &value), 0) << avro_strerror();
    char* text = nullptr;
    avro_value_to_json(&value, 1, &text);
    std::string out = text ? text : "";
    std::free(text);
    avro_value_decref(&value);
    avro_value_iface_decref(type);
    avro_reader_free(reader);
    avro_schema_decref(schema);
    return out;
}

}  // namespace

TEST(Avro, PrimitivesAreAsTheSpecificationWritesThem) {
    comes_back(R"("int")", Datum::integer(-64), "\x7f");
    comes_back(R"("int")", Datum::integer(64), std::string("\x80\x01", 2));
    comes_back("long", Datum::integer(-1), "\x01");
    comes_back(R"("string")", Datum::text("foo"),
               "\x06"
               "foo");
    comes_back(R"("boolean")", Datum::boolean(true), "\x01");
    comes_back(R"("null")", Datum(), "");
    comes_back(R"("bytes")", Datum::bytes("\xff"), "\x02\xff");
    comes_back(R"("double")", Datum::real(1.5), std::string("\0\0\0\0\0\0\xf8\x3f", 8));
    comes_back(R"("float")", Datum::real(12.3), "\xcd\xcc\x44\x41");
    comes_back(R"({"type": "array", "items": "long"})", json("[3, 27]"),
               std::string("\x04\x06\x36\x00", 4));
    comes_back(R"({"type": "map", "values": "int"})", json(R"({"a": 1})"),
               std::string("\x02\x02"
                           "a\x02\0",
                           5));
    comes_back(R"(["null", "string"])", Datum::text("a"),
               "\x02\x02"
               "a");
    comes_back(R"({"type": "long", "logicalType": "timestamp-millis"})", Datum::integer(1), "\x02");
}

TEST(Avro, TheExampleOfEmqxsPageWorks) {
    const Datum value =
        json(R"({"name": "Shawn", "favorite_number": 666, "favorite_color": "red"})");
    comes_back(user, value, std::string("\x0aShawn\x00\xb4\x0a\x00\x06red", 14));
    comes_back(user, json(R"({"name": "Shawn", "favorite_number": null, "favorite_color": "red"})"),
               std::string("\x0aShawn\x02\x00\x06red", 12));
}

TEST(Avro, TheLibraryOfApacheReadsWhatWeWrite) {
    const std::string bytes = encode(sensor, sensor_value());
    const Datum read = json(libavro_reads(sensor, bytes));
    EXPECT_EQ(*read.find("id"), Datum::integer(-3));
    EXPECT_EQ(*read.find("flow"), Datum::real(12.5));
    EXPECT_EQ(*read.find("state"), Datum::text("ON"));
    EXPECT_EQ(*read.find("history"), json("[1, -2, 300]"));
    EXPECT_EQ(*read.find("tags"),
              json(R"({"a": null, "b": {"string": "x"}, "c": {"boolean": true}})"));
    EXPECT_TRUE(read.find("next")->is_null());
    EXPECT_EQ(avro(sensor)->decode(bytes, "").value(), sensor_value());
}

TEST(Avro, MissingFieldsTakeTheirDefaultOrFail) {
    Datum value = sensor_value();
    std::erase_if(value.own_members(), [](const Member& member) {
        const auto key = member.key.as_text();
        return key == "level" || key == "raw" || key == "next";
    });
    value.put("unknown", Datum::integer(1));
    const Datum back = avro(sensor)->decode(encode(sensor, value), "").value();
    EXPECT_EQ(*back.find("level"), Datum::real(1.5));
    EXPECT_EQ(*back.find("raw"), Datum::bytes("\xff"));
    EXPECT_TRUE(back.find("next")->is_null());
    EXPECT_EQ(encode_error(user, json(R"({"name": "a"})")),
              "the field 'favorite_number' of 'myrecord1' is missing");
}

TEST(Avro, RecursiveRecordsNest) {
    Datum value = sensor_value();
    for (int i = 0; i < 5; ++i) {
        Datum outer = sensor_value();
        outer.put("next", value);
        value = outer;
    }
    EXPECT_EQ(avro(sensor)->decode(encode(sensor, value), "").value(), value);
}

TEST(Avro, ValuesThatDoNotFitAreNamed) {
    EXPECT_EQ(encode_error(R"("int")", Datum::integer(1LL << 31)),
              "the value is 2147483648, which is no 'int' of the schema");
    EXPECT_THAT(encode_error(R"("int")", Datum::real(1.5)), HasSubstr("is 1.5"));
    EXPECT_THAT(encode_error(R"("float")", Datum::real(1e300)), HasSubstr("no 'float'"));
    EXPECT_THAT(encode_error(R"("string")", Datum::bytes("\xff")), HasSubstr("1 bytes"));
    EXPECT_THAT(encode_error(R"({"type": "fixed", "name": "F", "size": 2})", Datum::bytes("a")),
                HasSubstr("no 'F'"));
    EXPECT_THAT(
        encode_error(R"({"type": "enum", "name": "E", "symbols": ["A"]})", Datum::text("B")),
        HasSubstr("\"B\", which is no 'E'"));
    EXPECT_THAT(encode_error(user, json(R"({"name": 5, "favorite_number": 1,
        "favorite_color": null})")),
                HasSubstr("the field 'name' is 5"));
    EXPECT_THAT(encode_error(R"(["null", "int"])", Datum::text("a")), HasSubstr("no 'union'"));
}

TEST(Avro, AUnionTakesTheBranchThatFitsBest) {
    const std::string_view numbers = R"(["long", "double"])";
    EXPECT_EQ(encode(numbers, Datum::real(1.0))[0], '\x02');
    EXPECT_EQ(encode(numbers, Datum::integer(1))[0], '\x00');
    EXPECT_EQ(encode(R"(["null", "double"])", Datum::integer(1))[0], '\x02');
    EXPECT_EQ(encode(R"(["bytes", "string"])", Datum::text("a"))[0], '\x02');
}

TEST(Avro, BrokenMessagesAreToldApart) {
    const std::string whole = encode(sensor, sensor_value());
    for (size_t size = 0; size < whole.size(); ++size)
        EXPECT_EQ(decode_error(sensor, whole.substr(0, size)).code(), ErrorCode::corrupt);
    EXPECT_THAT(decode_error(sensor, whole + "x").text(), HasSubstr("1 bytes behind"));
    EXPECT_THAT(decode_error(R"("boolean")", "\x02").text(), HasSubstr("a boolean of 2"));
    EXPECT_THAT(decode_error(R"(["null"])", "\x02").text(), HasSubstr("no branch 1"));
    EXPECT_THAT(decode_error(R"("string")", "\x02\xff").text(), HasSubstr("not UTF-8"));
    EXPECT_THAT(decode_error(R"("string")", "\x01").text(), HasSubstr("too early"));
    EXPECT_THAT(decode_error(R"("int")", "\xff\xff\xff\xff\x7f").text(), HasSubstr("32 bits"));
}

TEST(Avro, SmallMessagesCannotAskForMuch) {
    // A thousand million nulls in six bytes.
    EXPECT_EQ(decode_error(R"({"type": "array", "items": "null"})",
                           std::string("\x80\xa8\xd6\xb9\x07\x00", 6))
                  .code(),
              ErrorCode::limit_exceeded);
    EXPECT_EQ(decode_error(R"("bytes")", std::string("\xfe\xff\xff\xff\xff\x0f", 6)).code(),
              ErrorCode::corrupt);
    const std::string deep(10'000, '\x02');
    EXPECT_EQ(decode_error(R"({"type": "record", "name": "R", "fields": [
        {"name": "r", "type": ["null", "R"]}]})",
                           deep)
                  .code(),
              ErrorCode::limit_exceeded);
    EXPECT_EQ(avro(R"("bytes")")->decode(std::string(2 << 20, 'a'), "").error().code(),
              ErrorCode::limit_exceeded);
}

TEST(Avro, WrongSchemasAreRefused) {
    EXPECT_THAT(compile_error("{"), testing::Not("none"));
    EXPECT_THAT(compile_error(R"("decimal")"), HasSubstr("no type 'decimal'"));
    EXPECT_THAT(compile_error(R"({"name": "R"})"), HasSubstr("no 'type'"));
    EXPECT_THAT(compile_error(R"({"type": "record", "name": "1a", "fields": []})"),
                HasSubstr("\"1a\""));
    EXPECT_THAT(compile_error(R"({"type": "record", "name": "R"})"), HasSubstr("'fields'"));
    EXPECT_THAT(compile_error(R"({"type": "record", "name": "R", "fields": [{"name": "a"}]})"),
                HasSubstr("lacks"));
    EXPECT_THAT(compile_error(R"(["int", "int"])"), HasSubstr("'int' twice"));
    EXPECT_THAT(compile_error(R"([["int"]])"), HasSubstr("union within a union"));
    EXPECT_THAT(compile_error(R"({"type": "enum", "name": "E", "symbols": ["A", "A"]})"),
                HasSubstr("two symbols"));
    EXPECT_THAT(compile_error(R"({"type": "array"})"), HasSubstr("no 'items'"));
    EXPECT_THAT(compile_error(std::string(300 << 10, ' ')), HasSubstr("at most 262144"));
}

}  // namespace hw::sql

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>
#include <string>

#include "sql/codecs/schema.h"
#include "sql/json.h"

namespace hw::sql {

namespace {

using testing::HasSubstr;

constexpr std::string_view everything = R"(
syntax = "proto3";
package water;
import "google/protobuf/timestamp.proto";
enum State { OFF = 0; ON = 1; }
message Pump {
  int32 id = 1;
  uint64 total = 2;
  float flow = 3;
  double head = 4;
  bool running = 5;
  string name = 6;
  bytes raw = 7;
  State state = 8;
  repeated sint32 history = 9;
  map<string, double> limits = 10;
  map<int32, string> codes = 11;
  Pump next = 12;
  optional int32 spare = 13;
  oneof reading { int64 count = 14; string text = 15; }
  repeated Pump children = 16;
  google.protobuf.Timestamp at = 17;
  fixed32 serial = 18;
})";

constexpr std::string_view old = R"(
message Order {
  required int32 id = 1;
  optional string note = 2 [default = "none"];
  repeated int32 items = 3 [packed = true];
  optional group Detail = 4 { optional int32 x = 5; }
})";

Datum json(std::string_view text) {
    JsonReader reader;
    return reader.read(text).value();
}

std::shared_ptr<const Schema> protobuf(std::string_view proto) {
    auto compiled = compile_schema(SchemaType::protobuf, proto);
    EXPECT_TRUE(compiled.has_value()) << (compiled ? "" : compiled.error().text());
    return compiled ? *compiled : nullptr;
}

std::string encode_error(std::string_view proto, std::string_view message, std::string_view value) {
    const auto bytes = protobuf(proto)->encode(json(value), message);
    return bytes ? "none" : bytes.error().text();
}

std::string compile_error(std::string_view proto) {
    const auto compiled = compile_schema(SchemaType::protobuf, proto);
    return compiled ? "none" : compiled.error().text();
}

}  // namespace

TEST(Protobuf, EveryTypeComesBack) {
    const auto schema = protobuf(everything);
    Datum value = json(R"({"id": -5, "total": 9000000000, "flow": 12.3, "head": 1.1,
        "running": true, "name": "流量", "state": "ON", "history": [1, -1, 1000000],
        "limits": {"low": 0.5, "high": 2.5}, "codes": {"-3": "a", "7": "b"}, "spare": 0,
        "text": "x", "at": {"seconds": 5, "nanos": 6}, "serial": 4294967295})");
    value.put("raw", Datum::bytes("\x00\xff"));
    value.put("next", json(R"({"id": 2})"));
    value.put("children", json(R"([{"id": 3}, {}])"));
    const std::string bytes = schema->encode(value, "Pump").value();
    const Datum back = schema->decode(bytes, "water.Pump").value();
    for (const auto& [key, member] : value.members()) {
        if (key.as_text() == "next" || key.as_text() == "children") continue;
        EXPECT_EQ(*back.find(key), member) << key.as_text();
    }
    EXPECT_EQ(*back.find("next")->find("id"), Datum::integer(2));
    EXPECT_EQ(back.find("children")->items().size(), 2u);
    EXPECT_EQ(back.find("count"), nullptr);
}

TEST(Protobuf, TheWireIsThatOfTheDocumentation) {
    // Of protobuf.dev, "Encoding": Test1 with 150, Test2 with "testing".
    const auto schema = protobuf(R"(syntax = "proto3"; message Test { int32 a = 1; string b = 2;
        repeated int32 f = 6; })");
    EXPECT_EQ(schema->encode(json(R"({"a": 150})"), "Test").value(), "\x08\x96\x01");
    EXPECT_EQ(schema->encode(json(R"({"b": "testing"})"), "Test").value(), "\x12\x07testing");
    EXPECT_EQ(schema->encode(json(R"({"f": [3, 270, 86942]})"), "Test").value(),
              "\x32\x06\x03\x8e\x02\x9e\xa7\x05");
}

TEST(Protobuf, WhatWasNotSetIsLeftOutWhereThatIsKnown) {
    const Datum empty = protobuf(everything)->decode("", "Pump").value();
    EXPECT_EQ(*empty.find("id"), Datum::integer(0));
    EXPECT_EQ(*empty.find("name"), Datum::text(""));
    EXPECT_EQ(*empty.find("state"), Datum::text("OFF"));
    EXPECT_EQ(*empty.find("history"), json("[]"));
    EXPECT_EQ(*empty.find("limits"), json("{}"));
    for (const char* name : {"next", "spare", "count", "text", "at"})
        EXPECT_EQ(empty.find(name), nullptr) << name;
    EXPECT_EQ(protobuf(old)->decode(std::string("\x08\x01", 2), "Order").value(),
              json(R"({"id": 1, "items": []})"));
}

TEST(Protobuf, GroupsAndPackedFieldsWork) {
    const auto schema = protobuf(old);
    const Datum value = json(R"({"id": 1, "note": "a", "items": [1, 2], "detail": {"x": 3}})");
    EXPECT_EQ(schema->decode(schema->encode(value, "Order").value(), "Order").value(), value);
    EXPECT_THAT(encode_error(old, "Order", R"({"note": "a"})"), HasSubstr("lacks id"));
    EXPECT_EQ(schema->decode("", "Order").error().code(), ErrorCode::corrupt);
}

TEST(Protobuf, BigUnsignedNumbersAreFloats) {
    const auto schema = protobuf(R"(syntax = "proto3"; message M { uint64 x = 1; })");
    const Datum value = schema->decode("\x08\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01", "M").value();
    EXPECT_EQ(*value.find("x"), Datum::real(0x1p64));
    const Datum half = Datum::object({{Datum::text("x"), Datum::real(0x1p63)}});
    EXPECT_EQ(schema->decode(schema->encode(half, "M").value(), "M").value(), half);
}

TEST(Protobuf, FloatsThatAreNotFiniteAreNull) {
    const auto schema = protobuf(R"(syntax = "proto3"; message M { double x = 1; })");
    const Datum value = schema->decode(std::string("\x09\0\0\0\0\0\0\xf8\x7f", 9), "M").value();
    EXPECT_TRUE(value.find("x")->is_null());
}

TEST(Protobuf, ValuesThatDoNotFitAreNamed) {
    EXPECT_EQ(encode_error(everything, "Pump", R"({"id": "x"})"),
              "the field 'water.Pump.id' is \"x\", it must be int32");
    EXPECT_THAT(encode_error(everything, "Pump", R"({"id": 2147483648})"), HasSubstr("Pump.id"));
    EXPECT_THAT(encode_error(everything, "Pump", R"({"total": -1})"), HasSubstr("uint64"));
    EXPECT_THAT(encode_error(everything, "Pump", R"({"flow": 1e300})"), HasSubstr("float"));
    EXPECT_THAT(encode_error(everything, "Pump", R"({"running": 2})"), HasSubstr("bool"));
    EXPECT_THAT(encode_error(everything, "Pump", R"({"state": "BROKEN"})"),
                HasSubstr("a name or number of water.State"));
    EXPECT_THAT(encode_error(everything, "Pump", R"({"history": 1})"), HasSubstr("history"));
    EXPECT_THAT(encode_error(everything, "Pump", R"({"history": ["a"]})"), HasSubstr("sint32"));
    EXPECT_THAT(encode_error(everything, "Pump", R"({"codes": {"a": "b"}})"), HasSubstr("key"));
    EXPECT_THAT(encode_error(everything, "Pump", R"({"next": 5})"), HasSubstr("Pump.next"));
    EXPECT_THAT(encode_error(everything, "Pump", "[]"), HasSubstr("an object is needed"));
    EXPECT_THAT(encode_error(everything, "Motor", "{}"), HasSubstr("no message 'Motor'"));
    EXPECT_EQ(encode_error(everything, "Pump", R"({"unknown": 1, "id": null})"), "none");
}

TEST(Protobuf, BrokenAndDeepMessagesAreRefused) {
    const auto schema = protobuf(everything);
    EXPECT_EQ(schema->decode("\x08", "Pump").error().code(), ErrorCode::corrupt);
    EXPECT_EQ(schema->decode("\x32\x01\xff", "Pump").error().code(), ErrorCode::corrupt);
    std::string deep;  // a pump in a pump in a pump
    for (int i = 0; i < 200 && deep.size() < 100; ++i)
        deep = "\x62" + std::string(1, static_cast<char>(deep.size())) + deep;
    EXPECT_TRUE(schema->decode(deep, "Pump").has_value());
    std::string deeper(1000, '\x0b');  // starts of groups
    EXPECT_EQ(schema->decode(deeper, "Pump").error().code(), ErrorCode::corrupt);
    std::string many;
    for (int i = 0; i < 250'000; ++i)
        many += std::string("\x82\x01\x00", 3);  // an empty child
    EXPECT_EQ(schema->decode(many, "Pump").error().code(), ErrorCode::limit_exceeded);
    EXPECT_EQ(schema->decode(std::string((1 << 20) + 1, 'a'), "Pump").error().code(),
              ErrorCode::limit_exceeded);
}

TEST(Protobuf, WrongFilesAreRefusedWithTheirPlace) {
    EXPECT_THAT(compile_error(R"(syntax = "proto3"; message M { int32 a = 1 })"),
                HasSubstr("line 1, column 44"));
    EXPECT_THAT(compile_error(R"(syntax = "proto3"; message M { Other a = 1; })"),
                HasSubstr("\"Other\" is not defined"));
    EXPECT_THAT(compile_error(R"(syntax = "proto3"; import "other.proto";)"),
                HasSubstr("cannot import 'other.proto'"));
    EXPECT_THAT(compile_error(R"(syntax = "proto3"; message M { int32 a = 1; int32 b = 1; })"),
                HasSubstr("1"));
    EXPECT_NE(compile_error(R"({"type": "record"})"), "none");
}

}  // namespace hw::sql

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>
#include <string>

#include "sql/codecs/schema.h"
#include "sql/json.h"

namespace hw::sql {

namespace {

using testing::HasSubstr;

std::string compile_error(std::string_view schema) {
    const auto compiled = compile_schema(SchemaType::json, schema);
    return compiled ? "none" : compiled.error().text();
}

// "" where the message fits.
std::string flaw(std::string_view schema, std::string_view message) {
    const auto compiled = compile_schema(SchemaType::json, schema);
    EXPECT_TRUE(compiled.has_value()) << schema << (compiled ? "" : compiled.error().text());
    if (!compiled) return "?";
    const auto value = (*compiled)->decode(message, "");
    return value ? "" : value.error().text();
}

// The messages before the null fit, those after it do not.
void check(std::string_view schema, std::initializer_list<const char*> messages) {
    bool fits = true;
    for (const char* message : messages) {
        if (!message) {
            fits = false;
            continue;
        }
        EXPECT_EQ(flaw(schema, message).empty(), fits)
            << schema << " and " << message << ": " << flaw(schema, message);
    }
}

}  // namespace

TEST(JsonSchema, TypesAndChoices) {
    check(R"({"type": "integer"})", {"5", "5.0", nullptr, "5.5", "\"5\"", "null", "true"});
    check(R"({"type": ["number", "null"]})", {"5.5", "null", nullptr, "\"\"", "[]", "{}"});
    check(R"({"enum": [1, "a", null, [2]]})", {"1.0", "\"a\"", "null", "[2]", nullptr, "2"});
    check(R"({"const": {"a": [1]}})", {R"({"a": [1]})", nullptr, R"({"a": [2]})", "{}"});
    check("true", {"1", "null"});
    check("false", {nullptr, "1", "null"});
    check("{}", {"1", "{}"});
}

TEST(JsonSchema, Numbers) {
    check(R"({"minimum": 1, "maximum": 3})", {"1", "3", "\"x\"", nullptr, "0.9", "4"});
    check(R"({"exclusiveMinimum": 1, "exclusiveMaximum": 3})", {"1.1", nullptr, "1", "3"});
    check(R"({"minimum": 1, "exclusiveMinimum": true})", {"2", nullptr, "1"});
    check(R"({"maximum": 1, "exclusiveMaximum": true})", {"0", nullptr, "1"});
    check(R"({"multipleOf": 0.1})", {"0.3", "1", nullptr, "0.25"});
    check(R"({"multipleOf": 3})", {"9", "-3", nullptr, "10"});
    check(R"({"minimum": 9007199254740993})", {"9007199254740993", nullptr, "9007199254740992"});
}

TEST(JsonSchema, Strings) {
    check(R"({"minLength": 2, "maxLength": 3})",
          {"\"流量\"", "\"abc\"", "5", nullptr, "\"a\"", "\"abcd\""});
    check(R"({"pattern": "^P-[0-9]+$"})", {"\"P-12\"", nullptr, "\"P-\"", "\"xP-1\""});
}

TEST(JsonSchema, Arrays) {
    check(R"({"items": {"type": "integer"}, "minItems": 1, "maxItems": 2})",
          {"[1]", "[1, 2]", "{}", nullptr, "[]", "[1, 2, 3]", "[\"a\"]"});
    check(R"({"uniqueItems": true})",
          {"[1, 2, \"1\"]", nullptr, "[1, 1.0]", R"([{"a": 1, "b": 2}, {"b": 2, "a": 1}])"});
    check(R"({"items": [{"type": "string"}], "additionalItems": false})",
          {"[\"a\"]", "[]", nullptr, "[1]", "[\"a\", 1]"});
    check(R"({"prefixItems": [{"type": "string"}], "items": {"type": "integer"}})",
          {"[\"a\", 1]", nullptr, "[\"a\", \"b\"]"});
    check(R"({"contains": {"const": 5}})", {"[1, 5]", nullptr, "[1]", "[]"});
}

TEST(JsonSchema, Objects) {
    check(R"({"properties": {"flow": {"type": "number"}}, "required": ["flow"],
              "additionalProperties": false})",
          {R"({"flow": 1})", "5", nullptr, "{}", R"({"flow": "x"})", R"({"flow": 1, "x": 2})"});
    check(R"({"patternProperties": {"^t_": {"type": "integer"}},
              "additionalProperties": {"type": "string"}})",
          {R"({"t_a": 1, "b": "x"})", nullptr, R"({"t_a": "x"})", R"({"b": 1})"});
    check(R"({"propertyNames": {"maxLength": 2}})", {R"({"ab": 1})", nullptr, R"({"abc": 1})"});
    check(R"({"minProperties": 1, "maxProperties": 1})",
          {R"({"a": 1})", nullptr, "{}", R"({"a": 1, "b": 2})"});
    check(R"({"dependentRequired": {"a": ["b"]}})",
          {R"({"a": 1, "b": 2})", R"({"b": 2})", nullptr, R"({"a": 1})"});
    check(R"({"dependencies": {"a": {"required": ["c"]}, "b": ["c"]}})",
          {R"({"a": 1, "c": 2})", "{}", nullptr, R"({"a": 1})", R"({"b": 1})"});
}

TEST(JsonSchema, Combinations) {
    check(R"({"allOf": [{"minimum": 1}, {"maximum": 3}]})", {"2", nullptr, "0", "4"});
    check(R"({"anyOf": [{"type": "string"}, {"minimum": 3}]})", {"\"a\"", "4", nullptr, "2"});
    check(R"({"oneOf": [{"multipleOf": 2}, {"multipleOf": 3}]})", {"2", "3", nullptr, "6", "5"});
    check(R"({"not": {"type": "null"}})", {"1", nullptr, "null"});
    check(R"({"if": {"properties": {"kind": {"const": "pump"}}}, "then": {"required": ["rpm"]},
              "else": {"required": ["level"]}})",
          {R"({"kind": "pump", "rpm": 1})", R"({"kind": "tank", "level": 2})", nullptr,
           R"({"kind": "pump"})", R"({"kind": "tank"})"});
}

TEST(JsonSchema, References) {
    check(R"({"$ref": "#/definitions/node", "definitions": {"node": {"type": "object",
              "properties": {"next": {"$ref": "#/definitions/node"}}, "required": ["id"]}}})",
          {R"({"id": 1, "next": {"id": 2}})", nullptr, "{}", R"({"id": 1, "next": {}})"});
    check(R"({"$defs": {"a/b~c": {"type": "integer"}},
              "items": {"$ref": "#/$defs/a~1b~0c"}})",
          {"[1]", nullptr, "[\"a\"]"});
}

TEST(JsonSchema, FlawsSayWhere) {
    EXPECT_EQ(flaw(R"({"properties": {"pumps": {"items": {"properties": {"rpm":
                   {"maximum": 3000}}}}}})",
                   R"({"pumps": [{"rpm": 1}, {"rpm": 4000}]})"),
              "the message.pumps[1].rpm is 4000, beyond the bound 3000");
    EXPECT_EQ(flaw(R"({"required": ["flow"]})", "{}"), "the message lacks 'flow'");
}

TEST(JsonSchema, WhatWeCannotCheckIsRefused) {
    EXPECT_EQ(compile_error(R"({"properties": {"a": {"unevaluatedItems": false}}})"),
              "'#/properties/a/unevaluatedItems' is not supported");
    EXPECT_THAT(compile_error(R"({"$ref": "http://example.org/a"})"), HasSubstr("#/$ref"));
    EXPECT_THAT(compile_error(R"({"$ref": "#/definitions/a"})"), HasSubstr("#/$ref"));
    EXPECT_THAT(compile_error(R"x({"pattern": "(?=a)"})x"), HasSubstr("RE2"));
    EXPECT_THAT(compile_error(R"({"type": "text"})"), HasSubstr("'#/type' must be"));
    EXPECT_THAT(compile_error(R"({"items": 5})"), HasSubstr("#/items"));
    EXPECT_THAT(compile_error(R"({"minLength": -1})"), HasSubstr("#/minLength"));
    EXPECT_THAT(compile_error(R"({"required": [1]})"), HasSubstr("strings"));
    EXPECT_THAT(compile_error(R"({"multipleOf": 0})"), HasSubstr("above 0"));
    EXPECT_THAT(compile_error("[]"), HasSubstr("'#' must be"));
    EXPECT_EQ(compile_error(R"({"$schema": "http://json-schema.org/draft-07/schema#",
        "title": "x", "format": "email", "x-own": 5, "default": {"type": 5}})"),
              "none");
}

TEST(JsonSchema, EndlessOnesEnd) {
    EXPECT_THAT(flaw(R"({"$ref": "#"})", "1"), HasSubstr("too involved"));
    EXPECT_THAT(flaw(R"({"not": {"$ref": "#"}})", "1"), HasSubstr("too involved"));
    EXPECT_THAT(flaw(R"({"anyOf": [{"$ref": "#"}, {"$ref": "#"}]})", "1"),
                HasSubstr("too involved"));
}

TEST(JsonSchema, BothWays) {
    const auto schema = compile_schema(SchemaType::json, R"({"required": ["a"]})").value();
    EXPECT_EQ(schema->encode(schema->decode(R"({"a": 1.5})", "").value(), "").value(),
              R"({"a":1.5})");
    EXPECT_EQ(schema->encode(Datum::object({}), "").error().code(), ErrorCode::invalid_argument);
    EXPECT_EQ(schema->decode("{", "").error().code(), ErrorCode::corrupt);
}

}  // namespace hw::sql

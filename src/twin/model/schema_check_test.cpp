#include <gtest/gtest.h>

#include <string>

#include "sql/json.h"
#include "twin/model/iso_time.h"
#include "twin/model/schema.h"

namespace hw::twin {
namespace {

using sql::Datum;

Datum datum(std::string_view json) {
    sql::JsonReader reader;
    auto value = reader.read(json);
    EXPECT_TRUE(value) << json;
    return value ? *value : Datum::null();
}

SchemaPtr plain(SchemaKind kind) {
    auto schema = std::make_shared<Schema>();
    schema->kind = kind;
    return schema;
}

std::string checked(const Schema& schema, std::string_view json) {
    const auto value = check_value(schema, datum(json));
    return value ? sql::to_json(*value) : "! " + value.error().text();
}

std::string checked(SchemaKind kind, std::string_view json) {
    return checked(*plain(kind), json);
}

TEST(CheckValue, numbers) {
    EXPECT_EQ(checked(SchemaKind::float64, "5"), "5.0");
    EXPECT_EQ(checked(SchemaKind::float64, "-0.5"), "-0.5");
    EXPECT_EQ(checked(SchemaKind::float64, "\"x\""),
              "! expected a number (double), found the text 'x'");
    EXPECT_EQ(checked(SchemaKind::float64, "true"), "! expected a number (double), found true");
    EXPECT_EQ(checked(SchemaKind::float64, "null"), "! expected a number (double), found null");
    EXPECT_EQ(checked(SchemaKind::float32, "1e39"),
              "! 1e+39 is beyond the range of a float (3.4028235e38)");
    EXPECT_EQ(checked(SchemaKind::int32, "2147483647"), "2147483647");
    EXPECT_EQ(checked(SchemaKind::int32, "5.0"), "5");
    EXPECT_EQ(checked(SchemaKind::int32, "5.5"), "! expected a whole number (integer), found 5.5");
    EXPECT_EQ(checked(SchemaKind::int32, "2147483648"),
              "! 2147483648 is beyond the range of an integer (4 bytes: -2147483648 to "
              "2147483647); the schema long is wider");
    EXPECT_EQ(checked(SchemaKind::int64, "-9223372036854775808"), "-9223372036854775808");
    EXPECT_EQ(checked(SchemaKind::int64, "9223372036854775808").substr(0, 40),
              "! expected a whole number (long), found ");
    EXPECT_FALSE(check_value(*plain(SchemaKind::float64), Datum::real(1.0 / 0.0)));
    EXPECT_FALSE(check_value(*plain(SchemaKind::int64), Datum::real(0.0 / 0.0)));
}

TEST(CheckValue, texts_and_times) {
    EXPECT_EQ(checked(SchemaKind::boolean, "true"), "true");
    EXPECT_EQ(checked(SchemaKind::boolean, "1"), "! expected true or false, found 1");
    EXPECT_EQ(checked(SchemaKind::string, "\"\""), "\"\"");
    EXPECT_EQ(checked(SchemaKind::string, "5"), "! expected a text (string), found 5");
    EXPECT_EQ(checked(SchemaKind::date, "\"2024-02-29\""), "\"2024-02-29\"");
    EXPECT_EQ(checked(SchemaKind::date, "\"2023-02-29\""),
              "! expected a date such as \"2026-03-01\", found the text '2023-02-29'");
    EXPECT_EQ(checked(SchemaKind::date_time, "\"2026-03-01T12:00:00.5+08:00\""),
              "\"2026-03-01T12:00:00.5+08:00\"");
    EXPECT_EQ(checked(SchemaKind::date_time, "\"2026-03-01T12:00:00\""),
              "! expected a time such as \"2026-03-01T12:00:00Z\" (dateTime), found the text "
              "'2026-03-01T12:00:00'");
    EXPECT_EQ(*check_value(*plain(SchemaKind::date_time), Datum::time(Time{0})),
              Datum::text("1970-01-01T00:00:00Z"));
    EXPECT_EQ(checked(SchemaKind::time, "\"23:59:60Z\""), "\"23:59:60Z\"");
    EXPECT_EQ(checked(SchemaKind::time, "\"24:00:00Z\""),
              "! expected a time of day with its zone, such as \"12:00:00Z\", found the text "
              "'24:00:00Z'");
    EXPECT_EQ(checked(SchemaKind::duration, "\"P1Y2M3DT4H5M6.5S\""), "\"P1Y2M3DT4H5M6.5S\"");
    EXPECT_EQ(checked(SchemaKind::duration, "\"10m\""),
              "! expected an ISO 8601 duration such as \"PT10M\", found the text '10m'");
    EXPECT_EQ(checked(SchemaKind::string, "\"" + std::string(70, 'x') + "\""),
              "\"" + std::string(70, 'x') + "\"");
    EXPECT_EQ(checked(SchemaKind::boolean, "\"" + std::string(70, 'x') + "\""),
              "! expected true or false, found the text '" + std::string(60, 'x') + "...'");
}

TEST(CheckValue, enumerations_take_values_then_names) {
    Schema schema;
    schema.kind = SchemaKind::enumeration;
    schema.enum_kind = SchemaKind::int32;
    schema.enum_values = {{"off", Datum::integer(0), {}, {}}, {"on", Datum::integer(1), {}, {}}};
    EXPECT_EQ(checked(schema, "1"), "1");
    EXPECT_EQ(checked(schema, "1.0"), "1");
    EXPECT_EQ(checked(schema, "\"on\""), "1");
    EXPECT_EQ(checked(schema, "2"), "! expected one of off (0), on (1), found 2");
    schema.enum_kind = SchemaKind::string;
    schema.enum_values = {{"a", Datum::text("b"), {}, {}}, {"b", Datum::text("c"), {}, {}}};
    EXPECT_EQ(checked(schema, "\"b\""), "\"b\"");  // a value goes before a name
    EXPECT_EQ(checked(schema, "\"a\""), "\"b\"");
    EXPECT_EQ(checked(schema, "\"B\""), "! expected one of a, b, found the text 'B'");
    schema.enum_values.clear();
    EXPECT_EQ(checked(schema, "\"B\""), "! the enumeration has no values at all");
}

TEST(CheckValue, complex_values_name_the_place) {
    Schema array;
    array.kind = SchemaKind::array;
    array.element = plain(SchemaKind::float64);
    EXPECT_EQ(checked(array, "[1, 2.5]"), "[1.0,2.5]");
    EXPECT_EQ(checked(array, "[1, \"x\"]"), "! /1: expected a number (double), found the text 'x'");
    EXPECT_EQ(checked(array, "5"), "! expected an array, found 5");
    Schema object;
    object.kind = SchemaKind::object;
    object.fields.push_back({"high", {}, {}, plain(SchemaKind::float64)});
    object.fields.push_back({"trend", {}, {}, std::make_shared<Schema>(array)});
    Schema outer;
    outer.kind = SchemaKind::map;
    outer.element = std::make_shared<Schema>(object);
    EXPECT_EQ(checked(outer, R"({"a/b~": {"high": 1, "trend": []}})"),
              R"({"a/b~":{"high":1.0,"trend":[]}})");
    EXPECT_EQ(checked(outer, R"({"a/b~": {"high": "x"}})"),
              "! /a~1b~0/high: expected a number (double), found the text 'x'");
    EXPECT_EQ(checked(outer, R"({"limits": {"trend": [0, 1, null]}})"),
              "! /limits/trend/2: expected a number (double), found null");
    EXPECT_EQ(checked(outer, R"({"limits": {"hihg": 1}})"),
              "! /limits/hihg: the object has no such field; did you mean 'high'?");
    EXPECT_EQ(checked(outer, R"({"limits": {"other": 1}})"),
              "! /limits/other: the object has no such field");
    EXPECT_EQ(checked(outer, "[]"), "! expected an object (map), found an array");
    EXPECT_EQ(checked(object, "\"x\""), "! expected an object, found the text 'x'");
    EXPECT_EQ(checked(object, "{}"), "{}");
}

TEST(CheckValue, geometries) {
    EXPECT_EQ(checked(SchemaKind::point, R"({"type":"Point","coordinates":[8.5,47,400]})"),
              R"({"type":"Point","coordinates":[8.5,47,400]})");
    EXPECT_EQ(checked(SchemaKind::point, R"({"type":"Polygon","coordinates":[]})"),
              "! expected GeoJSON: {\"type\": \"Point\", \"coordinates\": [...]}");
    EXPECT_EQ(checked(SchemaKind::point, R"({"type":"Point","coordinates":[8.5]})"),
              "! expected a position such as [longitude, latitude] in \"coordinates\"");
    EXPECT_EQ(checked(SchemaKind::point, R"({"type":"Point","coordinates":[8,"x"]})").front(), '!');
    EXPECT_EQ(checked(SchemaKind::point, "5").front(), '!');
    EXPECT_EQ(checked(SchemaKind::line_string, R"({"type":"LineString","coordinates":[[1,2]]})"),
              "! a line of a LineString needs at least 2 positions, found 1");
    EXPECT_EQ(checked(SchemaKind::polygon,
                      R"({"type":"Polygon","coordinates":[[[0,0],[1,0],[1,1],[0,1]]]})"),
              "! a ring of a Polygon must end with the position it begins with");
    EXPECT_EQ(checked(SchemaKind::polygon,
                      R"({"type":"Polygon","coordinates":[[[0,0],[1,0],[1,1],[0,0]]]})")
                  .front(),
              '{');
    EXPECT_EQ(checked(SchemaKind::multi_polygon,
                      R"({"type":"MultiPolygon","coordinates":[[[0,0],[1,0],[1,1],[0,0]]]})"),
              "! expected a position such as [longitude, latitude] in \"coordinates\"");
    EXPECT_EQ(checked(SchemaKind::multi_point, R"({"type":"MultiPoint","coordinates":[]})").front(),
              '{');
    EXPECT_EQ(
        checked(SchemaKind::multi_line_string, R"({"type":"MultiLineString","coordinates":5})"),
        "! \"coordinates\" of a MultiLineString must be 2 arrays around its positions");
}

TEST(IsoTime, spans) {
    EXPECT_EQ(*parse_span("PT10M"), seconds(600));
    EXPECT_EQ(*parse_span("10m"), seconds(600));
    EXPECT_EQ(*parse_span("P1DT12H"), seconds(129'600));
    EXPECT_EQ(*parse_span("P2W"), seconds(14 * 86'400));
    EXPECT_EQ(*parse_span("PT0.25S"), milliseconds(250));
    EXPECT_EQ(parse_span("P1M").error().text(),
              "'P1M' has years or months, whose length is not fixed; write days");
    EXPECT_EQ(parse_span("soon").error().text(),
              "'soon' is no duration; write \"10m\" or \"PT10M\"");
    EXPECT_EQ(parse_span("P99999999W").error().text(), "'P99999999W' is longer than 292 years");
    for (const std::string_view text : {"P", "PT", "PT5", "P5", "P1H", "PT1D", "P1D2W", "PT1M1H",
                                        "PT1.5M3S", "PT1.S", "PT.5S", "P-1D", "-PT5M", "", "P1DT"})
        EXPECT_FALSE(parse_span(text)) << text;
    for (const std::string_view text : {"-PT5M", "P1Y", "P0D", "PT0.5H", "P1W2D"})
        EXPECT_TRUE(is_iso_duration(text)) << text;
}

}  // namespace
}  // namespace hw::twin

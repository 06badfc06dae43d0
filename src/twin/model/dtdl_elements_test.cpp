// The elements of DTDL v3 and the terms of our extension: what they mean and what is refused.
#include <gtest/gtest.h>

#include <string>

#include "twin/model/dtdl_test_support.h"

namespace hw::twin {
namespace {

Content content_of(std::string_view contents, std::string_view more = "") {
    const auto models = add(*Models::none(), {interface_of(contents, "dtmi:x:A;1", more)});
    return models == nullptr ? Content{} : models->find("dtmi:x:A;1")->contents.front();
}

// The flaws of a property with this schema.
Texts schema_flaws(std::string_view schema) {
    return texts_of(R"({"@type": "Property", "name": "a", "schema": )" + std::string(schema) + "}");
}

TEST(DtdlSchema, primitives_and_geospatial_ones) {
    const auto kind = [](std::string_view name) {
        const Content content = content_of(R"({"@type": "Property", "name": "a", "schema": ")" +
                                           std::string(name) + "\"}");
        return std::string(content.schema == nullptr ? "" : to_string(content.schema->kind));
    };
    for (const std::string_view name :
         {"boolean", "date", "dateTime", "double", "duration", "float", "integer", "long", "string",
          "time", "lineString", "multiLineString", "multiPoint", "multiPolygon", "point",
          "polygon"})
        EXPECT_EQ(kind(name), name);
    EXPECT_EQ(kind("dtmi:dtdl:instance:Schema:dateTime;3"), "dateTime");
    EXPECT_EQ(kind("dtmi:standard:schema:geospatial:multiPolygon;3"), "multiPolygon");
    EXPECT_EQ(schema_flaws(R"("dtmi:standard:schema:geospatial:double;3")").size(), 1);
    EXPECT_EQ(schema_flaws(R"("dtmi:dtdl:instance:Schema:point;3")").size(), 1);
    EXPECT_EQ(schema_flaws(R"("dtmi:dtdl:instance:Schema:double;2")").size(), 1);
    EXPECT_EQ(schema_flaws("5"), (Texts{"/contents/0/schema: expected a schema, found 5"}));
    EXPECT_EQ(schema_flaws(R"("Double")"),
              (Texts{"/contents/0/schema: 'Double' is no schema; did you mean double?"}));
    EXPECT_EQ(schema_flaws(R"("dtmi:x:limits;1")"),
              (Texts{"/contents/0/schema: there is no schema 'dtmi:x:limits;1' in this interface; "
                     "DTDL lets a schema be shared within its own interface only: put it into "
                     "\"schemas\""}));
    EXPECT_EQ(texts_of(R"({"@type": "Property", "name": "a"})"),
              (Texts{"/contents/0: Property needs 'schema'"}));
}

TEST(DtdlSchema, unit_types_of_the_extension) {
    const Content content =
        content_of(R"({"@type": "Property", "name": "a", "schema": "TemperatureUnit"})");
    ASSERT_NE(content.schema, nullptr);
    EXPECT_EQ(content.schema->kind, SchemaKind::enumeration);
    EXPECT_EQ(content.schema->enum_values.size(), 3);
    EXPECT_EQ(*check_value(*content.schema, sql::Datum::text("kelvin")),
              sql::Datum::text("kelvin"));
}

TEST(DtdlSchema, enumerations) {
    const Content content = content_of(R"({"@type": "Property", "name": "a", "schema": {
        "@type": "Enum", "valueSchema": "string", "enumValues": [
          {"@type": "EnumValue", "name": "off", "enumValue": "OFF", "displayName": "Off"},
          {"name": "on", "enumValue": "ON", "description": "running"}]}})");
    ASSERT_EQ(content.schema->enum_values.size(), 2);
    EXPECT_EQ(content.schema->enum_kind, SchemaKind::string);
    EXPECT_EQ(content.schema->enum_values[0].display_name, "Off");
    EXPECT_EQ(content.schema->enum_values[1].value, sql::Datum::text("ON"));
    EXPECT_EQ(schema_flaws(R"({"@type": "Enum", "valueSchema": "integer"})"), Texts{});
    EXPECT_EQ(schema_flaws(R"({"@type": "Enum", "enumValues": []})"),
              (Texts{"/contents/0/schema: Enum needs 'valueSchema'"}));
    EXPECT_EQ(
        schema_flaws(R"({"@type": "Enum", "valueSchema": "double"})"),
        (Texts{"/contents/0/schema/valueSchema: \"valueSchema\" must be integer or string, not "
               "'double'"}));
    EXPECT_EQ(schema_flaws(R"({"@type": "Enum", "valueSchema": "integer", "enumValues": [
                {"name": "a", "enumValue": 1}, {"name": "a", "enumValue": 2},
                {"name": "b", "enumValue": 1}, {"name": "c", "enumValue": "x"},
                {"name": "d", "enumValue": 3000000000}, {"name": "e"}]})"),
              (Texts{
                  "/contents/0/schema/enumValues/1: the name 'a' stands twice in the enumeration",
                  "/contents/0/schema/enumValues/2: the value '1' stands twice in the enumeration",
                  "/contents/0/schema/enumValues/3/enumValue: expected a whole number of 4 bytes, "
                  "found 'x'",
                  "/contents/0/schema/enumValues/4/enumValue: expected a whole number of 4 bytes, "
                  "found 3000000000",
                  "/contents/0/schema/enumValues/5: EnumValue needs 'enumValue'",
              }));
}

TEST(DtdlSchema, arrays_maps_and_objects) {
    const Content content = content_of(R"({"@type": "Property", "name": "a", "schema": {
        "@type": "Map", "mapKey": {"name": "k", "schema": "string"}, "mapValue": {
          "name": "v", "schema": {"@type": "Array", "elementSchema": {
            "@type": "Object", "fields": [
              {"@type": ["Field", "Pressure"], "name": "high", "schema": "double", "unit": "bar"},
              {"name": "at", "schema": "dateTime", "displayName": "At"}]}}}}})");
    const Schema& map = *content.schema;
    EXPECT_EQ(map.kind, SchemaKind::map);
    EXPECT_EQ(map.element->kind, SchemaKind::array);
    const auto& fields = map.element->element->fields;
    ASSERT_EQ(fields.size(), 2);
    EXPECT_EQ(fields[0].unit, "bar");
    EXPECT_EQ(fields[0].semantic_types, (std::vector<std::string>{"Pressure"}));
    EXPECT_EQ(fields[1].display_name, "At");
    EXPECT_EQ(schema_flaws(R"({"@type": "Map", "mapKey": {"name": "k", "schema": "long"}})"),
              (Texts{"/contents/0/schema: Map needs 'mapValue'",
                     "/contents/0/schema/mapKey/schema: a map's key must be a string, not long"}));
    EXPECT_EQ(schema_flaws(R"({"@type": "Array"})"),
              (Texts{"/contents/0/schema: Array needs 'elementSchema'"}));
    EXPECT_EQ(schema_flaws(R"({"@type": "Object"})"), Texts{});
    EXPECT_EQ(schema_flaws(R"({"@type": "Object", "fields": [{"name": "x", "schema": "long"},
                               {"name": "x", "schema": "long"}, 7]})"),
              (Texts{"/contents/0/schema/fields/1: the field 'x' stands twice in the object",
                     "/contents/0/schema/fields/2: expected Field, found 7"}));
    EXPECT_EQ(
        schema_flaws(R"({"@type": "Telemetry"})"),
        (Texts{"/contents/0/schema/@type: 'Telemetry' cannot stand here; expected Array, Enum, "
               "Map or Object"}));
}

TEST(DtdlSchema, shared_ones_are_made_once) {
    const auto models = add(
        *Models::none(),
        {interface_of(
            R"({"@type": "Property", "name": "a", "schema": "dtmi:x:A:limits;1"},
           {"@type": "Property", "name": "b", "schema": "dtmi:x:A:limits;1"},
           {"@type": "Property", "name": "c", "schema":
             {"@id": "dtmi:x:A:c;1", "@type": "Array", "elementSchema": "dtmi:x:A:limits;1"}},
           {"@type": "Property", "name": "d", "schema": "dtmi:x:A:c;1"})",
            "dtmi:x:A;1",
            R"("schemas": [{"@id": "dtmi:x:A:limits;1", "@type": "Object", "fields": []}], )")});
    ASSERT_NE(models, nullptr);
    const auto& contents = models->find("dtmi:x:A;1")->contents;
    EXPECT_EQ(contents[0].schema->id, "dtmi:x:A:limits;1");
    EXPECT_EQ(contents[0].schema, contents[1].schema);
    EXPECT_EQ(contents[2].schema->element, contents[0].schema);
    EXPECT_EQ(contents[2].schema, contents[3].schema);
}

TEST(DtdlSchema, reusable_ones_need_an_id_and_are_complex) {
    EXPECT_EQ(
        texts_of("", R"("schemas": [{"@type": "Object"}, "double",
                             {"@id": "dtmi:x:e;1", "@type": "Enum", "valueSchema": "flot"}], )"),
        (Texts{"/schemas/0: a schema of \"schemas\" needs \"@id\", since nothing could refer to "
               "it",
               "/schemas/1: there is no element 'double' in this interface, and DTDL lets an "
               "element refer to those of its own interface only",
               "/schemas/2/valueSchema: \"valueSchema\" must be integer or string, not "
               "'flot'"}));
}

TEST(DtdlSchema, may_not_contain_itself) {
    EXPECT_EQ(texts_of("", R"("schemas": [
                {"@id": "dtmi:x:a;1", "@type": "Array", "elementSchema": "dtmi:x:b;1"},
                {"@id": "dtmi:x:b;1", "@type": "Object", "fields": [
                  {"name": "x", "schema": "dtmi:x:a;1"}]}], )"),
              (Texts{"/schemas/0: this schema contains itself, so that no value could ever be "
                     "complete"}));
}

std::string nested_arrays(size_t levels, std::string inner) {
    for (size_t i = 0; i < levels; ++i)
        inner = R"({"@type": "Array", "elementSchema": )" + inner + "}";
    return inner;
}

TEST(DtdlSchema, nests_five_levels) {
    EXPECT_EQ(schema_flaws(nested_arrays(5, "\"long\"")), Texts{});
    EXPECT_EQ(schema_flaws(nested_arrays(5, R"({"@type": "Enum", "valueSchema": "string"})")),
              Texts{});
    EXPECT_EQ(schema_flaws(nested_arrays(6, "\"long\"")),
              (Texts{"/contents/0/schema/elementSchema/elementSchema/elementSchema/elementSchema/"
                     "elementSchema: schemas are nested deeper than 5 levels"}));
    // By reference too, whichever is read first.
    const std::string shared = R"("schemas": {"@id": "dtmi:x:d;1", "@type": "Array",
                                   "elementSchema": )" +
                               nested_arrays(3, "\"long\"") + "}, ";
    EXPECT_EQ(texts_of(R"({"@type": "Property", "name": "a", "schema": "dtmi:x:d;1"},
                          {"@type": "Property", "name": "b", "schema": )" +
                           nested_arrays(1, "\"dtmi:x:d;1\"") + "}",
                       shared),
              Texts{});
    EXPECT_EQ(texts_of(R"({"@type": "Property", "name": "a", "schema": "dtmi:x:d;1"},
                          {"@type": "Property", "name": "b", "schema": )" +
                           nested_arrays(2, "\"dtmi:x:d;1\"") + "}",
                       shared),
              (Texts{"/schemas: schemas are nested deeper than 5 levels where this one is used"}));
    EXPECT_EQ(texts_of(R"({"@type": "Property", "name": "b", "schema": )" +
                           nested_arrays(2, "\"dtmi:x:d;1\"") + "}",
                       shared)
                  .size(),
              1);
}

TEST(DtdlUnits, go_with_semantic_types) {
    EXPECT_EQ(texts_of(R"({"@type": ["Telemetry", "Temperature"], "name": "t", "schema": "double",
                           "unit": "bar"})"),
              (Texts{"/contents/0/unit: 'bar' is no unit of Temperature, which has degreeCelsius, "
                     "degreeFahrenheit, kelvin"}));
    EXPECT_EQ(texts_of(R"({"@type": ["Telemetry", "Temperature"], "name": "t", "schema": "double",
                           "unit": "degreeCelcius"})"),
              (Texts{"/contents/0/unit: the unit 'degreeCelcius' is not known; did you mean "
                     "degreeCelsius?"}));
    EXPECT_EQ(
        texts_of(R"({"@type": "Telemetry", "name": "t", "schema": "double",
                           "unit": "kilowatt"})"),
        (Texts{"/contents/0/unit: a unit needs a semantic type beside Telemetry in \"@type\"; "
               "'kilowatt' goes with EnergyRate, Luminosity, Power"}));
    EXPECT_EQ(
        texts_of(R"({"@type": ["Telemetry", "Temperature"], "name": "t",
                           "schema": "string", "unit": "kelvin"})"),
        (Texts{"/contents/0/@type: Temperature needs a numeric schema: double, float, integer "
               "or long"}));
    EXPECT_EQ(
        texts_of(R"({"@type": ["Telemetry", "Temperature"], "name": "t", "schema": "float"})"),
        (Texts{"/contents/0: Temperature needs 'unit': one of degreeCelsius, degreeFahrenheit, "
               "kelvin"}));
    EXPECT_EQ(texts_of(R"({"@type": "Command", "name": "c", "request": {
                 "@type": ["CommandRequest", "Torque"], "name": "r", "schema": "double",
                 "unit": "metre"}})"),
              (Texts{"/contents/0/request/unit: 'metre' is no unit of Torque, which has "
                     "newtonMetre"}));
    EXPECT_EQ(content_of(R"({"@type": "Telemetry", "name": "t", "schema": "double",
                             "unitSymbol": "NTU"})")
                  .unit,
              "NTU");
    EXPECT_EQ(
        texts_of(R"({"@type": ["Telemetry", "Temperature"], "name": "t", "schema": "double",
                           "unit": "kelvin", "unitSymbol": "K"})"),
        (Texts{"/contents/0/unitSymbol: 'unitSymbol' cannot stand beside the unit 'kelvin'"}));
    EXPECT_EQ(texts_of(R"({"@type": "Telemetry", "name": "t", "schema": "double",
                           "unitSymbol": ""})"),
              (Texts{"/contents/0/unitSymbol: 'unitSymbol' must have 1 to 32 bytes"}));
}

TEST(DtdlAnnotation, names_a_sibling) {
    constexpr std::string_view value =
        R"({"@type": "Telemetry", "name": "t", "schema": "double"},)";
    const auto flaws = [&](std::string_view annotation) {
        return texts_of(std::string(value) + std::string(annotation));
    };
    EXPECT_EQ(flaws(R"({"@type": ["Property", "ValueAnnotation"], "name": "a", "schema": "double",
                        "annotates": "t"})"),
              Texts{});
    EXPECT_EQ(flaws(R"({"@type": ["Property", "ValueAnnotation"], "name": "a", "schema": "double",
                        "annotates": "b"})"),
              (Texts{"/contents/1: 'annotates' must name another Property or Telemetry of this "
                     "interface, not 'b'"}));
    EXPECT_EQ(flaws(R"({"@type": ["Property", "ValueAnnotation"], "name": "a",
                        "schema": "double"})"),
              (Texts{"/contents/1: Property needs 'annotates'"}));
    EXPECT_EQ(flaws(R"({"@type": ["Property", "ValueAnnotation"], "name": "a", "schema": "double",
                        "annotates": "t"}, {"@type": ["Property", "ValueAnnotation"], "name": "b",
                        "schema": "double", "annotates": "a"})"),
              (Texts{"/contents/2: 'annotates' must name a value, and 'a' is an annotation "
                     "itself"}));
    EXPECT_EQ(flaws(R"({"@type": "Property", "name": "a", "schema": "double",
                        "annotates": "t"})"),
              (Texts{"/contents/1/annotates: 'annotates' needs the type ValueAnnotation in "
                     "\"@type\""}));
}

TEST(DtdlCommand, has_request_and_response) {
    const Content content = content_of(R"({"@type": "Command", "name": "c",
        "commandType": "asynchronous",
        "request": {"@type": "CommandRequest", "name": "r", "schema": "double",
                    "displayName": "R", "nullable": true},
        "response": {"name": "s", "schema": {"@type": "Object"}, "description": "S"}})");
    EXPECT_EQ(content.request->name, "r");
    EXPECT_EQ(content.request->display_name, "R");
    EXPECT_TRUE(content.request->nullable);
    EXPECT_EQ(content.response->schema->kind, SchemaKind::object);
    EXPECT_FALSE(content.response->nullable);
    EXPECT_EQ(texts_of(R"({"@type": "Command", "name": "c", "commandType": "sync",
                           "request": {"@type": "CommandPayload", "name": "r", "schema": "long"},
                           "response": {"schema": "long"}})"),
              (Texts{"/contents/0/commandType: \"commandType\" is synchronous or asynchronous (and "
                     "may be left out), not 'sync'",
                     "/contents/0/request/@type: \"@type\" must have CommandRequest, found "
                     "'CommandPayload'",
                     "/contents/0/response: CommandResponse needs 'name'"}));
}

TEST(DtdlCommand, writes_properties_of_the_interface) {
    constexpr std::string_view values =
        R"({"@type": "Property", "name": "speed", "schema": "double"},
           {"@type": "Property", "name": "serial", "schema": "string", "fixed": true},)";
    const auto flaws = [&](std::string_view writes, std::string_view more = "") {
        return texts_of(std::string(values) + R"({"@type": "Command", "name": "c", "writes": )" +
                        std::string(writes) + std::string(more) + "}");
    };
    EXPECT_EQ(flaws(R"([{"property": "speed", "value": 5}])", R"(, "timeout": "PT30S")"), Texts{});
    EXPECT_EQ(flaws(R"({"property": "speed", "value": "request.speed * 2"})"), Texts{});
    EXPECT_EQ(flaws(R"([{"property": "sped", "value": "1"}])"),
              (Texts{"/contents/2: the command writes 'sped', which this interface does not have; "
                     "did you mean speed?"}));
    EXPECT_EQ(flaws(R"([{"property": "serial", "value": "1"}])"),
              (Texts{"/contents/2: the command writes 'serial', which has no point"}));
    EXPECT_EQ(
        flaws(R"([{"property": "speed"}, 5, {"property": "speed", "value": "1", "x": 2}])"),
        (Texts{"/contents/2/writes/0: a write needs 'property' (a path) and 'value' (an "
               "expression)",
               "/contents/2/writes/1: a write is {\"property\": ..., \"value\": ...}, found 5",
               "/contents/2/writes/2/x: a write has 'property' and 'value', not 'x'"}));
    EXPECT_EQ(flaws("[]", R"(, "timeout": "soon")"),
              (Texts{"/contents/2/timeout: 'soon' is no duration; write \"10m\" or \"PT10M\""}));
}

TEST(DtdlRelationship, needs_nothing_but_a_name) {
    const Content content = content_of(R"({"@type": "Relationship", "name": "r", "target": [],
        "minMultiplicity": [], "maxMultiplicity": [], "writable": [], "comment": []})");
    EXPECT_EQ(content.target, "");
    EXPECT_EQ(content.max_multiplicity, 0);
    EXPECT_EQ(texts_of(R"({"@type": "Relationship", "name": "r",
                           "target": {"@value": "dtmi:x:B;1"}})"),
              (Texts{"/contents/0/target: \"target\" must be a DTMI, found an object"}));
}

TEST(DtdlRelationship, has_bounds_target_and_properties) {
    const Content content = content_of(R"({"@type": "Relationship", "name": "feeds",
        "target": "dtmi:x:Other;1", "minMultiplicity": 0, "maxMultiplicity": 3, "writable": true,
        "properties": {"@type": ["Property", "Length"], "name": "length", "schema": "double",
                       "unit": "metre", "writable": true}})");
    EXPECT_EQ(content.target, "dtmi:x:Other;1");
    EXPECT_EQ(content.max_multiplicity, 3);
    EXPECT_TRUE(content.writable);
    ASSERT_EQ(content.properties.size(), 1);
    EXPECT_EQ(content.properties[0].unit, "metre");
    EXPECT_EQ(content.properties[0].defined_in, "dtmi:x:A;1");
    EXPECT_EQ(texts_of(R"({"@type": "Relationship", "name": "feeds", "target": "Other",
                           "minMultiplicity": 1, "maxMultiplicity": 0, "properties": [
                             {"@type": "Property", "name": "a", "schema": "long", "point": "x"},
                             {"@type": "Property", "name": "a", "schema": "long"},
                             {"@type": "Telemetry", "name": "b", "schema": "long"}]})"),
              (Texts{"/contents/0/target: 'Other' is no DTMI: at character 1, it must begin with "
                     "'dtmi:', as in dtmi:com:example:Pump;1",
                     "/contents/0/minMultiplicity: \"minMultiplicity\" must be 0 in DTDL v3, not 1",
                     "/contents/0/maxMultiplicity: \"maxMultiplicity\" must be at least 1, not 0",
                     "/contents/0/properties/0/point: 'point' cannot stand in a relationship's "
                     "property, which is set by hand",
                     "/contents/0/properties/1: the property 'a' stands twice in the relationship",
                     "/contents/0/properties/2/@type: 'Telemetry' cannot stand here; expected "
                     "Property"}));
}

TEST(TwinExtension, says_where_a_value_comes_from) {
    const Content content = content_of(R"({"@type": ["Property", "Historized"], "name": "a",
        "schema": "double", "point": "${id}/x/${name}", "staleAfter": "90s", "writable": true,
        "minimum": -1, "maximum": 2.5})");
    EXPECT_EQ(content.point, "${id}/x/${name}");
    EXPECT_EQ(content.stale_after, seconds(90));
    EXPECT_TRUE(content.historized);
    EXPECT_EQ(content.minimum, -1);
    EXPECT_EQ(content.maximum, 2.5);
    EXPECT_EQ(content_of(R"({"@type": "Property", "name": "a", "schema": "double",
                             "expression": "b / 2"})")
                  .expression,
              "b / 2");
    const auto flaws = [](std::string_view type, std::string_view terms) {
        return texts_of(R"({"@type": ")" + std::string(type) +
                        R"(", "name": "a", "schema": "double", )" + std::string(terms) + "}");
    };
    EXPECT_EQ(
        flaws("Property", R"("point": "${idd}")"),
        (Texts{"/contents/0/point: the point pattern '${idd}' has the unknown place '${idd}'; "
               "there are ${id}, ${id[0]}, ${parent}, ${path}, ${name} and ${property:x}"}));
    EXPECT_EQ(flaws("Property", R"("point": "")"),
              (Texts{"/contents/0/point: the point pattern '' is empty"}));
    EXPECT_EQ(flaws("Property", R"("point": "a/#")"),
              (Texts{"/contents/0/point: the point pattern 'a/#' has a '+', '#' or other character "
                     "that no point may have"}));
    EXPECT_EQ(flaws("Property", R"("expression": " \n")"),
              (Texts{"/contents/0/expression: the expression is empty"}));
    EXPECT_EQ(
        flaws("Property", R"("staleAfter": "P1M")"),
        (Texts{"/contents/0/staleAfter: 'P1M' has years or months, whose length is not fixed; "
               "write days"}));
    EXPECT_EQ(flaws("Property", R"("staleAfter": "0s")"),
              (Texts{"/contents/0/staleAfter: 'staleAfter' must be longer than nothing"}));
    EXPECT_EQ(flaws("Property", R"("minimum": "1")"),
              (Texts{"/contents/0/minimum: expected a number, found '1'"}));
    EXPECT_EQ(flaws("Property", R"("minimum": 2, "maximum": 1)"),
              (Texts{"/contents/0/minimum: the minimum 2 is above the maximum 1"}));
    EXPECT_EQ(flaws("Telemetry", R"("fixed": true)"),
              (Texts{"/contents/0/fixed: telemetry cannot be fixed; make it a Property"}));
    EXPECT_EQ(flaws("Property", R"("fixed": true, "point": "x")"),
              (Texts{"/contents/0/point: a fixed property has no point; remove 'fixed' or "
                     "'point'"}));
    EXPECT_EQ(
        flaws("Property", R"("expression": "b", "point": "x", "writable": true)"),
        (Texts{"/contents/0/expression: a value has a point or an expression, not both; remove "
               "one of them",
               "/contents/0/expression: a derived property cannot be written; remove "
               "'writable' or 'expression'"}));
    EXPECT_EQ(texts_of(R"({"@type": "Property", "name": "a", "schema": "string", "maximum": 1})"),
              (Texts{"/contents/0/maximum: 'maximum' needs a numeric schema, not string"}));
}

TEST(DtdlIds, stand_once) {
    EXPECT_EQ(
        texts_of(R"({"@type": "Property", "@id": "dtmi:x:p;1", "name": "a", "schema": "long"},
                          {"@type": "Property", "@id": "dtmi:x:p;1", "name": "b",
                           "schema": "long"})"),
        (Texts{"/contents/1/@id: the id 'dtmi:x:p;1' stands twice in this interface; an id is "
               "given once"}));
    EXPECT_EQ(texts_of(R"({"@type": "Property", "@id": "dtmi:x:_p;1", "name": "a",
                           "schema": "long"})")
                  .size(),
              1);
}

TEST(DtdlReferences, an_element_may_be_named_within_its_interface) {
    const auto models = add(*Models::none(), {interface_of(
                                                 R"({"@type": "Command", "name": "a", "request":
             {"@id": "dtmi:x:r;1", "name": "r", "schema": "long"}},
           {"@type": "Command", "name": "b", "request": "dtmi:x:r;1"})")});
    ASSERT_NE(models, nullptr);
    EXPECT_EQ(models->find("dtmi:x:A;1")->find("b")->request->name, "r");
    EXPECT_EQ(texts_of(R"({"@type": "Command", "name": "b", "request": "dtmi:x:r;1"})"),
              (Texts{"/contents/0/request: there is no element 'dtmi:x:r;1' in this interface, and "
                     "DTDL lets an element refer to those of its own interface only"}));
}

}  // namespace
}  // namespace hw::twin

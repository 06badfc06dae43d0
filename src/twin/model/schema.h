#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "sql/datum.h"

namespace hw::twin {

// DTDL v3 schemas (Digital Twins Definition Language, version 3): the ten primitives, the six
// geospatial ones (GeoJSON, RFC 7946) and the four complex ones.
enum class SchemaKind : uint8_t {
    boolean,
    date,       // RFC 3339 full-date
    date_time,  // RFC 3339
    duration,   // ISO 8601
    time,       // RFC 3339 full-time
    float32,    // "float"
    float64,    // "double"
    int32,      // "integer"
    int64,      // "long"
    string,
    point,
    multi_point,
    line_string,
    multi_line_string,
    polygon,
    multi_polygon,
    array,
    enumeration,
    map,
    object,
};
std::string_view to_string(SchemaKind kind);  // DTDL's words: "dateTime", "double", "Array", ...
constexpr bool is_number(SchemaKind kind) {
    return kind >= SchemaKind::float32 && kind <= SchemaKind::int64;
}

struct Schema;
using SchemaPtr = std::shared_ptr<const Schema>;  // immutable; any thread

struct SchemaField {  // of an object
    std::string name;
    std::string display_name;
    std::string description;
    SchemaPtr schema;
    std::vector<std::string> semantic_types = {};
    std::string unit = {};
};

struct EnumValue {
    std::string name;
    sql::Datum value;  // int64 or text
    std::string display_name;
    std::string description;
};

struct Schema {
    SchemaKind kind = SchemaKind::float64;
    std::string id;                             // its DTMI, where it has one
    SchemaPtr element;                          // of an array's items, of a map's values
    std::vector<SchemaField> fields;            // of an object
    std::vector<EnumValue> enum_values;         // of an enumeration
    SchemaKind enum_kind = SchemaKind::string;  // or int32
};

// The value as the schema wants it (5 for a double becomes 5.0), or what is wrong with it and
// where: "/limits/high: expected a number (double), found the text 'x'". An enumeration takes its
// values, and its names where no value is spelt so; a dateTime that comes as a time becomes the
// text of RFC 3339. Members of an object may be missing. Cost: once over the value.
Result<sql::Datum> check_value(const Schema& schema, const sql::Datum& value);

}  // namespace hw::twin

#include <cstdint>
#include <memory>
#include <string_view>
#include <utility>

#include "base/assert.h"
#include "sql/codecs/schema.h"

namespace hw::sql {

namespace {

constexpr std::string_view record = R"({"type": "record", "name": "S", "fields": [
    {"name": "id", "type": "long"}, {"name": "flow", "type": ["null", "double", "float"]},
    {"name": "state", "type": {"type": "enum", "name": "E", "symbols": ["OFF", "ON"]}},
    {"name": "list", "type": {"type": "array", "items": ["null", "int"]}},
    {"name": "tags", "type": {"type": "map", "values": "string"}},
    {"name": "raw", "type": {"type": "fixed", "name": "F", "size": 2}},
    {"name": "next", "type": ["null", "S"]}]})";
constexpr std::string_view pump = R"(syntax = "proto3"; message M { int32 id = 1; float flow = 2;
    repeated sint64 list = 3; map<string, M> tags = 4; oneof o { bytes raw = 5; M next = 6; }
    enum E { OFF = 0; ON = 1; } E state = 7; repeated uint64 totals = 8; })";
constexpr std::string_view document = R"({"type": "object", "properties": {"id": {"type":
    "integer"}, "next": {"$ref": "#"}}, "anyOf": [{"required": ["id"]}, {"maxProperties": 2}]})";

std::shared_ptr<const Schema> compiled(SchemaType type, std::string_view text) {
    return compile_schema(type, text).value();
}

// What we wrote ourselves comes back as it was. What others wrote need not: a float that is not
// finite is null, which is not written.
void check(const Schema& schema, std::string_view bytes) {
    auto value = schema.decode(bytes, "M");
    for (int round = 0; value && round < 2; ++round) {
        const auto again = schema.encode(*value, "M");
        if (!again) return;  // a float beyond an unsigned number's range
        auto back = schema.decode(*again, "M");
        HW_ASSERT(back.has_value() && (round == 0 || *back == *value));
        value = std::move(back);
    }
}

void run(uint8_t choice, std::string_view content) {
    static const auto avro = compiled(SchemaType::avro, record);
    static const auto protobuf = compiled(SchemaType::protobuf, pump);
    static const auto json = compiled(SchemaType::json, document);
    constexpr SchemaType types[] = {SchemaType::avro, SchemaType::protobuf, SchemaType::json};
    const std::shared_ptr<const Schema> known[] = {avro, protobuf, json};
    if (choice % 6 < 3) return check(*known[choice % 6], content);
    if (const auto schema = compile_schema(types[choice % 6 - 3], content))
        check(**schema, content);
}

}  // namespace

}  // namespace hw::sql

// The first byte: messages of the three kinds, or the text of a schema.
extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
    if (size > 0)
        hw::sql::run(data[0], std::string_view(reinterpret_cast<const char*>(data) + 1, size - 1));
    return 0;
}

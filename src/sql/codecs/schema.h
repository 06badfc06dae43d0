#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "base/error.h"
#include "sql/datum.h"

namespace hw::sql {

enum class SchemaType : uint8_t { avro, protobuf, json };
std::string_view to_string(SchemaType type);  // "avro", "protobuf", "json"

// What a schema or a message of one may be; more is limit_exceeded.
struct SchemaLimits {
    size_t text_bytes = 256 << 10;   // of the schema itself
    size_t message_bytes = 1 << 20;  // to decode, and of what was encoded
    // Values within one message: a small message can say that it has many.
    size_t values = 200'000;
};

// A compiled schema. Immutable: any thread.
class Schema {
  public:
    virtual ~Schema() = default;

    // `message` names the message of a protobuf file; others pass it over. Errors: `corrupt` for
    // bytes that are none of this schema, invalid_argument for a value that does not fit (the text
    // names the field), not_found for the message's name.
    virtual Result<Datum> decode(std::string_view bytes, std::string_view message) const = 0;
    virtual Result<std::string> encode(const Datum& value, std::string_view message) const = 0;
};

// Errors: invalid_argument says what is wrong with the schema and where.
Result<std::shared_ptr<const Schema>> compile_schema(SchemaType type, std::string_view text,
                                                     const SchemaLimits& limits = {});

// One of Apache Avro 1.11: all types, named ones from anywhere in the schema. Bytes and fixed
// become bytes, enums strings, records and maps objects, unions the value of their branch; logical
// types stay what they are made of. Encoding takes the branch of a union that fits best, and a
// field's default where it is missing.
Result<std::shared_ptr<const Schema>> compile_avro(std::string_view json,
                                                   const SchemaLimits& limits);
// A .proto file of proto2 or proto3. Only Google's well-known types can be imported. Names of
// fields stay as they are; fields of a oneof are members like others; enums become strings, maps
// objects; bytes stay bytes; floats that are not finite become null. A field that knows whether it
// was set is left out where it was not, others have their zero. Encoding passes over unknown
// members.
Result<std::shared_ptr<const Schema>> compile_protobuf(std::string_view proto,
                                                       const SchemaLimits& limits);
// JSON Schema, drafts 4 to 2020-12, without references to other documents, $dynamicRef,
// unevaluated* and dependentSchemas: these are refused. `format` is an annotation. The messages are
// JSON texts, checked both ways.
Result<std::shared_ptr<const Schema>> compile_json_schema(std::string_view json,
                                                          const SchemaLimits& limits);

}  // namespace hw::sql

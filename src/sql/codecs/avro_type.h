#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "sql/datum.h"

namespace hw::sql::avro {

enum class Kind : uint8_t {
    null,
    boolean,
    int_,
    long_,
    float_,
    double_,
    bytes,
    string,
    record,
    enum_,
    array,
    map,
    union_,
    fixed,
};

struct Type;

struct Field {
    std::string name;
    Datum key;  // the name as a Datum, made once
    const Type* type = nullptr;
    std::optional<Datum> default_value;
};

// A node of a schema. Recursive types point back at themselves; the Types own all.
struct Type {
    Kind kind = Kind::null;
    std::string name;  // in full, of records, enums and fixed
    std::vector<Field> fields;
    std::vector<std::string> symbols;
    std::vector<const Type*> branches;
    const Type* items = nullptr;  // also a map's values
    size_t size = 0;              // of fixed
};

std::string_view to_string(Kind kind);

struct Types {
    std::vector<std::unique_ptr<Type>> all;
    const Type* root = nullptr;
};

// A schema in JSON (Avro 1.11.1, "Schema Declaration"). Errors: invalid_argument.
Result<Types> read_types(std::string_view json);

}  // namespace hw::sql::avro

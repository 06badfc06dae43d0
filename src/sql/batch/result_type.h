#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "sql/batch/duckdb_api.h"

namespace hw::sql::batch {

// The type of a column of a result, taken out of DuckDB once, with the types within it.
struct ResultType {
    duck::TypeId id = duck::TypeId::invalid;
    std::string name;                     // of the column, member or field
    bool json = false;                    // a text that is JSON
    uint8_t width = 0;                    // of a decimal
    uint8_t scale = 0;                    // of a decimal
    duck::TypeId stored{};                // what a decimal or an enum is stored as
    uint64_t array_size = 0;              // of an array of fixed size
    std::vector<std::string> words = {};  // of an enum
    // A list's or array's element; a map's key and value; a struct's or union's members.
    std::vector<ResultType> within = {};
};

ResultType result_type(const duck::Api& api, duck::LogicalType type, std::string name);

// As it would be written in SQL: "DECIMAL(18,3)", "STRUCT(a INTEGER)", "VARCHAR[]".
std::string type_text(const ResultType& type);
bool is_number(const ResultType& type);

// Of a result's columns that holds nothing we could not write; the first such type's text, or
// empty.
std::string unknown_type(const ResultType& type);

}  // namespace hw::sql::batch

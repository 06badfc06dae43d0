#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "sql/batch/duckdb_api.h"
#include "sql/batch/result_type.h"

namespace hw::sql::batch {

// A column of a chunk of a result, with what is within it. Valid as long as the chunk. One thread.
class Cells {
  public:
    Cells(const duck::Api& api, const ResultType& type, duck::Vector vector);

    bool is_null(size_t row) const {
        return valid_ != nullptr && (valid_[row / 64] >> (row % 64) & 1) == 0;
    }
    // The value as JSON: numbers as numbers (NaN and infinities as null), times as texts in RFC
    // 3339 (UTC), intervals, dates and UUIDs as texts, bytes in base64, lists as arrays, structs
    // and maps as objects.
    void append_json(size_t row, std::string& out) const;
    // The same as a bare text, without quotes; null is nothing.
    void append_text(size_t row, std::string& out) const;

  private:
    template <class T>
    T at(size_t row) const {
        return static_cast<const T*>(data_)[row];
    }
    bool append_bare(size_t row, std::string& out) const;
    void append_nested(size_t row, std::string& out) const;
    void append_items(uint64_t from, uint64_t count, std::string& out) const;
    void append_map(uint64_t from, uint64_t count, std::string& out) const;
    void append_members(size_t row, std::string& out) const;
    void append_union(size_t row, std::string& out) const;
    int64_t stored_integer(duck::TypeId stored, size_t row) const;

    const ResultType* type_;
    const void* data_;
    const uint64_t* valid_;  // null: all are there
    std::vector<Cells> within_;
};

}  // namespace hw::sql::batch

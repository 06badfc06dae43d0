#pragma once

#include <cstdint>
#include <limits>
#include <memory>
#include <optional>
#include <vector>

#include "sql/functions/json_path.h"

namespace hw::sql {

namespace json_path {

struct Filter;

// One of a bracket's parts, or a name after a dot.
struct Selector {
    enum class Type : uint8_t { key, any, index, slice, filter } type = Type::any;
    Datum key;
    int64_t index = 0;
    // A slice's bounds; nothing: as far as there are items.
    std::optional<int64_t> begin, end;
    int64_t step = 1;
    std::unique_ptr<Filter> filter;
};

struct Step {
    bool deep = false;  // after "..": of the value and all below it
    std::vector<Selector> selectors;
};
using Steps = std::vector<Step>;

enum class FilterOp : uint8_t {
    literal,
    item_path,  // @...
    root_path,  // $...
    not_,
    and_,
    or_,
    equal,
    not_equal,
    less,
    less_equal,
    greater,
    greater_equal,
    matches,
};

struct Filter {
    FilterOp op = FilterOp::literal;
    Datum literal;
    Steps path;
    std::unique_ptr<Filter> left, right;
};

}  // namespace json_path

struct JsonPath::Node {
    json_path::Steps steps;
};

}  // namespace hw::sql

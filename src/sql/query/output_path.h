#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "sql/datum.h"
#include "sql/json.h"

namespace hw::sql {

// One step of where a field goes in the row: AS a.b[1] is a, b, [1].
struct OutputStep {
    enum class Type : uint8_t {
        member,
        item,  // `index` from 1, negative from the end; one that is not there: nothing is put
        head,  // [0]: before the first item
        tail,  // [-0]: after the last
    };
    Type type = Type::member;
    Datum key;
    int64_t index = 0;
};
using OutputPath = std::vector<OutputStep>;

// Of an alias's parts: "a", "[1]", "[0]", "[-0]".
OutputStep output_step(const std::string& part);

// Puts a value into a row, making the objects on the way, as EMQX does it: what is in the way and
// is no object is replaced; a first item is put into what is no array; a text under `payload` is
// read as JSON first.
void put_path(Datum& row, const OutputPath& path, Datum value, JsonReader& reader);

}  // namespace hw::sql

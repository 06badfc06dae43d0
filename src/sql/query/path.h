#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "sql/query/evaluator.h"

namespace hw::sql {

// One step of a path into a value: a member's key, or an index from 0 (negative: from the end).
struct PathStep {
    Datum key;
    int64_t index = 0;
    bool by_index = false;

    static PathStep member(std::string_view name) { return {Datum::text(name), 0, false}; }
    static PathStep item(int64_t index) { return {{}, index, true}; }
};
using Path = std::vector<PathStep>;

// ".a.b[0]", keys that are no identifiers in back ticks: for canonical texts of expressions.
std::string to_string(const Path& path);

// What lies there; nullptr where there is nothing. With `decode` a text on the way is read as JSON,
// as EMQX does it; what it gave lies in `scratch` then.
const Datum* follow(const Datum& from, const Path& path, bool decode, RowScope& scope,
                    Datum& scratch);

// Where a name may find its value: in the record of a source, or in a slot (a lookup table's row).
struct Origin {
    size_t source = 0;  // of FROM; of a slot: its index
    bool in_slot = false;
    int column = 0;  // body_column: the body
    Path path;       // from there
};
inline constexpr int body_column = -1;

// The first of the origins that has it. A body that is not JSON fails the row where a path into it
// is asked for.
EvaluatorPtr make_path(std::vector<Origin> origins, bool decode);
// A path into a slot.
EvaluatorPtr make_slot_path(size_t slot, Path path, bool decode);
// A path into any value.
EvaluatorPtr make_value_path(EvaluatorPtr value, Path path, bool decode);

// The body of a record as JSON; fails the row where it is not.
const Datum& body_of(const Record& record, RowScope& scope);

const Datum& null_value();

}  // namespace hw::sql

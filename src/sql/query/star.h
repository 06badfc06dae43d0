#pragma once

#include <cstddef>
#include <vector>

#include "sql/query/evaluator.h"

namespace hw::sql {

// What one source gives to `*`.
struct StarPart {
    size_t source = 0;  // of FROM, or the slot of a lookup table's row
    bool in_slot = false;
    bool body = false;  // the members of the body, else the columns
    const Shape* shape = nullptr;
    bool meta_only = false;  // the columns without the body
};

// A row's values as one object. Of equal names the first source's wins. A body that is no object
// fails the row. Shares the body where it is all there is.
EvaluatorPtr make_star(std::vector<StarPart> parts);

}  // namespace hw::sql

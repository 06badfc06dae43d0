#pragma once

#include <cstdint>
#include <vector>

#include "history/chunk_columns.h"

namespace hw::history {

// The rows that are values (see ChunkSummary), as doubles, in place of what the vectors held. Row
// by row, for columns that are not plain good numbers.
void keep_values(const ColumnsView& rows, bool good_only, std::vector<int64_t>& times_ns,
                 std::vector<double>& values);

}  // namespace hw::history

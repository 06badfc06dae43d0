#pragma once

#include <cstddef>
#include <memory>

#include "base/error.h"
#include "base/time.h"
#include "history/chunk.h"
#include "history/chunk_columns.h"
#include "model/value.h"

namespace hw::history {

class Engine;

// A run of samples of one point in time order, as columns; valid until the next call. Columns that
// were not wanted are empty, so `count` says how many rows there are. Without values, types are
// unknown.
struct ScanRows {
    size_t count = 0;
    ColumnsView columns;
};

// Reads samples chunk by chunk, each decoded once into columns: for questions over millions of
// rows, which rows in batches would slow down. About 1 ns a row where values are wanted, some 20 ns
// a chunk where nothing is. One thread; make one a thread.
class Scan {
  public:
    virtual ~Scan() = default;
    // Samples of the point in [from, to): all that was committed when this was called.
    virtual Result<void> open(model::PointId point, Time from, Time to) = 0;
    // False: there are no more. Never true without rows.
    virtual Result<bool> next(ScanRows& rows) = 0;
};

std::unique_ptr<Scan> make_scan(const Engine& engine, WantedColumns wanted);

}  // namespace hw::history

#pragma once

#include "history/engine.h"
#include "history/query.h"
#include "history/worker_pool.h"

namespace hw::history {

// See AggregateQuery. Points, and the time of one long point in parts, are worked on by the pool's
// threads and the calling one.
Result<std::vector<Buckets>> aggregate_rows(const Engine& engine, const AggregateQuery& query,
                                            WorkerPool& pool);

}  // namespace hw::history

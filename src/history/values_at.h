#pragma once

#include <optional>
#include <span>
#include <vector>

#include "history/engine.h"
#include "history/worker_pool.h"

namespace hw::history {

// See History::values_at.
Result<void> values_at(const Engine& engine, std::span<const model::PointId> points, Time time,
                       WorkerPool& pool, std::vector<std::optional<model::Sample>>& out);

}  // namespace hw::history

#pragma once

#include "history/engine.h"
#include "history/query.h"

namespace hw::history {

// See RawQuery. Any thread; reads chunk by chunk, so memory does not grow with the range.
Result<void> raw_rows(const Engine& engine, const RawQuery& query, const RawSink& sink);

}  // namespace hw::history

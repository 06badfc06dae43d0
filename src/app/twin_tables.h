#pragma once

#include <functional>

#include "sql/batch/engine.h"
#include "twin/twins.h"

namespace hw::app {

using TwinsAt = std::function<Result<twin::Snapshot>(const twin::Scope&, Time)>;

// Shows queries the twins: `twins`, `relationships`, `twin_values` and `models`; the first three
// also as they were: twins_at(time), relationships_at(time), twin_values_at(time). The twins
// outlive the engine.
void add_twin_tables(sql::batch::Engine& engine, const twin::Twins& twins, TwinsAt at);

}  // namespace hw::app

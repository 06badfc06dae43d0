#pragma once

#include "gateway/manager.h"
#include "sql/batch/engine.h"

namespace hw::app {

// Shows queries what the gateway has: the tables `devices` and `tags`. The manager outlives the
// engine.
void add_device_tables(sql::batch::Engine& engine, const gateway::Manager& devices);

}  // namespace hw::app

#pragma once

#include "gateway/manager.h"
#include "rules/manager.h"
#include "sql/batch/engine.h"

namespace hw::app {

// Shows queries what the gateway has: the tables `devices` and `tags`. The manager outlives the
// engine.
void add_device_tables(sql::batch::Engine& engine, const gateway::Manager& devices);
// And of the rules: `rules` with their counts, `streams`, `connectors` without their settings.
void add_rule_tables(sql::batch::Engine& engine, const rules::Manager& rules);

}  // namespace hw::app

#pragma once

#include "api/search_operations.h"
#include "gateway/manager.h"
#include "rules/manager.h"
#include "twin/twins.h"

namespace hw::app {

// How the search finds each kind. What is pointed to outlives them.
api::SearchOperations::Finder twin_finder(const twin::Twins& twins);
api::SearchOperations::Finder device_finder(const gateway::Manager& devices);
api::SearchOperations::Finder rule_finder(const rules::Manager& rules);

}  // namespace hw::app

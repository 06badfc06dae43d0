#pragma once

#include "gateway/registry.h"

namespace hw::app {

// Every driver of this program; a new one gets its line here.
void register_drivers(gateway::DriverRegistry& drivers);

}  // namespace hw::app

#pragma once

#include "gateway/driver.h"

namespace hw::gateway::hj212 {

// HJ 212-2017, as the centre that environmental stations connect to.
extern const DriverInfo driver;

}  // namespace hw::gateway::hj212

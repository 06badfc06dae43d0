#pragma once

#include "gateway/driver.h"

namespace hw::gateway::s7 {

// "s7": Siemens S7 CPUs over ISO on TCP, by PUT/GET. docs/drivers/s7.md.
extern const DriverInfo driver;

}  // namespace hw::gateway::s7

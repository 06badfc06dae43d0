#pragma once

#include "gateway/driver.h"

namespace hw::gateway::iec104 {

// IEC 60870-5-104, as the controlling station.
extern const DriverInfo driver;

}  // namespace hw::gateway::iec104

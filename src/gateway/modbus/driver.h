#pragma once

#include "gateway/driver.h"

namespace hw::gateway::modbus {

// Modbus by its four ways of travelling. The protocol is in wire/modbus; here settings, tags and
// values are tied to it. See docs/drivers/modbus.md.
extern const DriverInfo tcp_driver;           // "modbus-tcp"
extern const DriverInfo rtu_driver;           // "modbus-rtu", serial
extern const DriverInfo rtu_over_tcp_driver;  // "modbus-rtu-over-tcp"
extern const DriverInfo ascii_driver;         // "modbus-ascii", serial

}  // namespace hw::gateway::modbus

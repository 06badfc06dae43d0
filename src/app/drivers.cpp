#include "app/drivers.h"

#include "gateway/hj212/driver.h"
#include "gateway/iec104/driver.h"
#include "gateway/modbus/driver.h"
#include "gateway/s7/driver.h"

namespace hw::app {

void register_drivers(gateway::DriverRegistry& drivers) {
    for (const auto* driver :
         {&gateway::modbus::tcp_driver, &gateway::modbus::rtu_driver,
          &gateway::modbus::rtu_over_tcp_driver, &gateway::modbus::ascii_driver,
          &gateway::s7::driver, &gateway::iec104::driver, &gateway::hj212::driver})
        drivers.add(*driver);
}

}  // namespace hw::app

#pragma once

#include <string>
#include <vector>

#include "base/error.h"
#include "sim/serve/iec104_map.h"
#include "sim/serve/modbus_map.h"
#include "sim/serve/s7_map.h"

namespace hw::sim {

struct Ports {
    uint16_t modbus = 1502;
    uint16_t s7 = 1102;
    uint16_t iec104 = 12404;
    uint16_t control = 19100;
};

// One device as the gateway reads it from its folder of devices.
struct DeviceFile {
    std::string name;  // "intake_plc1.toml"
    std::string text;
};

// Everything that is served but MQTT and Sparkplug, whose points need no device: each tag with its
// address, type, access, unit, range, and the point it is kept as.
struct DeviceListing {
    std::string prefix = "bluewater";
    std::string host = "127.0.0.1";
    Ports ports = {};
    std::string serial_port = {};  // where given, the intake is asked over this line instead of TCP
};
std::vector<DeviceFile> list_devices(const DeviceListing& listing, const Variables& variables,
                                     const std::vector<ModbusUnit>& units,
                                     const std::vector<DataBlock>& blocks,
                                     const std::vector<StationObject>& objects);

// Writes the files into the folder, which is made where it is missing.
Result<void> write_devices(const std::vector<DeviceFile>& files, const std::string& folder);

}  // namespace hw::sim

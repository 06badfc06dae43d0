#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "gateway/tag.h"

namespace hw::gateway {

// Devices as files: one TOML file a device, with the members of device_json.h:
//   name = "works/plc1"
//   driver = "modbus-tcp"
//   [settings]
//   host = "127.0.0.1"
//   [[groups]]
//   name = "fast"
//   interval = "1s"
//   [[groups.tags]]
//   name = "flow"
//   address = "1!400001"
// Errors are "plc1.toml:12: groups[0].tags[0]: ...".
Result<DeviceSpec> parse_device_toml(std::string_view text, const std::string& file_name);

struct DeviceFile {
    std::string name;  // without the folder: "plc1.toml"
    Result<DeviceSpec> device;
};
// Every *.toml of the folder, in the order of their names; none where there is no such folder. A
// file that cannot be read, or names a device that one before it has, fails alone.
std::vector<DeviceFile> read_device_files(const std::string& folder);

}  // namespace hw::gateway

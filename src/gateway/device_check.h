#pragma once

#include <string>
#include <vector>

#include "base/error.h"
#include "gateway/driver.h"
#include "gateway/registry.h"
#include "gateway/tag.h"

namespace hw::gateway {

// A group and a tag within their device; dense, in the order of the spec.
struct CheckedTag {
    std::string point;  // the path that its samples get
    std::string unit;   // of the driver: which slave or station
};

// A device that can run: everything in it was understood.
struct CheckedDevice {
    DeviceSpec spec;
    const DriverInfo* driver = nullptr;
    DriverSettings settings;
    std::vector<std::vector<CheckedTag>> tags;  // [group][tag]
};

// What is wrong, and where: group and tag are empty for the device itself.
struct Flaw {
    std::string group;
    std::string tag;
    std::string field;  // "address", "type", "settings.port", ...
    std::string text;
};

// "devices: group 'fast', tag 'flow', address: ..." of the first flaws, and how many more.
Error error_of(const std::vector<Flaw>& flaws);

// Checks one tag. `settings` may be null.
Result<AddressFacts> check_tag(const TagSpec& tag, const DriverInfo& driver,
                               std::vector<Flaw>& flaws, std::string_view group);

// Checks everything: names (device: a point path; groups and tags: at most 128 bytes, no wildcard,
// no control character, no duplicates), limits, the settings against the driver's table, each
// address, ranges, deadbands. All flaws are found, up to `flaws_limit`. Points that another device
// has are not seen here.
inline constexpr size_t flaws_limit = 1000;
Result<CheckedDevice> check_device(DeviceSpec spec, const DriverRegistry& drivers,
                                   std::vector<Flaw>& flaws);

}  // namespace hw::gateway

#pragma once

#include <vector>

#include "base/config.h"
#include "wire/sparkplug/host.h"

namespace hw::ingest {

// The section "sparkplug" of the configuration: Headworks as a Sparkplug host application.
struct SparkplugSettings {
    bool host_enabled = true;
    sparkplug::HostSettings host;
};

extern const std::vector<Property> sparkplug_properties;
Result<SparkplugSettings> sparkplug_settings_from(const Config& config);

}  // namespace hw::ingest

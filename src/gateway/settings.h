#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "base/config.h"

namespace hw::gateway {

extern const std::vector<Property> properties;

struct Settings {
    bool enabled = true;
    std::string devices_folder;  // files of devices, read at start; empty: <data>/devices.d
    size_t devices_limit = 10'000;
    size_t tags_limit = 1'000'000;      // over all devices
    size_t writes_queue_limit = 1'000;  // of one device, unanswered
    bool stale_on_stop = true;          // points turn bad when the server stops
};

Settings settings_from(const Config& config);

}  // namespace hw::gateway

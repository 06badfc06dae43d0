#pragma once

#include <cstddef>
#include <vector>

#include "base/config.h"

namespace hw::scenario {

extern const std::vector<Property> properties;

struct Settings {
    bool enabled = true;
    size_t scenarios_limit = 1'000;
    size_t workers = 1;
    size_t queue_limit = 100;              // runs that wait for a worker
    size_t result_bytes_limit = 16 << 20;  // of one result, as JSON
};

Settings settings_from(const Config& config);

}  // namespace hw::scenario

#pragma once

#include <cstddef>
#include <vector>

#include "base/config.h"

namespace hw::catalog {

extern const std::vector<Property> properties;

struct Settings {
    Duration audit_retention = seconds(365 * 86'400);
    size_t audit_queue_limit = 10'000;  // records that wait for the disk
};

Settings settings_from(const Config& config);

}  // namespace hw::catalog

#pragma once

#include <cstddef>
#include <vector>

#include "base/config.h"

namespace hw::note {

extern const std::vector<Property> properties;

struct Settings {
    size_t notes_limit = 100'000;
    size_t text_limit = 4'000;  // characters
    Duration deleted_retention = seconds(30 * 86'400);
};

Settings settings_from(const Config& config);

}  // namespace hw::note

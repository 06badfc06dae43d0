#pragma once

#include <cstddef>
#include <vector>

#include "base/config.h"
#include "base/time.h"

namespace hw::twin {

extern const std::vector<Property> properties;

struct Settings {
    bool enabled = true;
    size_t twins_limit = 1'000'000;
    size_t relationships_limit = 10'000'000;
    size_t slots_limit = 50'000'000;           // telemetry and properties of all twins
    size_t queue_bytes = 64 << 20;             // samples that wait for the twins
    size_t properties_bytes_limit = 32 << 10;  // fixed properties of one twin, as JSON
    Duration stale_after{};                    // where the model says nothing; 0: never
    size_t derive_hops_limit = 64;             // derived of derived of ...
    Duration keep_interval = seconds(1);       // historized derived values: at most so often
    Duration history_retention{};              // how long old descriptions are kept; 0: for ever
};

Settings settings_from(const Config& config);

}  // namespace hw::twin

#pragma once

#include <cstddef>
#include <vector>

#include "base/config.h"
#include "base/time.h"

namespace hw::twin {

extern const std::vector<Property> order_properties;

struct OrderSettings {
    Duration desired_timeout{};              // of desired values that name none; 0: for ever
    Duration order_timeout = seconds(5);     // of one write
    Duration command_timeout = seconds(30);  // where neither caller nor model says one
    size_t desired_limit = 100'000;          // followed
    size_t commands_limit = 10'000;          // open
    size_t commands_per_twin_limit = 100;    // open
    size_t writes_limit = 256;               // under way at a time
    size_t orders_kept = 100'000;            // that are over
    Duration orders_retention = seconds(30 * 86'400);
};

OrderSettings order_settings_from(const Config& config);

constexpr Duration command_timeout_most = seconds(86'400);
constexpr Duration desired_timeout_most = seconds(366 * 86'400);
constexpr Duration order_wait_most = seconds(600);

}  // namespace hw::twin

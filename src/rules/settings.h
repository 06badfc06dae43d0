#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "base/config.h"

namespace hw::rules {

extern const std::vector<Property> properties;

struct Settings {
    bool enabled = true;
    size_t rules_limit = 20'000;
    size_t actions_limit = 16;  // of one rule
    size_t streams_limit = 10'000;
    size_t connectors_limit = 1'000;
    size_t versions_limit = 20;  // kept of one rule, oldest go
    size_t queue_bytes = 64 << 20;
    size_t output_bytes = 64 << 20;       // handed over and not yet safe
    uint64_t state_bytes = 512ull << 20;  // of all rules' windows and joins
    size_t topics_limit = 200'000;        // in the cache of routes
    uint64_t log_bytes = 1ull << 30;      // of the input log
    bool log_sync = false;                // fdatasync before the acknowledgement
    Duration checkpoint_interval = seconds(10);
    size_t hops_limit = 8;
    size_t trace_events = 10'000;   // kept in the ring of traces
    size_t prometheus_rules = 200;  // rules with figures of their own in /metrics
    std::string time_zone = "UTC";
    std::string functions_folder;          // of users' functions; empty: data folder/functions
    Duration function_limit = seconds(1);  // for an answer of a worker program
};

Settings settings_from(const Config& config);

}  // namespace hw::rules

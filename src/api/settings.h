#pragma once

#include <cstdint>
#include <vector>

#include "base/config.h"
#include "io/http.h"

namespace hw::api {

struct Settings {
    io::HttpSettings http;
    uint32_t workers = 2;
    uint32_t worker_queue_limit = 256;
    uint32_t page_limit_default = 1'000;
    uint32_t page_limit_max = 1'000'000;
    uint32_t points_per_query_limit = 100'000;
    uint32_t live_clients_limit = 1'000;
    uint64_t live_buffer_bytes = 16 << 20;  // recent samples kept for resuming
    uint64_t live_queue_bytes = 1 << 20;    // unsent to one client before it waits in the buffer
};

// The table rows of the section "http".
extern const std::vector<Property> properties;
Settings settings_from(const Config& config);

}  // namespace hw::api

#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/config.h"

namespace hw::sql::batch {

struct Settings {
    std::string library;  // of DuckDB; empty: looked for (see library.h)
    uint64_t memory_limit_bytes = 1 << 30;
    uint64_t temp_bytes_limit = uint64_t{10} << 30;
    uint32_t threads = 0;  // 0: as many as there are cores
    Duration timeout = seconds(60);
    Duration timeout_limit = seconds(3600);
    uint32_t queries_limit = 2;
    uint32_t queue_limit = 64;
    uint64_t json_rows_limit = 100'000;
    uint64_t result_bytes_limit = uint64_t{4} << 30;
    bool read_only = true;
    bool external_access = false;
};

// The table rows of the section "sql".
extern const std::vector<Property> properties;
Settings settings_from(const Config& config);

}  // namespace hw::sql::batch

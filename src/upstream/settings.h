#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/config.h"
#include "base/time.h"
#include "upstream/mqtt_link.h"

namespace hw::upstream {

enum class Format : uint8_t { batch, json };
enum class SyncMode : uint8_t { interval, commit };

struct Settings {
    bool enabled = false;
    BrokerAddress broker;
    std::string broker_text;
    std::string client_id;  // empty: made on the first start and kept in the data folder
    std::string user;
    std::string password_file;
    Duration keep_alive = seconds(30);
    std::vector<std::string> filters;
    std::vector<std::string> exclude;
    std::string prefix;
    Format format = Format::batch;
    Duration batch_interval = milliseconds(250);
    size_t batch_samples = 8192;
    uint64_t queue_bytes_limit = 1 << 30;
    Duration queue_age_limit = seconds(7 * 86'400);
    SyncMode sync = SyncMode::interval;
    Duration sync_interval = seconds(1);
};

// The table rows of the section "upstream".
extern const std::vector<Property> properties;
Result<Settings> settings_from(const Config& config);

}  // namespace hw::upstream

#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/config.h"
#include "base/time.h"

namespace hw::broker {

// The section "mqtt" of the configuration; what each means is said in its table row.
struct Settings {
    std::string host = "127.0.0.1";
    uint16_t port = 1883;
    uint64_t packet_bytes_limit = 1 << 20;
    uint64_t sessions_limit = 200'000;
    uint64_t connections_limit = 110'000;
    Duration session_expiry_limit = seconds(86'400);
    uint16_t receive_maximum = 65'535;
    uint16_t inflight_limit = 8192;
    uint64_t queue_messages_limit = 20'000;
    uint64_t queue_bytes_limit = 8 << 20;
    uint64_t topic_levels_limit = 128;
    uint16_t topic_alias_limit = 64;
    uint16_t topic_alias_limit_out = 16;
    uint64_t retained_messages_limit = 1'000'000;
    uint64_t retained_bytes_limit = 256 << 20;
    uint64_t subscriptions_limit = 1000;
    Duration keep_alive_limit = {};
    Duration connect_timeout = seconds(10);
    uint64_t output_bytes_limit = 16 << 20;
    uint64_t route_topics_limit = 200'000;
    uint64_t route_deliveries_limit = 4'000'000;
    Duration sys_interval = seconds(10);
    bool pause_publishers = true;
    bool sparkplug_aware = true;
};

extern const std::vector<Property> properties;
Result<Settings> settings_from(const Config& config);

}  // namespace hw::broker

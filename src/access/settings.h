#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "access/password.h"
#include "base/config.h"
#include "base/error.h"

namespace hw::access {

extern const std::vector<Property> properties;

enum class MqttAccess : uint8_t { anonymous, keys };

struct Settings {
    bool open = false;          // access.mode=open
    bool http_loopback = true;  // what HTTP and MQTT listen on
    bool metrics_public = true;
    MqttAccess mqtt = MqttAccess::anonymous;
    std::vector<std::string> trusted_proxies;
    Duration session_idle = seconds(12 * 3600);
    Duration session_longest = seconds(7 * 86'400);
    size_t sessions_per_user = 20;
    size_t password_length_least = 12;
    HashCost hash;
    uint32_t hash_workers = 1;
    uint32_t attempts_user = 5;
    uint32_t attempts_peer = 20;
    size_t users_limit = 1000;
    size_t keys_limit = 1000;

    // Whether this machine alone asks, as far as the settings tell. A proxy on it brings others,
    // and not every proxy says so in each request.
    bool local_only() const { return http_loopback && trusted_proxies.empty(); }
};

// "127.0.0.1", "localhost", "::1": reached from the same machine only.
bool is_loopback(std::string_view host);

// Reads the hosts of HTTP and MQTT too. invalid_argument: access.mode=open where others can reach
// the server, by a proxy too.
Result<Settings> settings_from(const Config& config);

}  // namespace hw::access

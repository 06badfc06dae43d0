#pragma once

#include <cstddef>
#include <vector>

#include "base/config.h"
#include "base/time.h"

namespace hw::twin {

extern const std::vector<Property> watch_properties;

struct WatchSettings {
    size_t subscriptions_limit = 10'000;
    size_t queue_limit = 10'000;          // events of one subscription
    size_t readers_limit = 1'000;         // open streams of all subscriptions
    Duration linger = seconds(60);        // events go on being kept for one that lost its stream
    Duration heartbeat = seconds(15);     // of streams
    size_t stream_queue_bytes = 1 << 20;  // unsent to one stream before its events wait
};

WatchSettings watch_settings_from(const Config& config);

}  // namespace hw::twin

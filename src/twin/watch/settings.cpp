#include "twin/watch/settings.h"

namespace hw::twin {

const std::vector<Property> watch_properties = {
    {"twin.subscriptions_limit", PropertyType::integer, "10000",
     "Most subscriptions to twins, those of open streams too", 1, 1e6},
    {"twin.subscription_queue", PropertyType::integer, "10000",
     "Events of one subscription that wait for a reader; beyond it the oldest are dropped, counted "
     "and told as a gap",
     10, 1e7},
    {"twin.subscription_readers", PropertyType::integer, "1000",
     "Most streams of events that are open (server-sent events and WebSocket subscriptions)", 1,
     1e6},
    {"twin.subscription_linger", PropertyType::duration, "60s",
     "How long events go on being kept for a reader that lost its stream, to resume", 0, 86400},
    {"twin.subscription_heartbeat", PropertyType::duration, "15s",
     "How often a stream of events without events shows that it lives", 1, 3600},
    {"twin.subscription_stream_bytes", PropertyType::bytes, "1MiB",
     "Unsent bytes of one stream beyond which its events wait in the queue", 4096, 1e9},
};

WatchSettings watch_settings_from(const Config& config) {
    WatchSettings settings;
    settings.subscriptions_limit = static_cast<size_t>(config.integer("twin.subscriptions_limit"));
    settings.queue_limit = static_cast<size_t>(config.integer("twin.subscription_queue"));
    settings.readers_limit = static_cast<size_t>(config.integer("twin.subscription_readers"));
    settings.linger = config.duration("twin.subscription_linger");
    settings.heartbeat = config.duration("twin.subscription_heartbeat");
    settings.stream_queue_bytes = config.bytes("twin.subscription_stream_bytes");
    return settings;
}

}  // namespace hw::twin

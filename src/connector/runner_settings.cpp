#include "connector/runner_settings.h"

#include <array>

namespace hw::connector {

namespace {

constexpr auto off = false;  // needs_restart: the action begins anew, the server does not

constexpr std::array properties = {
    Property{"buffer_mode", PropertyType::text, "disk",
             "Where rows wait that a sink cannot take: memory, or on disk over restarts", 0, 0, off,
             "disk|memory"},
    Property{"max_buffer_bytes", PropertyType::bytes, "256MiB",
             "Bytes that may wait; at the limit rows are dropped by buffer_overflow", 64 << 10,
             1e12, off},
    Property{"buffer_memory_bytes", PropertyType::bytes, "4MiB",
             "Of those, bytes that wait in memory before they go to the disk", 4 << 10, 1 << 30,
             off},
    Property{"buffer_overflow", PropertyType::text, "drop_oldest",
             "Which rows go when the buffer is full", 0, 0, off, "drop_oldest|drop_newest"},
    Property{"buffer_sync", PropertyType::boolean, "false",
             "Whether each write of the buffer waits for the disk, against loss of power", 0, 0,
             off},
    Property{"batch_size", PropertyType::integer, "100", "Rows handed to the sink at once, at most",
             1, 100'000, off},
    Property{"batch_time", PropertyType::duration, "0s",
             "How long a batch that is not full waits for more rows", 0, 3600, off},
    Property{"batch_bytes", PropertyType::bytes, "1MiB",
             "Bytes of rows handed to the sink at once, about, at most", 1 << 10, 1 << 30, off},
    Property{"pool_size", PropertyType::integer, "1",
             "Connections that send side by side; with more than one rows may pass each other", 1,
             64, off},
    Property{"request_ttl", PropertyType::duration, "0s",
             "A row that waits longer is dropped as expired; 0 keeps it until it is sent", 0, 31e6,
             off},
    Property{"max_retries", PropertyType::integer, "0",
             "Attempts to send the same rows again before they are dropped; 0 is no limit", 0,
             1'000'000, off},
    Property{"retry_interval", PropertyType::duration, "1s",
             "Wait before the first attempt to send again; doubled with each, with jitter", 0.01,
             3600, off},
    Property{"retry_interval_max", PropertyType::duration, "60s",
             "The longest wait between attempts to send again", 0.01, 86'400, off},
    Property{"health_check_interval", PropertyType::duration, "15s",
             "How often a connection without rows to send is tested", 1, 86'400, off},
};

}  // namespace

std::span<const Property> runner_properties() {
    return properties;
}

RunnerSettings runner_settings(const Config::Table& table) {
    const auto of = [&](std::string_view key) -> const Config::Value& {
        return table.find(key)->second;
    };
    RunnerSettings settings;
    settings.disk = of("buffer_mode").as_text() == "disk";
    settings.buffer_bytes = of("max_buffer_bytes").as_bytes();
    settings.memory_bytes = of("buffer_memory_bytes").as_bytes();
    if (of("buffer_overflow").as_text() == "drop_newest") settings.overflow = Overflow::drop_newest;
    settings.sync_each = of("buffer_sync").as_boolean();
    settings.batch_size = static_cast<size_t>(of("batch_size").as_integer());
    settings.batch_time = of("batch_time").as_duration();
    settings.batch_bytes = of("batch_bytes").as_bytes();
    settings.workers = static_cast<size_t>(of("pool_size").as_integer());
    settings.request_ttl = of("request_ttl").as_duration();
    settings.max_retries = static_cast<uint64_t>(of("max_retries").as_integer());
    settings.retry_interval = of("retry_interval").as_duration();
    settings.retry_interval_max = of("retry_interval_max").as_duration();
    settings.health_check_interval = of("health_check_interval").as_duration();
    return settings;
}

}  // namespace hw::connector

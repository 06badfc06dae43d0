#include "gateway/settings.h"

namespace hw::gateway {

const std::vector<Property> properties = {
    {"gateway.enabled", PropertyType::boolean, "true",
     "Whether devices are run; false keeps their configuration and leaves them alone"},
    {"gateway.devices_folder", PropertyType::text, "",
     "Folder of device files (*.toml), read at start; empty: <data>/devices.d"},
    {"gateway.devices_limit", PropertyType::integer, "10000", "Most devices", 1, 1e6},
    {"gateway.tags_limit", PropertyType::integer, "1000000", "Most tags over all devices", 1, 1e8},
    {"gateway.writes_queue_limit", PropertyType::integer, "1000",
     "Most writes of one device that wait for its answer; more are refused", 1, 1e6},
    {"gateway.stale_on_stop", PropertyType::boolean, "true",
     "Whether the points of devices turn bad when the server stops"},
};

Settings settings_from(const Config& config) {
    Settings settings;
    settings.enabled = config.boolean("gateway.enabled");
    settings.devices_folder = config.text("gateway.devices_folder");
    settings.devices_limit = static_cast<size_t>(config.integer("gateway.devices_limit"));
    settings.tags_limit = static_cast<size_t>(config.integer("gateway.tags_limit"));
    settings.writes_queue_limit = static_cast<size_t>(config.integer("gateway.writes_queue_limit"));
    settings.stale_on_stop = config.boolean("gateway.stale_on_stop");
    return settings;
}

}  // namespace hw::gateway

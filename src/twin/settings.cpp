#include "twin/settings.h"

namespace hw::twin {

const std::vector<Property> properties = {
    {"twin.enabled", PropertyType::boolean, "true",
     "Whether twins are kept current; false leaves what is described alone"},
    {"twin.twins_limit", PropertyType::integer, "1000000", "Most twins", 1, 1e8},
    {"twin.relationships_limit", PropertyType::integer, "10000000", "Most relationships", 1, 1e9},
    {"twin.slots_limit", PropertyType::integer, "50000000",
     "Most telemetry and properties of all twins together", 1, 2e9},
    {"twin.queue_bytes", PropertyType::bytes, "64MiB",
     "Samples that wait for the twins; beyond it only the newest value of each point is kept and "
     "the others are counted as dropped",
     65536, 1e12},
    {"twin.properties_bytes_limit", PropertyType::bytes, "32KiB",
     "Properties of one twin or relationship that are set by hand, as JSON", 256, 1 << 24},
    {"twin.stale_after", PropertyType::duration, "0s",
     "Age at which a value becomes stale where its model does not say; 0 is never", 0, 3.2e8},
    {"twin.derive_hops_limit", PropertyType::integer, "64",
     "How deep derived properties may depend on derived ones; beyond it they count as a cycle", 1,
     10000},
    {"twin.keep_interval", PropertyType::duration, "1s",
     "How often a derived property that is historized is kept, at most", 0.01, 86400},
    {"twin.history_retention", PropertyType::duration, "0s",
     "How long descriptions that were replaced are kept; 0 is for ever", 0, 3.2e9},
};

Settings settings_from(const Config& config) {
    const auto count = [&](std::string_view key) {
        return static_cast<size_t>(config.integer(key));
    };
    Settings settings;
    settings.enabled = config.boolean("twin.enabled");
    settings.twins_limit = count("twin.twins_limit");
    settings.relationships_limit = count("twin.relationships_limit");
    settings.slots_limit = count("twin.slots_limit");
    settings.queue_bytes = config.bytes("twin.queue_bytes");
    settings.properties_bytes_limit = config.bytes("twin.properties_bytes_limit");
    settings.stale_after = config.duration("twin.stale_after");
    settings.derive_hops_limit = count("twin.derive_hops_limit");
    settings.keep_interval = config.duration("twin.keep_interval");
    settings.history_retention = config.duration("twin.history_retention");
    return settings;
}

}  // namespace hw::twin

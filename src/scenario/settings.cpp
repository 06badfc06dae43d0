#include "scenario/settings.h"

namespace hw::scenario {

const std::vector<Property> properties = {
    {"scenario.enabled", PropertyType::boolean, "true",
     "Whether scenarios can be run; false keeps them and leaves them alone"},
    {"scenario.scenarios_limit", PropertyType::integer, "1000", "Most scenarios that are kept", 1,
     1e6},
    {"scenario.workers", PropertyType::integer, "1", "Runs at the same time", 1, 64},
    {"scenario.queue_limit", PropertyType::integer, "100",
     "Runs that wait for a worker; more are refused", 1, 100'000},
    {"scenario.result_bytes_limit", PropertyType::bytes, "16MiB",
     "Size of one kept result; a run with a larger one fails and asks for a longer step", 65536,
     256 << 20},
};

Settings settings_from(const Config& config) {
    Settings settings;
    settings.enabled = config.boolean("scenario.enabled");
    settings.scenarios_limit = static_cast<size_t>(config.integer("scenario.scenarios_limit"));
    settings.workers = static_cast<size_t>(config.integer("scenario.workers"));
    settings.queue_limit = static_cast<size_t>(config.integer("scenario.queue_limit"));
    settings.result_bytes_limit = config.bytes("scenario.result_bytes_limit");
    return settings;
}

}  // namespace hw::scenario

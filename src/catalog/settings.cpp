#include "catalog/settings.h"

namespace hw::catalog {

const std::vector<Property> properties = {
    {"catalog.audit_retention", PropertyType::duration, "1y",
     "Audit records older than this are removed", 3600, 100 * 365 * 86400.0},
    {"catalog.audit_queue_limit", PropertyType::integer, "10000",
     "Audit records that may wait for the disk; what comes beyond is counted, and the gap is "
     "recorded",
     100, 1e7},
};

Settings settings_from(const Config& config) {
    Settings settings;
    settings.audit_retention = config.duration("catalog.audit_retention");
    settings.audit_queue_limit = static_cast<size_t>(config.integer("catalog.audit_queue_limit"));
    return settings;
}

}  // namespace hw::catalog

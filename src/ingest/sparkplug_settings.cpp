#include "ingest/sparkplug_settings.h"

#include <fmt/format.h>

#include "model/point_path.h"
#include "wire/sparkplug/topic.h"

namespace hw::ingest {

const std::vector<Property> sparkplug_properties = {
    {"sparkplug.host_enabled",
     PropertyType::boolean,
     "true",
     "Read spBv1.0/# as a Sparkplug host application; with false the [[ingest]] rules decide",
     0,
     0,
     true,
     {}},
    {"sparkplug.host_id",
     PropertyType::text,
     "headworks",
     "This host application's id: its state is on spBv1.0/STATE/<host_id>",
     0,
     0,
     true,
     {}},
    {"sparkplug.path",
     PropertyType::text,
     "{group}/{edge}/{device}/{metric}",
     "Point path of a metric; an edge node's own metrics have no device level",
     0,
     0,
     true,
     {}},
    {"sparkplug.request_rebirths",
     PropertyType::boolean,
     "true",
     "Ask an edge node for its births after a gap, an unknown alias or data before a birth",
     0,
     0,
     true,
     {}},
    {"sparkplug.reorder_timeout",
     PropertyType::duration,
     "5s",
     "How long messages wait for an earlier one that is missing, 0 for not at all",
     0,
     3600,
     true,
     {}},
    {"sparkplug.rebirth_interval",
     PropertyType::duration,
     "10s",
     "Least time between two rebirth requests to one edge node",
     1,
     86'400,
     true,
     {}},
    {"sparkplug.nodes_limit",
     PropertyType::integer,
     "10000",
     "Edge nodes at most; messages of others are passed over, and counted",
     1,
     1e6,
     true,
     {}},
    {"sparkplug.metrics_limit",
     PropertyType::integer,
     "1000000",
     "Metrics of all edge nodes together at most, about 500 bytes each; others are passed over, "
     "and counted",
     1,
     1e8,
     true,
     {}},
};

Result<SparkplugSettings> sparkplug_settings_from(const Config& config) {
    SparkplugSettings settings;
    settings.host_enabled = config.boolean("sparkplug.host_enabled");
    auto& host = settings.host;
    host.host_id = config.text("sparkplug.host_id");
    if (!sparkplug::is_id(host.host_id) || !model::is_mqtt_text(host.host_id))
        return fail(ErrorCode::invalid_argument,
                    fmt::format("sparkplug.host_id '{}' is empty or holds '/', '+' or '#'",
                                model::printable(host.host_id)));
    auto path = sparkplug::PathTemplate::parse(config.text("sparkplug.path"));
    if (!path) return fail(path.error().within("sparkplug.path"));
    host.path = *std::move(path);
    host.request_rebirths = config.boolean("sparkplug.request_rebirths");
    host.reorder_timeout = config.duration("sparkplug.reorder_timeout");
    host.rebirth_interval = config.duration("sparkplug.rebirth_interval");
    host.nodes_limit = static_cast<size_t>(config.integer("sparkplug.nodes_limit"));
    host.metrics_limit = static_cast<size_t>(config.integer("sparkplug.metrics_limit"));
    return settings;
}

}  // namespace hw::ingest

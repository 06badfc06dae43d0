#include <fmt/format.h>

#include "model/point_path.h"
#include "upstream/sparkplug_edge.h"
#include "wire/sparkplug/topic.h"

namespace hw::upstream {

namespace {

using enum PropertyType;

Result<std::string> read_id(const Config& config, std::string_view key) {
    const std::string& id = config.text(key);
    if (!sparkplug::is_id(id) || !model::is_mqtt_text(id))
        return fail(ErrorCode::invalid_argument, fmt::format("{} '{}' is empty or holds '/', '+' "
                                                             "or '#'",
                                                             key, model::printable(id)));
    return id;
}

Result<std::vector<std::string>> read_filters(const Config& config, std::string_view key) {
    auto filters = config.text_list(key);
    for (const auto& filter : filters) {
        const auto sound = model::check_filter(filter);
        if (!sound) return fail(sound.error().within(key));
    }
    return filters;
}

}  // namespace

const std::vector<Property> sparkplug_edge_properties = {
    {"sparkplug_edge.broker", text, "",
     "Broker to which points are published as a Sparkplug edge node, mqtt://host:port; empty: "
     "none"},
    {"sparkplug_edge.group_id", text, "headworks", "Sparkplug group of the edge node"},
    {"sparkplug_edge.edge_node_id", text, "headworks",
     "Id of the edge node, the only one of its name in its group"},
    {"sparkplug_edge.client_id", text, "",
     "MQTT client id; empty: sparkplug-<group_id>-<edge_node_id>"},
    {"sparkplug_edge.user", text, "", "User name at the broker; empty: none"},
    {"sparkplug_edge.password_file", text, "", "File whose first line is the password"},
    {"sparkplug_edge.keep_alive", duration, "30s",
     "Silence after which each side asks whether the other is there", 1, 65'535},
    {"sparkplug_edge.primary_host", text, "",
     "Publish only while this host application is online; empty: whenever connected"},
    {"sparkplug_edge.filters", text_list, "#", "MQTT filters of the points that are published"},
    {"sparkplug_edge.exclude", text_list, "",
     "MQTT filters of points that are not published all the same"},
    {"sparkplug_edge.device_levels", integer, "1",
     "Levels of a point's path that make the device, 0: all points are metrics of the edge node", 0,
     16},
    {"sparkplug_edge.publish_interval", duration, "250ms",
     "How long changes wait to travel in one message", 0.01, 60},
    {"sparkplug_edge.writes", boolean, "false", "Let host applications write points"},
    {"sparkplug_edge.metrics_limit", integer, "100000",
     "Points published at most; others are passed over, and counted", 1, 1e7},
};

Result<SparkplugEdgeSettings> sparkplug_edge_settings_from(const Config& config) {
    SparkplugEdgeSettings settings;
    const std::string& broker = config.text("sparkplug_edge.broker");
    settings.enabled = !broker.empty();
    if (settings.enabled) settings.broker = HW_TRY(parse_broker(broker));
    settings.group_id = HW_TRY(read_id(config, "sparkplug_edge.group_id"));
    settings.edge_node_id = HW_TRY(read_id(config, "sparkplug_edge.edge_node_id"));
    settings.client_id = config.text("sparkplug_edge.client_id");
    if (settings.client_id.empty())
        settings.client_id =
            fmt::format("sparkplug-{}-{}", settings.group_id, settings.edge_node_id);
    settings.user = config.text("sparkplug_edge.user");
    settings.password_file = config.text("sparkplug_edge.password_file");
    settings.keep_alive = config.duration("sparkplug_edge.keep_alive");
    if (!config.text("sparkplug_edge.primary_host").empty())
        settings.primary_host = HW_TRY(read_id(config, "sparkplug_edge.primary_host"));
    settings.filters = HW_TRY(read_filters(config, "sparkplug_edge.filters"));
    settings.exclude = HW_TRY(read_filters(config, "sparkplug_edge.exclude"));
    // What comes back where the broker is this server's own would go round for ever.
    settings.exclude.push_back(fmt::format("{}/{}/#", settings.group_id, settings.edge_node_id));
    settings.device_levels = static_cast<size_t>(config.integer("sparkplug_edge.device_levels"));
    settings.publish_interval = config.duration("sparkplug_edge.publish_interval");
    settings.writes = config.boolean("sparkplug_edge.writes");
    settings.metrics_limit = static_cast<size_t>(config.integer("sparkplug_edge.metrics_limit"));
    return settings;
}

MetricPlace metric_place(std::string_view point, size_t device_levels) {
    size_t end = 0;  // of the device
    size_t from = 0;
    for (size_t level = 0; level < device_levels; ++level) {
        end = point.find('/', from);
        if (end == std::string_view::npos || end == from) return {"", std::string(point)};
        from = end + 1;
    }
    if (from == 0 || from >= point.size()) return {"", std::string(point)};
    MetricPlace place{std::string(point.substr(0, end)), std::string(point.substr(from))};
    for (char& c : place.device)
        if (c == '/') c = ':';
    return place;
}

}  // namespace hw::upstream

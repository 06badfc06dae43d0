#include "sim/publish/publisher.h"

#include <utility>

namespace hw::sim {

Publisher::Publisher(Settings settings, const Telemetry& telemetry, MqttClient& client)
    : settings_(std::move(settings)), telemetry_(telemetry), client_(client) {}

bool Publisher::ready() const {
    return client_.connected() && client_.sent() - client_.done() < settings_.queue_limit;
}

void Publisher::publish_round() {
    if (!ready()) {
        ++totals_.lost_rounds;
        return;
    }
    if (totals_.rounds == 0) publish_units();
    publish_readings();
    ++totals_.rounds;
}

// Scalars cannot say their unit, so the first round says it for every point on its own topic.
void Publisher::publish_units() {
    const auto& points = telemetry_.points();
    for (size_t i = 0; i < points.size(); ++i)
        // A failure ends the connection, which the next poll reports.
        if (travels(i) && telemetry_.render_unit(i, payload_) &&
            !client_.publish(points[i].path, payload_, settings_.qos))
            return;
}

void Publisher::publish_readings() {
    for (const auto& message : telemetry_.messages()) {
        if (!travels(message.first) || !telemetry_.render_message(message, payload_)) continue;
        // A failure ends the connection, which the next poll reports.
        if (!client_.publish(message.topic, payload_, settings_.qos)) return;
    }
}

}  // namespace hw::sim

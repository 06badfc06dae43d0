#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "sim/publish/mqtt_client.h"
#include "sim/publish/telemetry.h"

namespace hw::sim {

struct RunTotals {
    uint64_t rounds = 0;
    uint64_t lost_rounds = 0;  // came while the broker was away or behind
};

// Hands rounds of readings over to a client. One thread.
class Publisher {
  public:
    struct Settings {
        int qos = 0;
        uint64_t queue_limit = 20'000;  // messages handed over and not yet done
        // By point: whether it travels over MQTT. Empty: all do. The points of one message agree.
        std::vector<bool> points;
    };
    // Both outlive the publisher.
    Publisher(Settings settings, const Telemetry& telemetry, MqttClient& client);

    // The client is connected and not behind.
    bool ready() const;
    // The round that the works have just made; counted as lost when not ready.
    void publish_round();
    const RunTotals& totals() const { return totals_; }

  private:
    bool travels(size_t point) const { return settings_.points.empty() || settings_.points[point]; }
    void publish_units();
    void publish_readings();

    Settings settings_;
    const Telemetry& telemetry_;
    MqttClient& client_;
    std::string payload_;
    RunTotals totals_;
};

}  // namespace hw::sim

#pragma once

#include <cstdint>

#include "base/clock.h"
#include "sim/publish/mqtt_client.h"
#include "sim/publish/telemetry.h"

namespace hw::sim {

// The line on the terminal that is written over once a second.
class StatusLine {
  public:
    // `client`: null where nothing goes over MQTT. All outlive this.
    StatusLine(const Telemetry& telemetry, const MqttClient* client, Time now);

    // Writes when a second has gone by.
    void show(Time now);
    void end() const;

  private:
    const Telemetry& telemetry_;
    const MqttClient* client_;
    Time next_;
    Time shown_at_;
    uint64_t shown_done_ = 0;
};

}  // namespace hw::sim

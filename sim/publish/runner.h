#pragma once

#include <atomic>
#include <cstdint>

#include "base/clock.h"
#include "sim/publish/connector.h"
#include "sim/publish/mqtt_client.h"
#include "sim/publish/pace.h"
#include "sim/publish/publisher.h"
#include "sim/publish/status_line.h"
#include "sim/publish/telemetry.h"

namespace hw::sim {

// Ties works, pace and connection together: the loop of the program that publishes everything over
// MQTT. While the broker is away or behind,
// a paced plant goes on and its rounds are lost and counted; at unlimited speed it waits instead.
class Runner {
  public:
    struct Settings {
        double speed = 1;  // simulated seconds a second; 0: as fast as the broker takes them
        Duration interval = seconds(1);
        Duration duration{};  // simulated; 0: until stopped
        Publisher::Settings publish;
        bool status_line = false;
    };
    // What it works on; all outlive it.
    struct Parts {
        Telemetry& telemetry;
        MqttClient& client;
        Connector& connector;
        const Clock& clock;
    };

    Runner(const Settings& settings, const Parts& parts);

    // Until the duration is over or `stop` is set; waits for what is not yet acknowledged, 5 s.
    void run(const std::atomic<bool>& stop);
    const RunTotals& totals() const { return publisher_.totals(); }

  private:
    bool over() const;
    void drain();

    Settings settings_;
    Parts parts_;
    Pace pace_;
    Publisher publisher_;
    StatusLine status_;
};

}  // namespace hw::sim

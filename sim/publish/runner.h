#pragma once

#include <atomic>
#include <cstdint>
#include <string>

#include "base/clock.h"
#include "sim/publish/connector.h"
#include "sim/publish/mqtt_client.h"
#include "sim/publish/pace.h"
#include "sim/publish/telemetry.h"

namespace hw::sim {

struct RunTotals {
    uint64_t rounds = 0;
    uint64_t lost_rounds = 0;  // came while the broker was away or behind
};

// Ties works, pace and connection together: the program's loop. While the broker is away or behind,
// a paced plant goes on and its rounds are lost and counted; at unlimited speed it waits instead.
class Runner {
  public:
    struct Settings {
        double speed = 1;  // simulated seconds a second; 0: as fast as the broker takes them
        Duration interval = seconds(1);
        Duration duration{};  // simulated; 0: until stopped
        int qos = 0;
        uint64_t queue_limit = 20'000;  // messages handed over and not yet done
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
    const RunTotals& totals() const { return totals_; }

  private:
    bool over() const;
    bool ready() const;
    void round(Time now);
    void publish_units();
    void publish_round();
    void drain();
    void show_status(Time now);

    Settings settings_;
    Parts parts_;
    Pace pace_;
    Time next_status_;
    Time shown_at_;
    uint64_t shown_done_ = 0;
    std::string payload_;
    RunTotals totals_;
};

}  // namespace hw::sim

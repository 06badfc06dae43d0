#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <string>

#include "base/clock.h"
#include "base/error.h"
#include "base/log.h"
#include "sim/publish/mqtt_client.h"
#include "sim/publish/pace.h"
#include "sim/publish/telemetry.h"

namespace hw::sim {

struct RunTotals {
    uint64_t rounds = 0;
    uint64_t lost_rounds = 0;  // came while the broker was away
    uint64_t connections = 0;
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
        Duration first_connection = seconds(30);  // give up after; 0: never
        uint64_t queue_limit = 20'000;            // messages handed over and not yet done
        bool status_line = false;
    };

    Runner(Settings settings, Telemetry& telemetry, MqttClient& client, const Clock& clock);

    // Until the duration is over or `stop` is set. Unavailable when the first connection fails.
    Result<void> run(const std::atomic<bool>& stop);
    const RunTotals& totals() const { return totals_; }

  private:
    bool over() const;
    Result<void> keep_connected(Time now);
    void note_trouble(const Error& error, Time now);
    void note(LogLevel level, const std::string& text) const;
    void round(Time now);
    void publish_round();
    void drain();
    void show_status(Time now);
    bool ready() const;

    Settings settings_;
    Telemetry& telemetry_;
    MqttClient& client_;
    const Clock& clock_;
    Pace pace_;
    Backoff backoff_;
    Random jitter_;
    Time began_;
    Time next_try_;
    Time next_status_;
    bool was_connected_ = false;
    std::string last_error_;
    std::string payload_;
    uint64_t shown_done_ = 0;
    Time shown_at_;
    RunTotals totals_;
};

}  // namespace hw::sim

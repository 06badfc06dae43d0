#pragma once

#include <atomic>
#include <cstdint>
#include <string>

#include "base/clock.h"
#include "base/error.h"
#include "base/log.h"
#include "base/random.h"
#include "sim/publish/mqtt_client.h"
#include "sim/publish/pace.h"

namespace hw::sim {

// Keeps a client connected: tries again with growing waits and says once what is wrong. One thread.
class Connector {
  public:
    // `clear_line`: a status line stands on the terminal and must give way to log lines.
    Connector(MqttClient& client, const Clock& clock, bool clear_line);

    // Until the first connection or `stop`. Unavailable after `patience` (0: never).
    Result<void> first(Duration patience, const std::atomic<bool>& stop);
    // Starts a try when one is due, then lets the client work for at most `wait`.
    void poll(Duration wait);
    uint64_t connections() const { return connections_; }

  private:
    void keep(Time now);
    void trouble(const Error& error, Time now);
    void note(LogLevel level, const std::string& text) const;

    MqttClient& client_;
    const Clock& clock_;
    bool clear_line_;
    Backoff backoff_;
    Random jitter_;
    Time next_try_;
    bool was_connected_ = false;
    uint64_t connections_ = 0;
    std::string last_error_ = "the broker does not answer";
};

}  // namespace hw::sim

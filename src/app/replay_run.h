#pragma once

#include <optional>
#include <string>

#include "app/replay_source.h"
#include "base/error.h"
#include "upstream/mqtt_link.h"

namespace hw::app {

struct ReplayRunOptions {
    upstream::BrokerAddress broker;
    mqtt::ClientOptions client;
    std::string topic;
    mqtt::Qos qos = mqtt::Qos::at_least_once;
    double speed = 0;  // seconds of the recording a second; 0: as fast as it is taken
    bool show_progress = false;
    Duration patience = seconds(60);  // how long a lost broker is tried again
};

struct ReplayReport {
    uint64_t sent = 0;  // messages, one a row
    uint64_t values = 0;
    uint64_t acknowledged = 0;
    uint64_t refused = 0;
    uint64_t reconnects = 0;
    std::string first_refusal;
    Duration elapsed;
    std::optional<Error> ended_by;  // the broker went away for good, or a file cannot be read
    int signal = 0;
};

// Publishes what the source has through one connection, in order, with a window of unacknowledged
// messages; after a loss connects again and resends what was not acknowledged. Remarks of the
// source and the progress go to standard error.
ReplayReport run_replay(ReplaySource& source, const ReplayRunOptions& options);

}  // namespace hw::app

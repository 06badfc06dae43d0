#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <vector>

#include "base/metrics.h"

namespace hw::broker {

// What the broker counts. Plain numbers, since one thread counts: the path of a message pays no
// atomic operation. They are carried over to the process's metrics once a round.
struct Figures {
    uint64_t bytes_in = 0;
    uint64_t bytes_out = 0;
    uint64_t connections_opened = 0;
    uint64_t connects_refused = 0;
    uint64_t takeovers = 0;
    uint64_t protocol_errors = 0;
    uint64_t keep_alive_timeouts = 0;
    uint64_t publishes_in[3] = {};
    uint64_t publishes_out[3] = {};
    uint64_t publishes_denied = 0;
    uint64_t kept = 0;
    uint64_t keep_failed = 0;
    uint64_t unmatched = 0;
    uint64_t dropped_slow = 0;   // QoS 0, the subscriber's output is full
    uint64_t dropped_queue = 0;  // QoS 1 and 2, the session's queue is full
    uint64_t dropped_expired = 0;
    uint64_t dropped_too_large = 0;  // over the client's maximum packet size
    uint64_t dropped_offline = 0;    // QoS 0 for a session without connection
    uint64_t retained_refused = 0;
    uint64_t publisher_pauses = 0;
    uint64_t routes_resolved = 0;

    uint64_t messages_in() const { return publishes_in[0] + publishes_in[1] + publishes_in[2]; }
    uint64_t messages_out() const { return publishes_out[0] + publishes_out[1] + publishes_out[2]; }
    uint64_t dropped() const {
        return dropped_slow + dropped_queue + dropped_expired + dropped_too_large + dropped_offline;
    }
};

// How much there is of something now. Copied into atomics about once a second, since gauges are
// read on another thread.
struct Gauges {
    explicit Gauges(Metrics& metrics);

    struct Values {
        std::atomic<uint64_t> connections{0}, connected{0}, sessions{0}, subscriptions{0},
            retained{0}, retained_bytes{0}, routes{0}, paused{0};
    };
    // Shared with the registry's readers, which may outlive the broker.
    std::shared_ptr<Values> values = std::make_shared<Values>();
};

// Carries Figures over to Metrics.
class FigureExport {
  public:
    FigureExport(const Figures& figures, Metrics& metrics);
    void update();

  private:
    struct Line {
        const uint64_t* from;
        Counter* to;
        uint64_t seen = 0;
    };
    std::vector<Line> lines_;
};

}  // namespace hw::broker

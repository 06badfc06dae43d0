#pragma once

#include <atomic>
#include <cstdint>
#include <deque>
#include <optional>
#include <string>
#include <vector>

#include "base/metrics.h"
#include "base/time.h"
#include "upstream/gaps.h"

namespace hw::upstream {

// Figures that the uplink counts and anybody reads.
struct Figures {
    std::atomic<uint64_t> samples_sent{0};
    std::atomic<uint64_t> samples_acknowledged{0};
    std::atomic<uint64_t> backlog_acknowledged{0};
    std::atomic<uint64_t> messages_sent{0};
    std::atomic<uint64_t> bytes_sent{0};  // payloads
    std::atomic<uint64_t> commands{0};
    std::atomic<uint64_t> connects{0};
    std::atomic<bool> connected{false};
    std::atomic<uint64_t> queue_bytes{0};
    std::atomic<uint64_t> samples_waiting{0};
    std::atomic<uint64_t> gaps{0};
    std::atomic<double> drain_rate{0};                     // backlog samples acknowledged a second
    std::array<std::atomic<uint64_t>, 10> samples_lost{};  // by GapReason
};
void register_metrics(Metrics& metrics, const Figures& figures);

// What the API tells of the uplink.
struct Status {
    std::string broker;
    std::string client_id;
    std::string format;
    bool connected = false;
    Time since;              // of that
    std::string last_error;  // empty: none since the start
    uint64_t queue_bytes = 0;
    uint64_t queue_bytes_limit = 0;
    uint64_t queue_segments = 0;
    uint64_t samples_waiting = 0;
    std::optional<Time> oldest_waiting;
    double drain_rate = 0;
    uint64_t samples_sent = 0;
    uint64_t samples_acknowledged = 0;
    uint64_t bytes_sent = 0;
    std::vector<Gap> gaps;  // oldest first
};
std::string status_json(const Status& status);

}  // namespace hw::upstream

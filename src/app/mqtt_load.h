#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/error.h"

namespace hw::app {

// What one load run does. Closed loop: at most `window` messages are sent and not yet delivered
// (fan_in, fan_out) or acknowledged (ingest), so the rate is the highest at which nothing is lost.
struct MqttLoad {
    enum class Mode { fan_in, fan_out, ingest, pairs };

    std::string host = "127.0.0.1";
    uint16_t port = 1883;
    Mode mode = Mode::fan_in;
    unsigned publishers = 100;
    unsigned subscribers = 1;  // fan_out; pairs has one for each publisher
    unsigned qos = 0;
    unsigned payload_bytes = 64;
    bool scalar = false;  // payloads are numbers, as of an instrument
    unsigned window = 16'000;
    unsigned inflight = 64;  // QoS 1: unacknowledged messages of one publisher
    unsigned batch = 64;     // packets in one write, at most
    double rate = 0;         // pairs: messages a second in all
    double warmup_s = 1.5;
    double seconds = 8;
    std::string topic = "bench";
    int pid = 0;  // the server's, for its CPU time; 0: not known
};

struct MqttLoadReport {
    double seconds = 0;
    uint64_t sent = 0;
    uint64_t delivered = 0;
    uint64_t acknowledged = 0;
    uint64_t lost = 0;
    uint64_t reordered = 0;
    double server_cpu_s = 0;
    double own_cpu_s = 0;
    std::vector<uint32_t> latencies_us;  // sorted; from the scheduled send time
    std::vector<uint32_t> late_us;       // sorted; how late this program itself sent
};

// Runs on the calling thread with plain sockets and epoll, to cost as little as possible beside the
// server under test. Errors: unreachable, the server closed a connection.
Result<MqttLoadReport> run_mqtt_load(const MqttLoad& load);

// User and system time of a process so far, in seconds; 0 where it cannot be read.
double process_cpu_s(int pid);
double own_cpu_s();

}  // namespace hw::app

#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/error.h"

namespace hw::app {

// Sends plant data as InfluxDB line protocol over HTTP: one second of all points a request, one
// sample a line. Bodies are rendered before the clock starts.
struct WriteLoad {
    std::string url = "http://127.0.0.1:8080/write?precision=s";
    unsigned points = 10'000;
    unsigned data_seconds = 600;
    unsigned connections = 2;
    int64_t start_s = 1'700'000'000;
    uint64_t seed = 1;
    int pid = 0;  // the server's, for its CPU time
};

struct WriteLoadReport {
    double seconds = 0;
    uint64_t samples = 0;
    uint64_t requests = 0;
    uint64_t failed = 0;
    std::string first_failure;
    double server_cpu_s = 0;
    std::vector<uint32_t> latencies_us;  // sorted
};

// Blocks until all is sent and answered. Errors: a bad address, unreachable.
Result<WriteLoadReport> run_write_load(const WriteLoad& load);

}  // namespace hw::app

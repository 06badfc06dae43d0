#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/error.h"

namespace hw::app {

// Sends plant data over HTTP, one sample a line: as InfluxDB line protocol, or as the tab separated
// rows (number of the point, time in ms, value) that ClickHouse takes. A request has one step of
// all points unless told otherwise. Bodies are rendered before the clock starts, unless streamed.
struct WriteLoad {
    enum class Format { line, tsv };

    Format format = Format::line;
    bool plain = false;  // all values as bare numbers, where a store has one type for a field
    std::string url = "http://127.0.0.1:8080/write?precision=s";
    unsigned points = 10'000;
    unsigned first_point = 0;  // number of the first, which also chooses its kind of values
    unsigned data_seconds = 600;
    unsigned step_s = 1;             // seconds between two samples of a point
    unsigned steps_per_request = 1;  // few points want more than one
    bool stream = false;             // for loads that do not fit in memory
    std::string measurement = "plant";
    std::string prefix;  // before the name of each point, in line protocol
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

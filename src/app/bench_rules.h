#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/error.h"
#include "base/time.h"

namespace hw::app {

struct RulesBenchOptions {
    Duration length = seconds(3);
    uint64_t rules = 10'000;
    uint64_t rate = 20'000;  // events a second
};

struct RulesFigure {
    std::string name;
    uint64_t events = 0;
    uint64_t rows = 0;
    uint64_t dropped = 0;
    double seconds = 0;
    double cpu_seconds = 0;     // of the whole process
    uint64_t memory_bytes = 0;  // of the process, resident
    uint64_t rules = 0;
    uint64_t rule_bytes = 0;  // what the rules made the process grow by

    double events_per_second() const {
        return seconds > 0 ? static_cast<double>(events) / seconds : 0;
    }
    double events_per_cpu_second() const {
        return cpu_seconds > 0 ? static_cast<double>(events) / cpu_seconds : 0;
    }
};

// The parts of `headworks bench rules`, in this process. Each checks its rows: a figure of a wrong
// answer is an error.
using RulesBench = Result<RulesFigure> (*)(const RulesBenchOptions& options);
std::vector<std::pair<std::string_view, RulesBench>> rules_benches();

}  // namespace hw::app

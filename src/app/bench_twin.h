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

struct TwinBenchOptions {
    Duration length = seconds(5);
    uint64_t twins = 100'000;
    uint64_t properties = 4;  // of each twin that are updated
    uint64_t subscriptions = 1'000;
    uint64_t rate = 1'000'000;  // updates a second
    uint64_t children = 10'000;
    uint64_t past_twins = 10'000;
};

// One line of figures: what was measured, in the order to show it.
struct TwinFigures {
    std::string name;
    std::vector<std::pair<std::string, double>> values;
};

// The parts of `headworks bench twin`, in this process, in a folder that is removed. Each checks
// its answers: a figure of a wrong answer is an error.
using TwinBench = Result<TwinFigures> (*)(const TwinBenchOptions& options);
std::vector<std::pair<std::string_view, TwinBench>> twin_benches();
// A snapshot of many twins as they were, over sealed samples, and when a condition held.
Result<TwinFigures> bench_twin_past(const TwinBenchOptions& options);

}  // namespace hw::app

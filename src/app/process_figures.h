#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>

#include "api/system_operations.h"
#include "base/time.h"

namespace hw::app {

// What the kernel says of this process and its machine. Each reads one or two small files.
struct ProcessFigures {
    Duration cpu;  // used since the start
    uint64_t memory_bytes = 0;
    uint64_t threads = 0;
    uint64_t open_files = 0;
    uint64_t open_files_limit = 0;
};
Duration process_cpu();
uint64_t process_memory();
ProcessFigures process_figures();

struct MachineFigures {
    std::string host;
    unsigned cores = 0;
    double load_1m = 0;
    uint64_t memory_bytes = 0;
    uint64_t memory_available_bytes = 0;
};
MachineFigures machine_figures();

// "VmRSS:\t 1234 kB" of /proc/*/status and /proc/meminfo, in bytes (counts as they are); 0 where
// the line is missing.
uint64_t proc_value(std::string_view text, std::string_view name);

struct DiskFigures {
    uint64_t free_bytes = 0, total_bytes = 0;
};
DiskFigures disk_figures(const std::string& folder);
// Of all files in the folder: some microseconds a file.
uint64_t folder_bytes(const std::string& folder);

// Whether a time service holds the clock, and how far it may be off.
api::SystemFacts::ClockState clock_state();

// Sums over labels of the figures in Prometheus' text format.
std::map<std::string, double, std::less<>> metric_sums(std::string_view text);

}  // namespace hw::app

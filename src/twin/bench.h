#pragma once

#include <cstddef>
#include <cstdint>
#include <string>

#include "base/error.h"
#include "sql/function.h"

namespace hw::twin {

// How fast the twins are, measured on twins of ten slots over a catalogue and a history in a
// folder that must be empty. Samples are handed to tap() as history would, without its disk.
struct BenchOptions {
    std::string folder;
    size_t twins = 100'000;
    size_t relationships = 1'000'000;
    size_t children = 10'000;     // of the roll-up
    size_t rate = 1'000'000;      // samples a second while reads are measured
    size_t seconds = 5;           // of that
    size_t samples = 10'000'000;  // as fast as they go
};

struct BenchLatency {
    double p50_us = 0, p99_us = 0, most_us = 0;
    size_t count = 0;
};

struct BenchReport {
    double import_twins_s = 0, import_relationships_s = 0, open_s = 0, load_s = 0;
    double bytes_a_twin = 0;         // of heap, with its ten slots and its relationships
    double updates_per_s = 0;        // as fast as they go, a follower interested in all
    double updates_cpu_ns = 0;       // of both threads, an update
    double paced_updates_per_s = 0;  // while reads were measured
    double paced_cpu = 0;            // cores that updates and reads took
    uint64_t paced_dropped = 0;
    BenchLatency read_idle, hop_idle, read_busy, hop_busy;
    double snapshot_10k_ms = 0;
    double roll_up_change_ns = 0;  // of a change of one of the children
    size_t children = 0;
    uint64_t followed = 0;  // calls of the follower
};

Result<BenchReport> run_bench(const BenchOptions& options, const sql::FunctionTable& functions);

}  // namespace hw::twin

#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "base/error.h"
#include "base/time.h"
#include "history/settings.h"

namespace hw::history {

struct IngestBenchOptions {
    std::string folder;  // made if missing; must not hold a historian
    Duration length = seconds(60);
    uint32_t points = 10'000;
    uint32_t batch = 10'000;
    uint32_t in_flight = 8;  // batches submitted and not yet acknowledged
    uint64_t seed = 1;
    Settings settings;
};

struct BenchReport {
    uint64_t samples = 0;
    double seconds = 0;
    double cpu_seconds = 0;  // of the whole process while it ran, generator included
    double generator_cpu_seconds = 0;
    double commit_p50_ms = 0;  // from submit to acknowledgement
    double commit_p99_ms = 0;
    uint64_t commits = 0;
    uint64_t journal_syncs = 0;
    uint64_t rss_bytes_most = 0;
    double settle_seconds = 0;
    double settle_cpu_seconds = 0;
    uint64_t disk_bytes = 0;  // of chunks and summaries after settling

    double samples_per_second() const { return static_cast<double>(samples) / seconds; }
    double samples_per_cpu_second() const { return static_cast<double>(samples) / cpu_seconds; }
    double bytes_per_sample() const {
        return static_cast<double>(disk_bytes) / static_cast<double>(samples);
    }
};

// Plant data (plant_mix.h) in wide order, a step of all points after the other, as fast as it is
// acknowledged; then settles and measures the space. Blocks for the length and the settling.
Result<BenchReport> run_ingest_bench(const IngestBenchOptions& options);

// "name value unit" a line, or one JSON object.
std::string render_text(const BenchReport& report);
std::string render_json(const BenchReport& report);

struct QueryBenchOptions {
    std::string folder;
    uint32_t year_samples = 31'536'000;  // of the one long point, at 1 s
    uint32_t hour_points = 1'000;        // x 3,600 s
    uint32_t other_points = 10'000;      // x 600 s
    uint32_t rounds = 15;
    uint64_t seed = 1;
    Settings settings;
};

struct QueryFigure {
    std::string name;
    double median_ms = 0;
    double least_ms = 0;
    double cpu_ms = 0;  // of the whole process, a query
    uint64_t rows = 0;
};

// Builds the set (a year of one point beside many others), settles, and asks the four
// questions warm.
Result<std::vector<QueryFigure>> run_query_bench(const QueryBenchOptions& options);
std::string render_text(const std::vector<QueryFigure>& figures);

}  // namespace hw::history

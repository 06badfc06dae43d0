// The whole run of twin/bench.h as one benchmark: its figures are the counters.
#include <benchmark/benchmark.h>
#include <stdlib.h>

#include <filesystem>

#include "sql/functions/functions.h"
#include "twin/bench.h"

namespace hw::twin {
namespace {

void add_latency(benchmark::State& state, const std::string& name, const BenchLatency& latency) {
    state.counters[name + "_p50_us"] = latency.p50_us;
    state.counters[name + "_p99_us"] = latency.p99_us;
    state.counters[name + "_most_us"] = latency.most_us;
}

void twins(benchmark::State& state) {
    std::string folder = std::filesystem::temp_directory_path() / "hw_twin_bench_XXXXXX";
    if (mkdtemp(folder.data()) == nullptr) return state.SkipWithError("no folder");
    BenchOptions options;
    options.folder = folder;
    options.twins = static_cast<size_t>(state.range(0));
    options.relationships = options.twins * 10;
    sql::FunctionTable functions;
    sql::add_builtin_functions(functions);
    for (auto _ : state) {
        const auto report = run_bench(options, functions);
        if (!report) {
            state.SkipWithError(report.error().text().c_str());
            break;
        }
        state.counters["import_twins_s"] = report->import_twins_s;
        state.counters["import_relationships_s"] = report->import_relationships_s;
        state.counters["open_s"] = report->open_s;
        state.counters["load_s"] = report->load_s;
        state.counters["bytes_a_twin"] = report->bytes_a_twin;
        state.counters["updates_per_s"] = report->updates_per_s;
        state.counters["updates_cpu_ns"] = report->updates_cpu_ns;
        state.counters["paced_updates_per_s"] = report->paced_updates_per_s;
        state.counters["paced_cores"] = report->paced_cpu;
        state.counters["paced_dropped"] = static_cast<double>(report->paced_dropped);
        add_latency(state, "read_idle", report->read_idle);
        add_latency(state, "hop_idle", report->hop_idle);
        add_latency(state, "read_busy", report->read_busy);
        add_latency(state, "hop_busy", report->hop_busy);
        state.counters["snapshot_10k_ms"] = report->snapshot_10k_ms;
        state.counters["roll_up_change_ns"] = report->roll_up_change_ns;
    }
    std::filesystem::remove_all(folder);
}
BENCHMARK(twins)->Arg(10'000)->Arg(100'000)->Iterations(1)->Unit(benchmark::kSecond);

}  // namespace
}  // namespace hw::twin

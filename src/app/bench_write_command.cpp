#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <cstdio>
#include <memory>

#include "app/bench_commands.h"
#include "app/write_load.h"
#include "base/json_writer.h"

namespace hw::app {

namespace {

struct Options {
    WriteLoad load;
    std::string format = "line";
    bool json = false;
};

Exit bench(Options& options) {
    if (options.format == "tsv") options.load.format = WriteLoad::Format::tsv;
    const auto done = run_write_load(options.load);
    if (!done) return report(done.error(), options.json);
    const auto samples = static_cast<double>(done->samples);
    const double per_cpu = done->server_cpu_s > 0 ? samples / done->server_cpu_s : 0;
    const auto at = [&](double part) {
        return done->latencies_us.empty()
                   ? 0u
                   : done->latencies_us[static_cast<size_t>(
                         part * static_cast<double>(done->latencies_us.size() - 1))];
    };
    if (options.json) {
        std::string out;
        JsonWriter json(out);
        json.begin_object();
        json.member("samples", done->samples);
        json.member("seconds", done->seconds);
        json.member("requests", done->requests);
        json.member("failed", done->failed);
        json.member("per_second", samples / done->seconds);
        json.member("per_server_cpu_second", per_cpu);
        json.member("server_cpu_s", done->server_cpu_s);
        json.member("p50_us", at(0.5));
        json.member("p99_us", at(0.99));
        json.end_object();
        fmt::print("{}\n", out);
    } else {
        fmt::print("{} samples in {:.2f} s: {:.0f} samples/s", done->samples, done->seconds,
                   samples / done->seconds);
        if (per_cpu > 0) fmt::print(", {:.0f} per server CPU second", per_cpu);
        fmt::print("; request p50 {} us, p99 {} us\n", at(0.5), at(0.99));
    }
    if (done->failed == 0) return Exit::ok;
    fmt::print(stderr, "headworks: {} of {} requests failed, the first with: {}\n", done->failed,
               done->requests, done->first_failure);
    return Exit::partial;
}

}  // namespace

std::function<Exit()> define_bench_write(CLI::App& app) {
    auto options = std::make_shared<Options>();
    auto& load = options->load;
    app.add_option("--url", load.url, "Where line protocol is taken, with precision in seconds")
        ->capture_default_str();
    app.add_option("--points", load.points)->capture_default_str();
    app.add_option("--first-point", load.first_point, "Number of the first point")
        ->capture_default_str();
    app.add_option("--measurement", load.measurement)->capture_default_str();
    app.add_option("--prefix", load.prefix, "Put before the points' names, e.g. hour/");
    app.add_option("--data-seconds", load.data_seconds, "Seconds of data")->capture_default_str();
    app.add_option("--step", load.step_s, "Seconds between two samples of a point")
        ->capture_default_str();
    app.add_option("--steps-per-request", load.steps_per_request, "Steps in one request")
        ->capture_default_str();
    app.add_flag("--stream", load.stream, "Render while sending, for loads larger than memory");
    app.add_flag("--plain", load.plain, "Counters and states as bare numbers, as in tsv");
    app.add_option("--format", options->format,
                   "line: line protocol; tsv: point number, time in ms and value between tabs")
        ->check(CLI::IsMember({"line", "tsv"}))
        ->capture_default_str();
    app.add_option("--connections", load.connections)->capture_default_str();
    app.add_option("--start", load.start_s, "Epoch second of the first sample")
        ->capture_default_str();
    app.add_option("--seed", load.seed)->capture_default_str();
    app.add_option("--pid", load.pid, "The server's process, for its CPU time");
    app.add_flag("--json", options->json, "JSON instead of text");
    app.footer(
        "Examples:\n"
        "  headworks bench write --pid $(pidof headworks)\n"
        "  headworks bench write --url 'http://127.0.0.1:8428/write?precision=s'\n"
        "  headworks bench write --format tsv \\\n"
        "      --url 'http://127.0.0.1:8123/?query=INSERT%20INTO%20plant%20FORMAT%20TabSeparated'");
    return [options] { return bench(*options); };
}

}  // namespace hw::app

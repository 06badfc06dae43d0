#include <fmt/format.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <cstdio>
#include <filesystem>
#include <memory>

#include "app/bench_commands.h"
#include "app/configuration.h"
#include "base/json_writer.h"
#include "history/bench.h"

namespace hw::app {

namespace {

struct Options {
    std::string mode = "ingest";
    std::string folder;
    std::string length = "60s";
    history::IngestBenchOptions ingest;
    history::QueryBenchOptions query;
    ConfigOptions config;
    bool keep = false;
    bool json = false;
};

std::string render_json(const std::vector<history::QueryFigure>& figures) {
    std::string out;
    JsonWriter json(out);
    json.begin_array();
    for (const auto& figure : figures) {
        json.begin_object();
        json.member("name", figure.name);
        json.member("median_ms", figure.median_ms);
        json.member("least_ms", figure.least_ms);
        json.member("cpu_ms", figure.cpu_ms);
        json.member("rows", figure.rows);
        json.end_object();
    }
    json.end_array();
    return out;
}

Result<std::string> run(Options& options) {
    const Config config = HW_TRY(load_config(options.config));
    const auto settings = HW_TRY(history::settings_from(config));
    if (options.mode == "query") {
        options.query.folder = options.folder;
        options.query.settings = settings;
        const auto figures = HW_TRY(history::run_query_bench(options.query));
        return options.json ? render_json(figures) : history::render_text(figures);
    }
    options.ingest.folder = options.folder;
    options.ingest.length = HW_TRY(parse_duration(options.length));
    options.ingest.settings = settings;
    const auto done = HW_TRY(history::run_ingest_bench(options.ingest));
    return options.json ? history::render_json(done) : history::render_text(done);
}

Exit bench(Options& options) {
    std::error_code error;
    const bool own = options.folder.empty();
    if (own) {
        const auto parent = std::filesystem::temp_directory_path(error);
        options.folder = (parent / fmt::format("headworks-bench-{}", ::getpid())).string();
    }
    auto text = run(options);
    if (own && !options.keep) std::filesystem::remove_all(options.folder, error);
    if (!text) return report(text.error(), options.json);
    fmt::print("{}{}", *text, text->ends_with('\n') ? "" : "\n");
    return Exit::ok;
}

}  // namespace

std::function<Exit()> define_bench_history(CLI::App& app) {
    auto options = std::make_shared<Options>();
    app.add_option("--mode", options->mode,
                   "ingest: samples a second, acknowledged on disk, and bytes a sample; query: "
                   "times of the four usual questions")
        ->check(CLI::IsMember({"ingest", "query"}))
        ->capture_default_str();
    app.add_option("--folder", options->folder, "New folder (default: one that is removed)");
    app.add_flag("--keep", options->keep, "Keep the folder");
    app.add_option("--length", options->length, "ingest: how long")->capture_default_str();
    app.add_option("--points", options->ingest.points, "ingest: points")->capture_default_str();
    app.add_option("--batch", options->ingest.batch, "ingest: samples of a batch")
        ->capture_default_str();
    app.add_option("--in-flight", options->ingest.in_flight, "ingest: unacknowledged batches")
        ->capture_default_str();
    app.add_option("--year-samples", options->query.year_samples,
                   "query: samples of the long point, at 1 s")
        ->capture_default_str();
    app.add_option("--rounds", options->query.rounds, "query: times each is asked")
        ->capture_default_str();
    app.add_option("--seed", options->ingest.seed, "Of the plant's data")->capture_default_str();
    app.add_option("--config", options->config.file, "Configuration file (TOML)");
    app.add_option("--set", options->config.sets, "One property, section.key=value; may repeat")
        ->allow_extra_args(false);
    app.add_flag("--json", options->json, "JSON instead of text");
    app.footer(
        "Examples:\n"
        "  headworks bench history --length 60s --points 10000\n"
        "  headworks bench history --mode query --json\n"
        "  headworks bench history --set history.ack=memory");
    return [options] { return bench(*options); };
}

}  // namespace hw::app

#include <fmt/format.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <cstdio>
#include <filesystem>
#include <memory>

#include "app/bench_commands.h"
#include "app/configuration.h"
#include "sql/batch/bench.h"

namespace hw::app {

namespace {

struct Options {
    sql::batch::SqlBenchOptions bench;
    ConfigOptions config;
    bool keep = false;
    bool json = false;
};

Result<std::string> run(Options& options) {
    const Config config = HW_TRY(load_config(options.config));
    options.bench.history = HW_TRY(history::settings_from(config));
    options.bench.sql = sql::batch::settings_from(config);
    const auto report = HW_TRY(sql::batch::run_sql_bench(options.bench));
    return options.json ? sql::batch::render_json(report) : sql::batch::render_text(report);
}

Exit bench(Options& options) {
    std::error_code error;
    const bool own = options.bench.folder.empty();
    if (own) {
        const auto parent = std::filesystem::temp_directory_path(error);
        options.bench.folder = (parent / fmt::format("headworks-bench-{}", ::getpid())).string();
    }
    auto text = run(options);
    if (own && !options.keep) std::filesystem::remove_all(options.bench.folder, error);
    if (!text) return report(text.error(), options.json);
    fmt::print("{}{}", *text, text->ends_with('\n') ? "" : "\n");
    return Exit::ok;
}

}  // namespace

std::function<Exit()> define_bench_sql(CLI::App& app) {
    auto options = std::make_shared<Options>();
    app.add_option("--samples", options->bench.samples, "In all")->capture_default_str();
    app.add_option("--points", options->bench.points, "That the samples are of")
        ->capture_default_str();
    app.add_option("--rounds", options->bench.rounds, "Times each question is asked")
        ->capture_default_str();
    app.add_option("--seed", options->bench.seed, "Of the plant's data")->capture_default_str();
    app.add_option("--folder", options->bench.folder, "New folder (default: one that is removed)");
    app.add_flag("--keep", options->keep, "Keep the folder");
    app.add_option("--config", options->config.file, "Configuration file (TOML)");
    app.add_option("--set", options->config.sets, "One property, section.key=value; may repeat")
        ->allow_extra_args(false);
    app.add_flag("--json", options->json, "JSON instead of text");
    app.footer(
        "Examples:\n"
        "  headworks bench sql\n"
        "  headworks bench sql --samples 100000000 --points 5000 --set sql.memory_limit=8GiB");
    return [options] { return bench(*options); };
}

}  // namespace hw::app

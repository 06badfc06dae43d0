#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <memory>

#include "app/bench_commands.h"
#include "app/bench_twin.h"
#include "base/json_writer.h"

namespace hw::app {

namespace {

struct Options {
    TwinBenchOptions bench;
    std::string length;
    std::string only;
    bool json = false;
};

std::string render_json(const std::vector<TwinFigures>& figures) {
    std::string out;
    JsonWriter json(out);
    json.begin_array();
    for (const auto& figure : figures) {
        json.begin_object();
        json.member("name", figure.name);
        for (const auto& [name, value] : figure.values)
            json.member(name, value);
        json.end_object();
    }
    json.end_array();
    return out + "\n";
}

std::string render_text(const TwinFigures& figures) {
    std::string out = figures.name + "\n";
    for (const auto& [name, value] : figures.values)
        out += fmt::format("  {:<28} {:>14.{}f}\n", name, value, value >= 1000 ? 0 : 2);
    return out;
}

Exit bench(Options& options) {
    const auto length = parse_duration(options.length);
    if (!length) return report(length.error(), options.json);
    options.bench.length = *length;
    std::vector<TwinFigures> all;
    for (const auto& [name, run] : twin_benches()) {
        if (!options.only.empty() && options.only != name) continue;
        auto figures = run(options.bench);
        if (!figures) return report(figures.error(), options.json);
        if (!options.json) fmt::print("{}", render_text(*figures));
        all.push_back(std::move(*figures));
    }
    if (all.empty())
        return report(Error(ErrorCode::invalid_argument,
                            fmt::format("there is no part '{}'; see --help", options.only)),
                      options.json);
    if (options.json) fmt::print("{}", render_json(all));
    return Exit::ok;
}

}  // namespace

std::function<Exit()> define_bench_twin(CLI::App& app) {
    auto options = std::make_shared<Options>();
    app.add_option("--length", options->length, "Time for each part")->default_val("5s");
    app.add_option("--only", options->only, "One part: apply, rest, roll-up or past");
    app.add_option("--twins", options->bench.twins)->capture_default_str();
    app.add_option("--properties", options->bench.properties, "Of a twin that are updated")
        ->capture_default_str();
    app.add_option("--subscriptions", options->bench.subscriptions)->capture_default_str();
    app.add_option("--rate", options->bench.rate, "Updates a second")->capture_default_str();
    app.add_option("--children", options->bench.children, "Of the roll-up")->capture_default_str();
    app.add_option("--past-twins", options->bench.past_twins, "Of the snapshot as of a time")
        ->capture_default_str();
    app.add_flag("--json", options->json, "JSON instead of text");
    app.footer(
        "Parts: apply (updates through history to all twins, with subscriptions, while a reader\n"
        "asks), rest (reads and a snapshot without load), roll-up (sum and max over the children\n"
        "of one twin), past (a snapshot as of a time).");
    return [options] { return bench(*options); };
}

}  // namespace hw::app

#include <fmt/format.h>
#include <sys/resource.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <chrono>
#include <memory>

#include "app/bench_commands.h"
#include "app/bench_rules.h"
#include "base/json_writer.h"

namespace hw::app {

namespace {

struct Options {
    RulesBenchOptions bench;
    std::string length = "3s";
    std::string only;
    bool json = false;
};

std::string render_json(const std::vector<RulesFigure>& figures) {
    std::string out;
    JsonWriter json(out);
    json.begin_array();
    for (const auto& figure : figures) {
        json.begin_object();
        json.member("name", figure.name);
        json.member("events", figure.events);
        json.member("rows", figure.rows);
        json.member("dropped", figure.dropped);
        json.member("seconds", figure.seconds);
        json.member("cpu_seconds", figure.cpu_seconds);
        json.member("events_per_second", figure.events_per_second());
        json.member("events_per_cpu_second", figure.events_per_cpu_second());
        json.member("memory_bytes", figure.memory_bytes);
        json.end_object();
    }
    json.end_array();
    return out + "\n";
}

std::string render_text(const std::vector<RulesFigure>& figures) {
    std::string out;
    for (const auto& figure : figures) {
        out += fmt::format("{:<34} {:>12.0f} events/s of CPU  {:>10} events, {} rows", figure.name,
                           figure.events_per_cpu_second(), figure.events, figure.rows);
        if (figure.rules > 0)
            out += fmt::format(
                "\n{:<34} {:.0f} events/s offered, {} dropped, {:.2f} cores, {:.0f} MB, {:.1f} KB "
                "a rule",
                "", figure.events_per_second(), figure.dropped, figure.cpu_seconds / figure.seconds,
                static_cast<double>(figure.memory_bytes) / 1e6,
                static_cast<double>(figure.rule_bytes) / 1e3 / static_cast<double>(figure.rules));
        out += '\n';
    }
    return out;
}

Exit bench(Options& options) {
    const auto length = parse_duration(options.length);
    if (!length) return report(length.error(), options.json);
    options.bench.length = *length;
    std::vector<RulesFigure> figures;
    for (const auto& [name, run] : rules_benches()) {
        if (!options.only.empty() && options.only != name) continue;
        auto figure = run(options.bench);
        if (!figure) return report(figure.error(), options.json);
        figures.push_back(std::move(*figure));
    }
    if (figures.empty())
        return report(Error(ErrorCode::invalid_argument,
                            fmt::format("there is no part '{}'; see --help", options.only)),
                      options.json);
    fmt::print("{}", options.json ? render_json(figures) : render_text(figures));
    return Exit::ok;
}

}  // namespace

std::function<Exit()> define_bench_rules(CLI::App& app) {
    auto options = std::make_shared<Options>();
    app.add_option("--length", options->length, "Time for each part")->default_val("3s");
    app.add_option("--only", options->only, "One part: project, decode, group, many-rules");
    app.add_option("--rules", options->bench.rules, "Rules of many-rules")
        ->default_val(10'000)
        ->check(CLI::Range(1, 1'000'000));
    app.add_option("--rate", options->bench.rate, "Events a second of many-rules")
        ->default_val(20'000)
        ->check(CLI::Range(1, 10'000'000));
    app.add_flag("--json", options->json, "JSON instead of text");
    app.footer(
        "Parts: project (filter and projection of a decoded payload), decode (the same with the\n"
        "payload's JSON), group (1,000 groups in tumbling windows), many-rules (rules with a\n"
        "predicate of their own on one stream).");
    return [options] { return bench(*options); };
}

}  // namespace hw::app

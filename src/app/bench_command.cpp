#include <CLI/CLI.hpp>
#include <memory>
#include <utility>
#include <vector>

#include "app/bench_commands.h"
#include "app/commands.h"

namespace hw::app {

std::function<Exit()> define_bench(CLI::App& app) {
    app.require_subcommand(1);
    auto* mqtt = app.add_subcommand("mqtt", "Load a broker over MQTT");
    auto* write = app.add_subcommand("write", "Load a server with line protocol over HTTP");
    auto* history = app.add_subcommand("history", "The historian alone, in this process");
    auto* gateway = app.add_subcommand("gateway", "A server that reads and writes many devices");
    auto* sql = app.add_subcommand("sql", "SQL over history beside DuckDB over Parquet");
    auto* rules = app.add_subcommand("rules", "Rules alone, in this process");
    auto* twin = app.add_subcommand("twin", "Twins with their history, in this process");
    auto* live = app.add_subcommand("live", "Many browsers that follow many points");
    std::vector<std::pair<CLI::App*, std::function<Exit()>>> defined = {
        {mqtt, define_bench_mqtt(*mqtt)},          {write, define_bench_write(*write)},
        {history, define_bench_history(*history)}, {gateway, define_bench_gateway(*gateway)},
        {rules, define_bench_rules(*rules)},       {sql, define_bench_sql(*sql)},
        {twin, define_bench_twin(*twin)},          {live, define_bench_live(*live)},
    };
    app.footer(
        "Examples:\n"
        "  headworks bench mqtt --mode ingest --qos 1 --pid $(pidof headworks)\n"
        "  headworks bench write --pid $(pidof headworks)\n"
        "  headworks bench history --length 60s\n"
        "  headworks bench gateway\n"
        "  headworks bench rules\n"
        "  headworks bench twin\n"
        "  headworks bench live");
    return [defined = std::move(defined)] {
        for (const auto& [sub, act] : defined)
            if (sub->parsed()) return act();
        return Exit::usage;
    };
}

}  // namespace hw::app

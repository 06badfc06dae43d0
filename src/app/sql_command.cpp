#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <memory>

#include "app/commands.h"
#include "app/device_commands.h"
#include "app/sql_commands.h"

namespace hw::app {

namespace {

Result<void> run(SqlOptions& options) {
    if (!options.file.empty()) {
        const std::string text = HW_TRY(read_input(options.file));
        std::string rest = text + "\n;";
        while (const auto statement = take_statement(std::string(rest), rest))
            HW_TRY(run_statement(*statement, options));
        return {};
    }
    if (!options.statement.empty()) return run_statement(options.statement, options);
    run_sql_shell(options);
    return {};
}

}  // namespace

std::function<Exit()> define_sql(CLI::App& app) {
    auto options = std::make_shared<SqlOptions>();
    app.add_option("STATEMENT", options->statement, "One statement; none: a shell");
    app.add_option("-f,--file", options->file, "Statements from a file; - for standard input");
    app.add_option("-p,--param", options->params,
                   "name=value for $name, or value for $1, $2 in turn; may repeat")
        ->allow_extra_args(false);
    app.add_option("--format,--output", options->format,
                   "table, json, ndjson, csv, arrow or parquet; a table on a terminal, else csv")
        ->check(CLI::IsMember({"table", "json", "ndjson", "csv", "arrow", "parquet"}));
    app.add_option("-o,--out", options->out, "Write to this file");
    app.add_option("--limit", options->limit, "Rows at most");
    app.add_option("--timeout", options->timeout, "Time at most, e.g. 10s");
    app.add_option("--url,--server", options->server.url, "The server; also HEADWORKS_URL")
        ->envname("HEADWORKS_URL")
        ->capture_default_str();
    app.footer(
        "Examples:\n"
        "  headworks sql \"SELECT * FROM points\"\n"
        "  headworks sql \"SELECT point, avg(value) FROM history('plant1/#', 'now-1d') GROUP BY "
        "point\"\n"
        "  headworks sql -p since=2026-03-01 \"FROM history_agg('plant1/+/flow', $since, now(), "
        "'1h')\"\n"
        "  headworks sql        a shell; .help tells more there\n"
        "  headworks sql functions water");
    auto* functions_app =
        app.add_subcommand("functions", "List the functions of rules' statements");
    return [options, functions_app, list = define_functions(*functions_app)] {
        if (functions_app->parsed()) return list();
        const auto done = run(*options);
        return done ? Exit::ok : report(done.error());
    };
}

}  // namespace hw::app

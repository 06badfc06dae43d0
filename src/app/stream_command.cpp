#include <fmt/format.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <memory>

#include "app/commands.h"
#include "app/device_commands.h"
#include "app/json_text.h"
#include "app/rule_commands.h"
#include "app/table.h"
#include "app/terminal.h"
#include "base/json_writer.h"

namespace hw::app {

namespace {

struct Options {
    ServerAddress server;
    std::string name, sql, file;
    bool json = false;
    bool replace = false;
};

Exit told(const Options& options, const Result<io::HttpClientResponse>& answer,
          std::string_view done) {
    if (!answer) return report(answer.error(), options.json);
    write_out(options.json ? (answer->body.empty() ? "{}" : answer->body) + "\n"
                           : fmt::format("{}\n", done));
    flush_out();
    return Exit::ok;
}

// A list as a table of these members, or the server's JSON.
Exit list(const Options& options, std::string_view target, std::vector<std::string> members) {
    const auto answer = ask_server(options.server, "GET", std::string(target), "application/json");
    if (!answer) return report(answer.error(), options.json);
    if (options.json) return told(options, answer, "");
    const auto json = JsonText::parse(answer->body);
    if (!json) return report(json.error());
    std::vector<Table::Column> columns;
    for (const auto& member : members) {
        columns.push_back({member, false});
        for (char& c : columns.back().name)
            c = c >= 'a' && c <= 'z' ? c - 'a' + 'A' : c;
    }
    Table table(std::move(columns), may_colour(STDOUT_FILENO));
    for (const auto& item : json->items("items")) {
        std::vector<std::string> cells;
        for (const auto& member : members)
            cells.push_back(printable_cell(item.text(member)));
        table.add(std::move(cells));
    }
    write_out(table.render());
    flush_out();
    return Exit::ok;
}

Exit create_stream(const Options& options) {
    std::string sql = options.sql;
    if (!options.file.empty()) {
        auto read = read_input(options.file);
        if (!read) return report(read.error(), options.json);
        sql = std::move(*read);
    }
    std::string body;
    JsonWriter json(body);
    json.begin_object();
    json.member("sql", sql);
    json.end_object();
    const auto target = options.replace ? "/api/v1/streams/" + io::percent_encode(options.name)
                                        : std::string("/api/v1/streams");
    const auto answer =
        send_to_server(options.server, options.replace ? "PUT" : "POST", target, {std::move(body)});
    if (!answer) return report(answer.error(), options.json);
    const auto stream = JsonText::parse(answer->body);
    return told(options, answer, fmt::format("created {}", stream ? stream->text("name") : ""));
}

Exit delete_stream(const Options& options) {
    return told(options,
                send_to_server(options.server, "DELETE",
                               "/api/v1/streams/" + io::percent_encode(options.name), {}),
                fmt::format("deleted {}", options.name));
}

std::string connector_target(const Options& options) {
    return "/api/v1/connectors/" + io::percent_encode(options.name);
}

Exit put_connector(const Options& options) {
    auto body = read_input(options.file);
    if (!body) return report(body.error(), options.json);
    return told(options, send_to_server(options.server, "PUT", connector_target(options), {*body}),
                fmt::format("kept {}", options.name));
}

Exit test_connector(const Options& options) {
    auto body = read_input(options.file);
    if (!body) return report(body.error(), options.json);
    return told(options, send_to_server(options.server, "POST", "/api/v1/connectors/test", {*body}),
                "it answers");
}

Exit delete_connector(const Options& options) {
    return told(options, send_to_server(options.server, "DELETE", connector_target(options), {}),
                fmt::format("deleted {}", options.name));
}

Exit show_connector(const Options& options) {
    const auto answer =
        ask_server(options.server, "GET", connector_target(options), "application/json");
    return told(options, answer, answer ? answer->body : "");
}

Exit list_kinds(const Options& options) {
    return list(options, "/api/v1/connectors/kinds", {"kind", "title", "help"});
}

using Defined = std::vector<std::pair<CLI::App*, std::function<Exit()>>>;

CLI::App* add_part(CLI::App& app, const std::shared_ptr<Options>& options, const char* name,
                   const char* help, Exit (*act)(const Options&), Defined& defined) {
    auto* part = app.add_subcommand(name, help);
    part->add_flag("--json", options->json, "JSON instead of text");
    add_url_option(*part, options->server);
    defined.emplace_back(part, [options, act] { return act(*options); });
    return part;
}

std::function<Exit()> run_parsed(Defined defined) {
    return [defined = std::move(defined)] {
        for (const auto& [part, act] : defined)
            if (part->parsed()) return act();
        return Exit::usage;
    };
}

}  // namespace

std::function<Exit()> define_stream(CLI::App& app) {
    auto options = std::make_shared<Options>();
    app.require_subcommand(1);
    Defined defined;
    add_part(
        app, options, "list", "List streams and tables",
        [](const Options& o) { return list(o, "/api/v1/streams", {"name", "table", "sql"}); },
        defined);
    auto* create_app =
        add_part(app, options, "create", "CREATE STREAM or CREATE TABLE", create_stream, defined);
    create_app->add_option("SQL", options->sql, "The statement");
    create_app->add_option("--file", options->file, "File of the statement; - for standard input");
    create_app->add_option("--replace", options->name, "Replace the stream of this name")
        ->each([options](const std::string&) { options->replace = true; });
    add_part(app, options, "delete", "Remove a stream that no rule uses", delete_stream, defined)
        ->add_option("NAME", options->name, "Name of the stream")
        ->required();
    app.footer(
        "Example:\n"
        "  headworks stream create 'CREATE STREAM meters (flow float, id string) WITH "
        "(DATASOURCE=\"meters/#\", FORMAT=\"json\")'");
    return run_parsed(std::move(defined));
}

std::function<Exit()> define_connector(CLI::App& app) {
    auto options = std::make_shared<Options>();
    app.require_subcommand(1);
    Defined defined;
    add_part(
        app, options, "list", "List connections",
        [](const Options& o) {
            return list(o, "/api/v1/connectors", {"name", "kind", "description"});
        },
        defined);
    add_part(app, options, "kinds", "List what can be connected; --json has every setting",
             list_kinds, defined);
    add_part(app, options, "show", "Print a connection as JSON, without secrets", show_connector,
             defined)
        ->add_option("NAME", options->name, "Name of the connection")
        ->required();
    auto* put_app = add_part(app, options, "put", "Create or replace a connection of a file",
                             put_connector, defined);
    put_app->add_option("NAME", options->name, "Name of the connection")->required();
    put_app->add_option("FILE", options->file, "JSON; - for standard input")->required();
    add_part(app, options, "test", "Connect once, and say whether the peer is fit", test_connector,
             defined)
        ->add_option("FILE", options->file, "JSON; - for standard input")
        ->required();
    add_part(app, options, "delete", "Remove a connection that no rule uses", delete_connector,
             defined)
        ->add_option("NAME", options->name, "Name of the connection")
        ->required();
    return run_parsed(std::move(defined));
}

}  // namespace hw::app

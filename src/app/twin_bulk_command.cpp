#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <memory>

#include "app/device_commands.h"
#include "app/json_text.h"
#include "app/server_client.h"
#include "app/table.h"
#include "app/terminal.h"
#include "app/twin_commands.h"

namespace hw::app {

namespace {

struct Options {
    ServerAddress server;
    std::string file, format, filter = "#", model, source;
    std::vector<std::string> parameters;
    bool json = false;
    bool dry_run = false;
    bool all_or_nothing = false;
};

std::string counts(const JsonText& json, std::string_view what) {
    const auto of = [&](std::string_view name) {
        return json.text(fmt::format("{}/{}", what, name));
    };
    return fmt::format("{}: {} created, {} changed, {} unchanged\n", what, of("created"),
                       of("changed"), of("unchanged"));
}

// What a template left out, with the reason.
std::string left_out(const JsonText& json) {
    std::string out;
    const auto untaken = json.items("template/untaken_points");
    if (!untaken.empty())
        out += fmt::format("{} points that no rule takes:\n", json.text("template/untaken"));
    for (const auto& point : untaken)
        out += fmt::format("  {}\n", printable_cell(point.text("")));
    const auto without = json.items("template/points_without_slot");
    if (!without.empty())
        out += fmt::format("{} points without a property of their model:\n",
                           json.text("template/without_slot"));
    for (const auto& one : without) {
        const std::string nearest = one.text("nearest");
        out += fmt::format("  {}: {} has no '{}'{}\n", printable_cell(one.text("point")),
                           printable_cell(one.text("model")), printable_cell(one.text("path")),
                           nearest.empty() ? "" : fmt::format("; did you mean '{}'?", nearest));
    }
    return out;
}

Exit print_report(const Options& options, const Result<io::HttpClientResponse>& answer) {
    if (!answer) return report(answer.error(), options.json);
    const auto json = JsonText::parse(answer->body);
    if (!json) return report(json.error(), options.json);
    const auto errors = json->items("errors");
    const bool partial = !errors.empty();
    if (options.json) {
        write_out(answer->body + "\n");
    } else {
        std::string out = options.dry_run ? "nothing was changed; it would be\n" : "";
        out += counts(*json, "twins") + counts(*json, "relationships");
        if (partial) out += fmt::format("{} rows were left out:\n", json->text("errors_total"));
        for (const auto& error : errors)
            out +=
                fmt::format("  {}{}: {}\n",
                            error.text("line") == "0" ? "" : "line " + error.text("line") + ", ",
                            printable_cell(error.text("what")), printable_cell(error.text("text")));
        out += left_out(*json);
        write_out(out);
    }
    flush_out();
    return partial ? Exit::partial : Exit::ok;
}

std::string_view media_type(std::string_view format, std::string_view file) {
    const auto is = [&](std::string_view name, std::string_view ending) {
        return format == name || (format.empty() && file.ends_with(ending));
    };
    if (is("csv", ".csv")) return "text/csv";
    if (is("ndjson", ".ndjson") || file.ends_with(".jsonl")) return "application/x-ndjson";
    return "application/json";
}

Exit import_twins(const Options& options) {
    auto body = read_input(options.file);
    if (!body) return report(body.error(), options.json);
    QueryText query;
    query.add("dry_run", options.dry_run ? "true" : "")
        .add("mode", options.all_or_nothing ? "all_or_nothing" : "")
        .add("format", options.format);
    return print_report(
        options,
        send_to_server(options.server, "POST", "/api/v1/twin/import" + query.text(),
                       {std::move(*body), std::string(media_type(options.format, options.file))}));
}

Exit export_twins(const Options& options) {
    QueryText query;
    query.add("filter", options.filter).add("model", options.model).add("format", options.format);
    const auto answer = ask_server(
        options.server, "GET", "/api/v1/twin/export" + query.text(), "*/*",
        [](const io::HttpClientResponse&, std::string_view piece) { return write_out(piece); });
    if (!answer) return report(answer.error(), options.json);
    flush_out();
    return Exit::ok;
}

Exit apply_template(const Options& options) {
    auto body = read_input(options.file);
    if (!body) return report(body.error(), options.json);
    QueryText query;
    query.add("dry_run", options.dry_run ? "true" : "")
        .add("mode", options.all_or_nothing ? "all_or_nothing" : "")
        .add("filter", options.filter)
        .add("source", options.source);
    for (const auto& parameter : options.parameters)
        query.add("parameter", parameter);
    return print_report(
        options, send_to_server(options.server, "POST", "/api/v1/twin/template" + query.text(),
                                {std::move(*body)}));
}

std::shared_ptr<Options> common(CLI::App& app) {
    const auto options = std::make_shared<Options>();
    app.add_flag("--json", options->json, "JSON instead of text");
    add_url_option(app, options->server);
    return options;
}

void add_import_options(CLI::App& app, Options& options) {
    app.add_option("FILE", options.file, "- for standard input")->required();
    app.add_flag("--dry-run", options.dry_run, "Only say what would happen");
    app.add_flag("--all-or-nothing", options.all_or_nothing, "Take nothing where a row is wrong");
}

}  // namespace

std::function<Exit()> define_twin_import(CLI::App& app) {
    const auto options = common(app);
    add_import_options(app, *options);
    app.add_option("--format", options->format,
                   "ndjson, csv, relationships, json, jsonl or dtdl; default: by the file");
    return [options] { return import_twins(*options); };
}

std::function<Exit()> define_twin_export(CLI::App& app) {
    const auto options = common(app);
    app.add_option("FILTER", options->filter, "MQTT filter of the ids; default '#'");
    app.add_option("--model", options->model, "Those of this model or one that extends it");
    app.add_option("--format", options->format,
                   "ndjson (default), csv, relationships, json, jsonl or dtdl");
    return [options] { return export_twins(*options); };
}

std::function<Exit()> define_twin_template(CLI::App& app) {
    const auto options = common(app);
    add_import_options(app, *options);
    app.add_option("--points", options->filter, "MQTT filter of the points; default '#'");
    app.add_option("--source", options->source,
                   "points (all that are known, default) or devices (tags of the gateway)");
    app.add_option("--parameter", options->parameters,
                   "name=value of the template; may be repeated");
    return [options] { return apply_template(*options); };
}

}  // namespace hw::app

// `headworks device import, export, template`.

#include <fmt/format.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <memory>

#include "app/device_commands.h"
#include "app/json_text.h"
#include "app/table.h"
#include "app/terminal.h"
#include "base/json_writer.h"

namespace hw::app {

namespace {

struct Options {
    ServerAddress server;
    std::string name, file, device, instance;
    std::string filter = "#";
    std::vector<std::string> parameters;
    bool csv = false;
    bool dry_run = false;
    bool all_or_nothing = false;
    bool json = false;
};

RequestBody body_of(const Options& options, std::string text) {
    const bool table = options.csv || options.file.ends_with(".csv");
    return {std::move(text), table ? "text/csv" : "application/json"};
}

std::string import_query(const Options& options) {
    QueryText query;
    query.add("dry_run", options.dry_run ? "true" : "");
    query.add("mode", options.all_or_nothing ? "all_or_nothing" : "");
    query.add("device", options.device);
    return query.text();
}

Exit import(const Options& options) {
    auto text = read_input(options.file);
    if (!text) return report(text.error(), options.json);
    const auto answer =
        send_to_server(options.server, "POST", "/api/v1/devices/import" + import_query(options),
                       body_of(options, std::move(*text)));
    if (!answer) return report(answer.error(), options.json);
    return print_import(*answer, options.json);
}

Exit export_all(const Options& options) {
    QueryText query;
    query.add("filter", options.filter);
    const auto answer = ask_server(
        options.server, "GET", "/api/v1/devices/export" + query.text(),
        options.csv ? "text/csv" : "application/json",
        [](const io::HttpClientResponse&, std::string_view piece) { return write_out(piece); });
    if (!answer) return report(answer.error(), options.json);
    flush_out();
    return Exit::ok;
}

std::string template_target(const Options& options) {
    return "/api/v1/templates/" + io::percent_encode(options.name);
}

Exit list_templates(const Options& options) {
    const auto answer = ask_server(options.server, "GET", "/api/v1/templates", "application/json");
    if (!answer) return report(answer.error(), options.json);
    std::string out = answer->body + "\n";
    if (!options.json) {
        const auto body = JsonText::parse(answer->body);
        if (!body) return report(body.error());
        Table table({{"NAME", false}, {"PARAMETERS", false}, {"DESCRIPTION", false}},
                    may_colour(STDOUT_FILENO));
        for (const auto& one : body->items("items")) {
            std::string names;
            for (const auto& parameter : one.items("parameters"))
                names.append(names.empty() ? "" : ", ").append(parameter.text("name"));
            table.add(
                {printable_cell(one.text("name")), names, printable_cell(one.text("description"))});
        }
        out = table.render();
    }
    write_out(out);
    flush_out();
    return Exit::ok;
}

Exit show_template(const Options& options) {
    const auto answer =
        ask_server(options.server, "GET", template_target(options), "application/json");
    if (!answer) return report(answer.error(), options.json);
    write_out(answer->body + "\n");
    flush_out();
    return Exit::ok;
}

Exit put_template(const Options& options) {
    auto text = read_input(options.file);
    if (!text) return report(text.error(), options.json);
    Options named = options;
    if (named.name.empty()) {
        const auto body = JsonText::parse(*text);
        if (!body) return report(body.error().within(options.file), options.json);
        named.name = body->text("name");
        if (named.name.empty())
            return report(Error(ErrorCode::invalid_argument,
                                fmt::format("{}: the template has no name; add one, or give --name",
                                            options.file)),
                          options.json);
    }
    const auto answer =
        send_to_server(options.server, "PUT", template_target(named), {std::move(*text)});
    if (!answer) return report(answer.error(), options.json);
    write_out(options.json ? answer->body + "\n" : fmt::format("put template {}\n", named.name));
    flush_out();
    return Exit::ok;
}

Exit delete_template(const Options& options) {
    const auto answer = send_to_server(options.server, "DELETE", template_target(options), {});
    if (!answer) return report(answer.error(), options.json);
    write_out(options.json ? "{}\n" : fmt::format("deleted template {}\n", options.name));
    flush_out();
    return Exit::ok;
}

Result<std::string> instance_json(const Options& options) {
    std::string body;
    JsonWriter json(body);
    json.begin_object();
    json.member("name", options.instance);
    json.key("parameters");
    json.begin_object();
    for (const auto& parameter : options.parameters) {
        const size_t equals = parameter.find('=');
        if (equals == std::string::npos)
            return fail(ErrorCode::invalid_argument,
                        fmt::format("--param '{}' is not of the form name=value", parameter));
        json.member(parameter.substr(0, equals), parameter.substr(equals + 1));
    }
    json.end_object();
    json.end_object();
    return body;
}

Exit make(const Options& options) {
    if (options.file.empty() == options.instance.empty())
        return report(Error(ErrorCode::invalid_argument,
                            "give the device's name, or --file with many of them"),
                      options.json);
    auto text = options.file.empty() ? instance_json(options) : read_input(options.file);
    if (!text) return report(text.error(), options.json);
    const auto answer = send_to_server(
        options.server, "POST", template_target(options) + "/instances" + import_query(options),
        body_of(options, std::move(*text)));
    if (!answer) return report(answer.error(), options.json);
    return print_import(*answer, options.json);
}

void add_import_options(CLI::App& app, Options& options) {
    app.add_flag("--csv", options.csv, "A table, where the file's name does not end in .csv");
    app.add_flag("--dry-run", options.dry_run, "Only say what would happen");
    app.add_flag("--all-or-nothing", options.all_or_nothing,
                 "Take nothing where anything is wrong; else bad rows are left out");
}

}  // namespace

Exit print_import(const io::HttpClientResponse& answer, bool json) {
    const auto report_text = JsonText::parse(answer.body);
    if (!report_text) return report(report_text.error(), json);
    const auto& r = *report_text;
    const auto errors = r.items("errors");
    if (json) {
        write_out(answer.body + "\n");
    } else {
        for (const auto& error : errors) {
            std::string where;
            if (const auto line = error.text("line"); !line.empty())
                where += fmt::format("line {}, ", line);
            for (const char* name : {"device", "group", "tag"})
                if (const auto text = error.text(name); !text.empty())
                    where += fmt::format("{} '{}', ", name, printable_cell(text));
            if (const auto field = error.text("field"); !field.empty()) where += field + ": ";
            fmt::print(stderr, "headworks: {}{}\n", where, printable_cell(error.text("text")));
        }
        write_out(fmt::format(
            "{}devices: {} created, {} changed, {} unchanged; tags: {} added, {} changed, {} "
            "unchanged, {} removed; {} errors\n",
            r.text("dry_run") == "true" ? "would be: " : "", r.text("devices_created"),
            r.text("devices_changed"), r.text("devices_unchanged"), r.text("tags_added"),
            r.text("tags_changed"), r.text("tags_unchanged"), r.text("tags_removed"),
            r.text("errors_total")));
    }
    flush_out();
    return errors.empty() ? Exit::ok : Exit::partial;
}

std::function<Exit()> define_device_import(CLI::App& app) {
    auto options = std::make_shared<Options>();
    app.add_option("FILE", options->file, "JSON or CSV; - for standard input")->required();
    app.add_option("--device", options->device, "The device of rows that name none");
    add_import_options(app, *options);
    app.add_flag("--json", options->json, "JSON instead of text");
    add_url_option(app, options->server);
    app.footer(
        "Examples:\n"
        "  headworks device import devices.json --dry-run\n"
        "  headworks device import tags.csv --device works/plc1\n"
        "Tag lists of Neuron are taken as they are, saved as CSV. Ends with 7 where rows were "
        "bad.");
    return [options] { return import(*options); };
}

std::function<Exit()> define_device_export(CLI::App& app) {
    auto options = std::make_shared<Options>();
    app.add_option("FILTER", options->filter, "MQTT filter of the names")->capture_default_str();
    app.add_flag("--csv", options->csv, "The tags as a table");
    add_url_option(app, options->server);
    app.footer(
        "Examples:\n"
        "  headworks device export > devices.json\n"
        "  headworks device export 'works/#' --csv > tags.csv");
    return [options] { return export_all(*options); };
}

std::function<Exit()> define_device_template(CLI::App& app) {
    auto options = std::make_shared<Options>();
    app.require_subcommand(1);
    std::vector<std::pair<CLI::App*, std::function<Exit()>>> defined;
    const auto add = [&](const char* name, const char* help, Exit (*act)(const Options&)) {
        auto* part = app.add_subcommand(name, help);
        part->add_flag("--json", options->json, "JSON instead of text");
        add_url_option(*part, options->server);
        defined.emplace_back(part, [options, act] { return act(*options); });
        return part;
    };
    const auto named = [&](CLI::App* part) {
        part->add_option("NAME", options->name, "Name of the template")->required();
        return part;
    };
    add("list", "List templates", list_templates);
    named(add("show", "Print a template", show_template));
    named(add("delete", "Remove a template; devices made of it stay", delete_template));
    auto* put = add("put", "Create or replace a template of a JSON file", put_template);
    put->add_option("FILE", options->file, "JSON; - for standard input")->required();
    put->add_option("--name", options->name, "Its name, where the file has none");
    auto* make_app = named(add("make", "Make devices of a template", make));
    make_app->add_option("DEVICE", options->instance, "Name of the device");
    make_app->add_option("--param", options->parameters, "name=value; may repeat")
        ->allow_extra_args(false);
    make_app->add_option("--file", options->file,
                         "Many devices: JSON, or CSV with a column for each parameter");
    add_import_options(*make_app, *options);
    app.footer(
        "Examples:\n"
        "  headworks device template put pump.json\n"
        "  headworks device template make pump works/pump7 --param host=10.0.0.7\n"
        "  headworks device template make pump --file pumps.csv --dry-run");
    return [defined = std::move(defined)] {
        for (const auto& [part, act] : defined)
            if (part->parsed()) return act();
        return Exit::usage;
    };
}

}  // namespace hw::app

#include <fmt/format.h>
#include <unistd.h>

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
    std::string id, extends;
    std::vector<std::string> files;
    bool json = false;
    bool resolved = false;
    bool thing = false;
    bool check = false;
};

constexpr const char* models = "/api/v1/twin/models";

Exit print(const Options& options, const Result<io::HttpClientResponse>& answer) {
    if (!answer) return report(answer.error(), options.json);
    write_out(answer->body.ends_with('\n') ? answer->body : answer->body + "\n");
    flush_out();
    return Exit::ok;
}

Exit list(const Options& options) {
    Table table({{"ID", false}, {"NAME", false}, {"SLOTS", true}, {"EXTENDS", false}},
                may_colour(STDOUT_FILENO));
    std::string cursor, whole;
    do {
        QueryText query;
        query.add("extends", options.extends).add("cursor", cursor);
        const auto page =
            ask_server(options.server, "GET", models + query.text(), "application/json");
        if (!page) return report(page.error(), options.json);
        const auto json = JsonText::parse(page->body);
        if (!json) return report(json.error(), options.json);
        cursor = json->text("next");
        for (const auto& model : json->items("items")) {
            whole += (whole.empty() ? "" : ",\n") + model.text("");
            std::string extends;
            for (const auto& base : model.items("extends"))
                extends += (extends.empty() ? "" : " ") + base.text("");
            table.add({printable_cell(model.text("id")), printable_cell(model.text("displayName")),
                       model.text("slots"), printable_cell(extends)});
        }
    } while (!cursor.empty());
    write_out(options.json ? fmt::format("{{\"items\":[{}],\"next\":null}}\n", whole)
                           : table.render());
    flush_out();
    return Exit::ok;
}

Exit show(const Options& options) {
    return print(options, ask_server(options.server, "GET",
                                     fmt::format("{}/{}{}", models, io::percent_encode(options.id),
                                                 options.resolved ? "?resolved=true" : ""),
                                     options.thing ? "application/tm+json" : "application/json"));
}

Exit changes(const Options& options, const Result<io::HttpClientResponse>& answer) {
    if (!answer) return report(answer.error(), options.json);
    if (options.json) return print(options, answer);
    const auto json = JsonText::parse(answer->body);
    if (!json) return report(json.error());
    std::string out;
    for (const auto& item : json->items("items"))
        out += fmt::format("{} {}\n", item.text("result"), printable_cell(item.text("id")));
    write_out(out);
    flush_out();
    return Exit::ok;
}

// The texts of all files, as one JSON array, so that they may refer to each other. The flaws' lines
// are those of the file where there is only one.
Result<RequestBody> documents(const Options& options) {
    RequestBody body;
    if (options.files.size() == 1) {
        body.text = HW_TRY(read_input(options.files.front()));
        const auto json = JsonText::parse(body.text);
        if (json && body.text.find("\"tm:ThingModel\"") != std::string::npos)
            body.type = "application/tm+json";
        return body;
    }
    for (const auto& file : options.files) {
        std::string text = HW_TRY(read_input(file));
        const size_t begin = text.find_first_not_of(" \t\r\n");
        const size_t end = text.find_last_not_of(" \t\r\n");
        if (begin == std::string::npos) continue;
        text = text.substr(begin, end - begin + 1);
        if (text.front() == '[' && text.back() == ']') text = text.substr(1, text.size() - 2);
        if (text.empty()) continue;
        body.text += (body.text.empty() ? "[" : ",\n") + text;
    }
    body.text += body.text.empty() ? "[]" : "]";
    return body;
}

Exit put(const Options& options) {
    auto body = documents(options);
    if (!body) return report(body.error(), options.json);
    if (options.check) {
        const auto answer = send_to_server(options.server, "POST",
                                           std::string(models) + "/validate", std::move(*body));
        if (!answer) return report(answer.error(), options.json);
        write_out(options.json ? answer->body : "sound\n");
        flush_out();
        return Exit::ok;
    }
    return changes(options, send_to_server(options.server, "PUT", models, std::move(*body)));
}

Exit remove(const Options& options) {
    const auto answer = send_to_server(
        options.server, "DELETE", fmt::format("{}/{}", models, io::percent_encode(options.id)), {});
    if (!answer) return report(answer.error(), options.json);
    write_out(options.json ? "{}\n" : fmt::format("deleted {}\n", options.id));
    flush_out();
    return Exit::ok;
}

Exit library(const Options& options) {
    return print(options,
                 ask_server(options.server, "GET", "/api/v1/twin/library", "application/json"));
}

Exit install(const Options& options) {
    return changes(options,
                   send_to_server(options.server, "POST", "/api/v1/twin/library/install", {}));
}

}  // namespace

std::function<Exit()> define_twin_model(CLI::App& app) {
    app.require_subcommand(1);
    const auto options = std::make_shared<Options>();
    std::vector<std::pair<CLI::App*, Exit (*)(const Options&)>> defined;
    const auto add = [&](const char* name, const char* help, Exit (*act)(const Options&)) {
        auto* part = app.add_subcommand(name, help);
        part->add_flag("--json", options->json, "JSON instead of text");
        add_url_option(*part, options->server);
        defined.emplace_back(part, act);
        return part;
    };
    add("list", "List models", list)
        ->add_option("--extends", options->extends, "Those that are, or extend, this DTMI");
    auto* show_app = add("show", "Print a model as DTDL", show);
    show_app->add_option("ID", options->id, "DTMI, e.g. 'dtmi:headworks:water:Pump;1'")->required();
    show_app->add_flag("--resolved", options->resolved, "With all that it inherits");
    show_app->add_flag("--thing", options->thing, "As a W3C WoT Thing Model");
    auto* put_app = add("put", "Take DTDL v3 interfaces or a WoT Thing Model", put);
    put_app->add_option("FILE", options->files, "JSON files; - for standard input")->required();
    put_app->add_flag("--check", options->check, "Only say whether they are sound");
    add("remove", "Remove a model that nothing uses", remove)
        ->add_option("ID", options->id, "DTMI")
        ->required();
    add("library", "Print the models for water that come with Headworks", library);
    add("install-library", "Take the models for water; again changes nothing", install);
    return [options, defined = std::move(defined)] {
        for (const auto& [part, act] : defined)
            if (part->parsed()) return act(*options);
        return Exit::usage;
    };
}

}  // namespace hw::app

#include "app/scenario_command.h"

#include <fmt/format.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <chrono>
#include <memory>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "app/device_commands.h"
#include "app/json_text.h"
#include "app/scenario_table.h"
#include "app/server_client.h"
#include "app/table.h"
#include "app/terminal.h"
#include "base/json_writer.h"
#include "io/http_client.h"

namespace hw::app {

namespace {

struct Options {
    ServerAddress server;
    std::string id, file, site, model, from, to, twin, path;
    std::vector<std::string> ids;
    bool json = false;
    bool csv = false;
    bool base = false;
    bool run = false;
    bool wait = false;
};

constexpr std::string_view root = "/api/v1/scenarios";

std::string target(std::string_view id, std::string_view rest = "") {
    return fmt::format("{}/{}{}", root, io::percent_encode(id), rest);
}

bool colour() {
    return may_colour(STDOUT_FILENO);
}

Exit print(const std::string& text) {
    write_out(text.ends_with('\n') ? text : text + "\n");
    flush_out();
    return Exit::ok;
}

Result<JsonText> ask(const Options& options, const std::string& where) {
    const auto answer = ask_server(options.server, "GET", where, "application/json");
    if (!answer) return fail(answer.error());
    return JsonText::parse(answer->body);
}

std::string state_line(const JsonText& scenario) {
    const auto error = scenario.text("error");
    return fmt::format("{} is {}{}{}", scenario.text("id"), scenario.text("state"),
                       error.empty() ? "" : ": ", error);
}

// Asks until the run is over, four times a second.
Result<JsonText> wait_for(const Options& options, const std::string& id) {
    while (true) {
        auto scenario = ask(options, target(id));
        if (!scenario) return scenario;
        const auto state = scenario->text("state");
        if (state != "queued" && state != "running") return scenario;
        std::this_thread::sleep_for(std::chrono::milliseconds(250));
    }
}

Exit show_result(const Options& options, const std::string& id) {
    QueryText query;
    query.add("twin", options.twin).add("path", options.path);
    if (options.base) query.add("base", "true");
    if (options.csv || options.json) {
        query.add("format", options.csv ? "csv" : "json");
        const auto answer = ask_server(options.server, "GET", target(id, "/result") + query.text(),
                                       options.csv ? "text/csv" : "application/json");
        if (!answer) return report(answer.error(), options.json);
        return print(answer->body);
    }
    const auto with = ask(options, target(id, "/result") + query.text());
    if (!with) return report(with.error());
    const auto base = ask(options, target(id, "/result?base=true"));
    if (!base) return report(base.error());
    return print(scenario_text(*with, *base, colour()));
}

Exit waited(const Options& options, const std::string& id) {
    const auto scenario = wait_for(options, id);
    if (!scenario) return report(scenario.error(), options.json);
    if (scenario->text("state") == "done") return show_result(options, id);
    return report(Error(ErrorCode::unavailable, state_line(*scenario)), options.json);
}

Exit create(const Options& options) {
    auto body = read_input(options.file);
    if (!body) return report(body.error(), options.json);
    const bool run = options.run || options.wait;
    const auto answer = send_to_server(options.server, "POST",
                                       fmt::format("{}{}", root, run ? "?run=true" : ""), {*body});
    if (!answer) return report(answer.error(), options.json);
    const auto scenario = JsonText::parse(answer->body);
    if (!scenario) return report(scenario.error(), options.json);
    if (options.wait) return waited(options, scenario->text("id"));
    return print(options.json ? answer->body : "created " + scenario->text("id"));
}

Exit run(const Options& options) {
    const auto answer = send_to_server(options.server, "POST", target(options.id, "/run"), {});
    if (!answer) return report(answer.error(), options.json);
    if (options.wait) return waited(options, options.id);
    const auto scenario = JsonText::parse(answer->body);
    return print(options.json || !scenario ? answer->body : state_line(*scenario));
}

Exit cancel(const Options& options) {
    const auto answer = send_to_server(options.server, "POST", target(options.id, "/cancel"), {});
    if (!answer) return report(answer.error(), options.json);
    return print(options.json ? answer->body : fmt::format("{} is told to stop", options.id));
}

Exit show(const Options& options) {
    const auto answer = ask_server(options.server, "GET", target(options.id), "application/json");
    return answer ? print(answer->body) : report(answer.error(), options.json);
}

Exit result(const Options& options) {
    return show_result(options, options.id);
}

Exit remove(const Options& options) {
    const auto answer = send_to_server(options.server, "DELETE", target(options.id), {});
    if (!answer) return report(answer.error(), options.json);
    return print(options.json ? "{}" : "removed " + options.id);
}

Exit list(const Options& options) {
    const auto answer = ask_server(options.server, "GET", std::string(root), "application/json");
    if (!answer) return report(answer.error(), options.json);
    if (options.json) return print(answer->body);
    const auto json = JsonText::parse(answer->body);
    if (!json) return report(json.error());
    Table table({{"ID", false},
                 {"STATE", false},
                 {"MODEL", false},
                 {"SITE", false},
                 {"START", false},
                 {"SET", true},
                 {"NAME", false}},
                colour());
    for (const auto& one : json->items("items"))
        table.add({printable_cell(one.text("id")), one.text("state"),
                   printable_cell(one.text("model")), printable_cell(one.text("site")),
                   one.text("start"), std::to_string(one.items("overrides").size()),
                   printable_cell(one.text("name"))});
    return print(table.render());
}

Exit compare(const Options& options) {
    std::string ids;
    for (const auto& id : options.ids)
        ids += (ids.empty() ? "" : ",") + id;
    QueryText query;
    query.add("ids", ids);
    if (options.base) query.add("base", "true");
    const auto answer = ask_server(
        options.server, "GET", fmt::format("{}/compare{}", root, query.text()), "application/json");
    if (!answer) return report(answer.error(), options.json);
    if (options.json) return print(answer->body);
    const auto json = JsonText::parse(answer->body);
    if (!json) return report(json.error());
    return print(comparison_text(*json, colour()));
}

Exit calibrate(const Options& options) {
    std::string body;
    JsonWriter json(body);
    json.begin_object();
    json.member("site", options.site);
    if (!options.model.empty()) json.member("model", options.model);
    if (!options.from.empty()) json.member("from", options.from);
    if (!options.to.empty()) json.member("to", options.to);
    if (!options.file.empty()) {
        const auto parameters = read_input(options.file);
        if (!parameters) return report(parameters.error(), options.json);
        json.key("parameters");
        json.raw(*parameters);
    }
    json.end_object();
    const auto answer = send_to_server(options.server, "POST", fmt::format("{}/calibrate", root),
                                       {std::move(body)});
    if (!answer) return report(answer.error(), options.json);
    if (options.json) return print(answer->body);
    const auto found = JsonText::parse(answer->body);
    if (!found) return report(found.error());
    Table table({{"WHAT", false},
                 {"SAMPLES", true},
                 {"LEFT OUT", true},
                 {"ERROR", true},
                 {"UNIT", false},
                 {"CONFIDENCE", true},
                 {"NOTE", false}},
                colour());
    for (const auto& one : found->items("calibration/reports"))
        table.add({printable_cell(one.text("what")), one.text("samples"), one.text("left_out"),
                   one.text("rmse"), printable_cell(one.text("unit")), one.text("confidence"),
                   (one.text("assumed") == "true" ? "assumed: " : "") +
                       printable_cell(one.text("note"))});
    return print(table.render() + fmt::format("confidence {}\n", found->text("confidence")));
}

Exit models(const Options& options) {
    QueryText query;
    query.add("site", options.site).add("model", options.model);
    const auto answer = ask_server(
        options.server, "GET", fmt::format("{}/models{}", root, query.text()), "application/json");
    if (!answer) return report(answer.error(), options.json);
    if (options.json) return print(answer->body);
    const auto json = JsonText::parse(answer->body);
    if (!json) return report(json.error());
    std::string out;
    for (const auto& model : json->items("items")) {
        out += fmt::format("{}: {}\n", model.text("name"), model.text("help"));
        for (const auto& parameter : model.items("parameters"))
            out += fmt::format("  {}: {}\n", parameter.text("name"), parameter.text("help"));
        Table table({{"TWIN", false}, {"PATH", false}, {"UNIT", false}, {"HELP", false}}, colour());
        for (const auto& input : model.items("inputs"))
            table.add({printable_cell(input.text("twin")), printable_cell(input.text("path")),
                       printable_cell(input.text("unit")), printable_cell(input.text("help"))});
        if (table.pending() > 0) out += table.render();
    }
    return print(out);
}

using Defined = std::vector<std::pair<CLI::App*, std::function<Exit()>>>;

class Parts {
  public:
    Parts(CLI::App& app, Defined& defined) : app_(app), defined_(defined) {}

    CLI::App* add(const char* name, const char* help, Exit (*act)(const Options&)) {
        auto* part = app_.add_subcommand(name, help);
        part->add_flag("--json", options->json, "JSON instead of text");
        add_url_option(*part, options->server);
        defined_.emplace_back(part, [options = options, act] { return act(*options); });
        return part;
    }
    CLI::App* add_of_one(const char* name, const char* help, Exit (*act)(const Options&)) {
        auto* part = add(name, help, act);
        part->add_option("ID", options->id, "Id of the scenario")->required();
        return part;
    }

    const std::shared_ptr<Options> options = std::make_shared<Options>();

  private:
    CLI::App& app_;
    Defined& defined_;
};

}  // namespace

std::function<Exit()> define_scenario(CLI::App& app) {
    app.require_subcommand(1);
    Defined defined;
    Parts parts(app, defined);
    auto& o = *parts.options;
    parts.add("list", "List scenarios and how they did", list);
    auto* create_app = parts.add("create", "Create a scenario of a file", create);
    create_app->add_option("FILE", o.file, "JSON; - for standard input")->required();
    create_app->add_flag("--run", o.run, "Run it at once");
    create_app->add_flag("--wait", o.wait, "Run it and show what it found");
    auto* run_app = parts.add_of_one("run", "Run a scenario", run);
    run_app->add_flag("--wait", o.wait, "Wait for it and show what it found");
    parts.add_of_one("cancel", "Stop a run", cancel);
    parts.add_of_one("show", "Print a scenario as JSON", show);
    auto* result_app = parts.add_of_one("result", "Show what the last run found", result);
    result_app->add_option("--twin", o.twin, "Only this twin's series (with --csv or --json)");
    result_app->add_option("--path", o.path, "Only this path's series (with --csv or --json)");
    result_app->add_flag("--base", o.base, "The run with nothing set");
    result_app->add_flag("--csv", o.csv, "CSV: time, twin, path, unit, value, base");
    auto* compare_app = parts.add("compare", "Compare scenarios, or one with its base", compare);
    compare_app->add_option("IDS", o.ids, "Ids; differences are against the first")->required();
    compare_app->add_flag("--base", o.base, "Compare with the first one's base");
    parts.add_of_one("remove", "Remove a scenario with its results", remove);
    auto* calibrate_app =
        parts.add("calibrate", "Find a model's parameters in a site's history", calibrate);
    calibrate_app->add_option("SITE", o.site, "Id of the twin at the root")->required();
    calibrate_app->add_option("--model", o.model, "Default: waterworks");
    calibrate_app->add_option("--from", o.from, "Default: seven days before --to");
    calibrate_app->add_option("--to", o.to, "Default: now");
    calibrate_app->add_option("--parameters", o.file, "File of the model's parameters (JSON)");
    auto* models_app =
        parts.add("models", "List the models, and what may be set at a site", models);
    models_app->add_option("--site", o.site, "Id of the twin at the root");
    models_app->add_option("--model", o.model, "Only this one");
    app.footer(
        "Examples:\n"
        "  headworks scenario calibrate bluewater\n"
        "  headworks scenario models --site bluewater\n"
        "  headworks scenario create pump_out.json --wait\n"
        "  headworks scenario compare pump_out high_pressure --base\n"
        "  headworks scenario result pump_out --csv --twin bluewater/zone1/network/tower");
    return [defined = std::move(defined)] {
        for (const auto& [part, act] : defined)
            if (part->parsed()) return act();
        return Exit::usage;
    };
}

}  // namespace hw::app

#include <fmt/format.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <memory>

#include "app/commands.h"
#include "app/device_commands.h"
#include "app/json_text.h"
#include "app/server_client.h"
#include "app/table.h"
#include "app/terminal.h"
#include "app/twin_commands.h"
#include "app/twin_order_commands.h"
#include "app/twin_past_commands.h"
#include "app/twin_scene_commands.h"
#include "app/twin_watch_commands.h"
#include "twin/model/twin_name.h"

namespace hw::app {

namespace {

struct Options {
    ServerAddress server;
    std::string id, file, filter, model, root, along, at, name, target, direction, properties;
    bool json = false;
    bool incoming = false;
    bool patch = false;
    bool cascade = false;
    bool all = false;
};

Exit print(const Options& options, const Result<io::HttpClientResponse>& answer) {
    if (!answer) return report(answer.error(), options.json);
    write_out(answer->body.ends_with('\n') ? answer->body : answer->body + "\n");
    flush_out();
    return Exit::ok;
}

Exit told(const Options& options, const Result<io::HttpClientResponse>& answer,
          std::string_view done) {
    if (!answer) return report(answer.error(), options.json);
    write_out(options.json ? (answer->body.empty() ? "{}" : answer->body) + "\n"
                           : fmt::format("{}\n", done));
    flush_out();
    return Exit::ok;
}

// Calls `row` for each item of all pages; what they are as JSON goes to `whole`.
Result<void> each_item(const Options& options, const std::string& target, QueryText query,
                       std::string& whole, const std::function<void(const JsonText&)>& row) {
    std::string cursor;
    do {
        QueryText page_query = query;
        page_query.add("cursor", cursor);
        const auto page = HW_TRY(
            ask_server(options.server, "GET", target + page_query.text(), "application/json"));
        const auto json = HW_TRY(JsonText::parse(page.body));
        cursor = json.text("next");
        for (const auto& item : json.items("items")) {
            whole += (whole.empty() ? "" : ",\n") + item.text("");
            row(item);
        }
    } while (!cursor.empty());
    return {};
}

Exit list(const Options& options) {
    Table table({{"ID", false}, {"MODEL", false}, {"NAME", false}, {"REVISION", true}},
                may_colour(STDOUT_FILENO));
    QueryText query;
    query.add("filter", options.filter)
        .add("model", options.model)
        .add("root", options.root)
        .add("along", options.along)
        .add("incoming", options.incoming ? "true" : "")
        .add("at", options.at)
        .add("values", options.json ? "" : "false");
    std::string whole;
    const auto done = each_item(options, "/api/v1/twins", query, whole, [&](const JsonText& twin) {
        table.add({printable_cell(twin.text("id")), printable_cell(twin.text("model")),
                   printable_cell(twin::name_in(twin.text("name"))), twin.text("revision")});
    });
    if (!done) return report(done.error(), options.json);
    write_out(options.json ? fmt::format("{{\"items\":[{}],\"next\":null}}\n", whole)
                           : table.render());
    flush_out();
    return Exit::ok;
}

// "12.5 l/s", "true", "-" for nothing. Numbers with six digits; --json has them all.
std::string value_text(const JsonText& property) {
    std::string value = property.text("value");
    if (value.empty()) return "-";
    if (value.find_first_not_of("-0123456789.eE+") == std::string::npos &&
        value.find('.') != std::string::npos)
        value = fmt::format("{:.6g}", property.number("value"));
    const std::string unit = property.text("unit");
    return printable_cell(unit.empty() || unit == "1" ? value : value + " " + unit);
}

Exit show(const Options& options) {
    QueryText query;
    query.add("at", options.at);
    const auto answer = ask_server(options.server, "GET", twin_target(options.id) + query.text(),
                                   "application/json");
    if (!answer || options.json) return print(options, answer);
    const auto twin = JsonText::parse(answer->body);
    if (!twin) return report(twin.error());
    std::string out = fmt::format("{}  {}  {}\n", printable_cell(twin->text("id")),
                                  printable_cell(twin->text("model")),
                                  printable_cell(twin::name_in(twin->text("name"))));
    Table table({{"PROPERTY", false},
                 {"VALUE", true},
                 {"QUALITY", false},
                 {"TIME", false},
                 {"FROM", false}},
                may_colour(STDOUT_FILENO));
    size_t hidden = 0;
    for (const auto& [path, property] : twin->members("properties")) {
        if (!options.all && property.text("origin") == "none" && property.text("point").empty()) {
            ++hidden;
            continue;
        }
        table.add({printable_cell(path), value_text(property),
                   property.text("quality") + (property.text("stale") == "true" ? " (stale)" : ""),
                   property.text("time"),
                   property.text("origin") == "point" ? printable_cell(property.text("point"))
                                                      : property.text("origin")});
    }
    out += table.render();
    if (hidden > 0) out += fmt::format("  {} more are not set; --all shows them\n", hidden);
    for (const auto& relationship : twin->items("relationships"))
        out += fmt::format("  {} -> {}\n", printable_cell(relationship.text("name")),
                           printable_cell(relationship.text("target")));
    if (const auto more = twin->text("relationships_more"); !more.empty())
        out += fmt::format("  ... and {} more; 'twin relationships' lists them\n", more);
    write_out(out);
    flush_out();
    return Exit::ok;
}

Exit put(const Options& options) {
    auto body = read_input(options.file);
    if (!body) return report(body.error(), options.json);
    const auto json = JsonText::parse(*body);
    if (!json) return report(json.error(), options.json);
    std::string id = options.id;
    if (id.empty()) id = json->text("id");
    if (id.empty()) id = json->text("$dtId");
    if (id.empty())
        return report(
            Error(ErrorCode::invalid_argument, "the file has no id; add it there or give --id"),
            options.json);
    return told(
        options,
        send_to_server(options.server, options.patch ? "PATCH" : "PUT", twin_target(id), {*body}),
        fmt::format("put {}", id));
}

Exit remove(const Options& options) {
    return told(options,
                send_to_server(options.server, "DELETE",
                               twin_target(options.id, options.cascade ? "?cascade=true" : ""), {}),
                fmt::format("deleted {}", options.id));
}

std::string relationship_target(const Options& options) {
    return twin_target(options.id,
                       fmt::format("/relationships/{}/{}", io::percent_encode(options.name),
                                   io::percent_encode(options.target)));
}

Exit relate(const Options& options) {
    std::string body;
    if (!options.properties.empty())
        body = fmt::format("{{\"properties\":{}}}", options.properties);
    return told(options,
                send_to_server(options.server, "PUT", relationship_target(options), {body}),
                fmt::format("{} {} {}", options.id, options.name, options.target));
}

Exit unrelate(const Options& options) {
    return told(options, send_to_server(options.server, "DELETE", relationship_target(options), {}),
                fmt::format("removed {} {} {}", options.id, options.name, options.target));
}

Exit relationships(const Options& options) {
    Table table({{"SOURCE", false}, {"NAME", false}, {"TARGET", false}, {"PROPERTIES", false}},
                may_colour(STDOUT_FILENO));
    QueryText query;
    query.add("direction", options.incoming ? "incoming" : "").add("name", options.name);
    std::string whole;
    const auto done = each_item(
        options, twin_target(options.id, "/relationships"), query, whole, [&](const JsonText& one) {
            table.add({printable_cell(one.text("source")), printable_cell(one.text("name")),
                       printable_cell(one.text("target")), printable_cell(one.text("properties"))});
        });
    if (!done) return report(done.error(), options.json);
    write_out(options.json ? fmt::format("{{\"items\":[{}],\"next\":null}}\n", whole)
                           : table.render());
    flush_out();
    return Exit::ok;
}

Exit figures(const Options& options) {
    return print(options,
                 ask_server(options.server, "GET", "/api/v1/twin/figures", "application/json"));
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
    CLI::App* add_of_twin(const char* name, const char* help, Exit (*act)(const Options&)) {
        auto* part = add(name, help, act);
        part->add_option("ID", options->id, "Id of the twin")->required();
        return part;
    }
    void add_other(const char* name, const char* help, std::function<Exit()> (*define)(CLI::App&)) {
        auto* part = app_.add_subcommand(name, help);
        defined_.emplace_back(part, define(*part));
    }

    const std::shared_ptr<Options> options = std::make_shared<Options>();

  private:
    CLI::App& app_;
    Defined& defined_;
};

void add_views(Parts& parts) {
    const auto& options = parts.options;
    auto* list_app = parts.add("list", "List twins", list);
    list_app->add_option("FILTER", options->filter, "MQTT filter of the ids; default '#'");
    list_app->add_option("--model", options->model, "Those of this model or one that extends it");
    list_app->add_option("--root", options->root, "This twin and what is reached from it");
    list_app->add_option("--along", options->along, "Relationships to follow, by commas");
    list_app->add_flag("--incoming", options->incoming, "Follow them against their direction");
    list_app->add_option("--at", options->at, "As it was at this time: RFC 3339 or now-6h");
    auto* show_app = parts.add_of_twin("show", "Show a twin with its values", show);
    show_app->add_option("--at", options->at, "As it was at this time: RFC 3339 or now-6h");
    show_app->add_flag("--all", options->all, "Properties that nobody has set, too");
    auto* relationships_app =
        parts.add_of_twin("relationships", "List the relationships of a twin", relationships);
    relationships_app->add_flag("--incoming", options->incoming, "Those that point at it");
    relationships_app->add_option("--name", options->name, "Of this name only");
    parts.add("figures", "Print counts of twins, updates and memory as JSON", figures);
}

void add_changes(Parts& parts) {
    const auto& options = parts.options;
    auto* put_app = parts.add("put", "Create or replace a twin of a JSON file", put);
    put_app->add_option("FILE", options->file, "JSON; - for standard input")->required();
    put_app->add_option("--id", options->id, "Id of the twin; default: the file's");
    put_app->add_flag("--patch", options->patch, "Change only the members that the file has");
    parts.add_of_twin("remove", "Remove a twin; its values stay in history", remove)
        ->add_flag("--cascade", options->cascade, "And its relationships");
    auto* relate_app = parts.add_of_twin("relate", "Relate a twin to another", relate);
    relate_app->add_option("NAME", options->name, "Name of the relationship")->required();
    relate_app->add_option("TARGET", options->target, "Id of the other twin")->required();
    relate_app->add_option("--properties", options->properties, "JSON object");
    auto* unrelate_app = parts.add_of_twin("unrelate", "Remove a relationship", unrelate);
    unrelate_app->add_option("NAME", options->name, "Name of the relationship")->required();
    unrelate_app->add_option("TARGET", options->target, "Id of the other twin")->required();
}

}  // namespace

std::string twin_target(std::string_view id, std::string_view rest) {
    return fmt::format("/api/v1/twins/{}{}", io::percent_encode(id), rest);
}

std::function<Exit()> define_twin(CLI::App& app) {
    app.require_subcommand(1);
    Defined defined;
    Parts parts(app, defined);
    add_views(parts);
    add_changes(parts);
    parts.add_other("model", "List, show, put and remove models (DTDL)", define_twin_model);
    parts.add_other("import", "Take twins and relationships of a file", define_twin_import);
    parts.add_other("export", "Print twins and relationships as a file", define_twin_export);
    parts.add_other("template", "Make twins of a list of points by a template",
                    define_twin_template);
    parts.add_other("set", "Want a property to have a value", define_twin_set);
    parts.add_other("desired", "Show the desired values of a twin", define_twin_desired);
    parts.add_other("command", "Send a command to a twin", define_twin_order);
    parts.add_other("orders", "List desired values and commands", define_twin_orders);
    parts.add_other("diff", "Show what changed between two times", define_twin_diff);
    parts.add_other("events", "Show what happened to a twin", define_twin_events);
    parts.add_other("when", "Show when a condition held", define_twin_when);
    parts.add_other("watch", "Follow what happens to twins", define_twin_watch);
    parts.add_other("subscription", "Keep subscriptions and test them", define_twin_subscription);
    parts.add_other("scene", "Get, put, check and export scenes", define_twin_scene);
    app.footer(
        "Examples:\n"
        "  headworks twin model install-library\n"
        "  headworks twin template examples/waterworks/twins.json\n"
        "  headworks twin list 'bluewater/plant1/#' --model 'dtmi:headworks:water:Pump;1'\n"
        "  headworks twin show bluewater/plant1/intake/pump1 --at now-1h\n"
        "  headworks twin list --root bluewater/plant1 --along hasPart");
    return [defined = std::move(defined)] {
        for (const auto& [part, act] : defined)
            if (part->parsed()) return act();
        return Exit::usage;
    };
}

}  // namespace hw::app

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

namespace hw::app {

namespace {

struct Options {
    ServerAddress server;
    std::string id, file, tag, like, from, to, version;
    bool json = false;
    bool patch = false;
};

Exit show(const Options& options, const std::string& target, bool text_body = false) {
    const auto answer =
        ask_server(options.server, "GET", target, text_body ? "text/plain" : "application/json");
    if (!answer) return report(answer.error(), options.json);
    write_out(answer->body.ends_with('\n') ? answer->body : answer->body + "\n");
    flush_out();
    return Exit::ok;
}

Exit list(const Options& options) {
    Table table({{"ID", false},
                 {"STATUS", false},
                 {"VERSION", true},
                 {"TAGS", false},
                 {"ACTIONS", false},
                 {"STATEMENT", false}},
                may_colour(STDOUT_FILENO));
    std::string cursor;
    std::string whole;
    do {
        QueryText query;
        query.add("tag", options.tag).add("like", options.like).add("cursor", cursor);
        const auto page =
            ask_server(options.server, "GET", "/api/v1/rules" + query.text(), "application/json");
        if (!page) return report(page.error(), options.json);
        const auto json = JsonText::parse(page->body);
        if (!json) return report(json.error(), options.json);
        cursor = json->text("next");
        for (const auto& rule : json->items("items")) {
            whole += (whole.empty() ? "" : ",\n") + rule.text("");
            std::string actions, tags;
            for (const auto& action : rule.items("actions"))
                actions += (actions.empty() ? "" : " ") + action.text("type");
            for (const auto& tag : rule.items("tags"))
                tags += (tags.empty() ? "" : " ") + tag.text("");
            std::string statement = rule.text("sql");
            for (char& c : statement)
                if (c == '\n' || c == '\t') c = ' ';
            table.add({printable_cell(rule.text("id")), rule.text("status"), rule.text("version"),
                       printable_cell(tags), printable_cell(actions),
                       printable_cell(statement.size() > 80 ? statement.substr(0, 77) + "..."
                                                            : statement)});
        }
    } while (!cursor.empty());
    write_out(options.json ? fmt::format("{{\"items\":[{}],\"next\":null}}\n", whole)
                           : table.render());
    flush_out();
    return Exit::ok;
}

// One line, or the server's JSON.
Exit told(const Options& options, const Result<io::HttpClientResponse>& answer,
          std::string_view done) {
    if (!answer) return report(answer.error(), options.json);
    write_out(options.json ? (answer->body.empty() ? "{}" : answer->body) + "\n"
                           : fmt::format("{}\n", done));
    flush_out();
    return Exit::ok;
}

Exit create(const Options& options) {
    auto body = read_input(options.file);
    if (!body) return report(body.error(), options.json);
    const auto answer = send_to_server(options.server, "POST", "/api/v1/rules", {*body});
    if (!answer) return report(answer.error(), options.json);
    const auto rule = JsonText::parse(answer->body);
    return told(options, answer, fmt::format("created {}", rule ? rule->text("id") : ""));
}

Exit update(const Options& options) {
    auto body = read_input(options.file);
    if (!body) return report(body.error(), options.json);
    const auto json = JsonText::parse(*body);
    if (!json) return report(json.error(), options.json);
    const std::string id = options.id.empty() ? json->text("id") : options.id;
    if (id.empty())
        return report(
            Error(ErrorCode::invalid_argument, "the file has no id; add it there or give --id"),
            options.json);
    return told(
        options,
        send_to_server(options.server, options.patch ? "PATCH" : "PUT", rule_target(id), {*body}),
        fmt::format("updated {}", id));
}

Exit remove(const Options& options) {
    return told(options, send_to_server(options.server, "DELETE", rule_target(options.id), {}),
                fmt::format("deleted {}", options.id));
}

Exit set_enabled(const Options& options, bool enabled) {
    return told(options,
                send_to_server(options.server, "POST",
                               rule_target(options.id, enabled ? "/enable" : "/disable"), {}),
                fmt::format("{} {}", enabled ? "enabled" : "disabled", options.id));
}

Exit roll_back(const Options& options) {
    return told(
        options,
        send_to_server(options.server, "POST",
                       rule_target(options.id, "/versions/" + options.version + "/rollback"), {}),
        fmt::format("{} is as version {} was", options.id, options.version));
}

Exit versions(const Options& options) {
    const auto answer =
        ask_server(options.server, "GET", rule_target(options.id, "/versions"), "application/json");
    if (!answer) return report(answer.error(), options.json);
    if (options.json) return told(options, answer, "");
    const auto json = JsonText::parse(answer->body);
    if (!json) return report(json.error());
    Table table({{"VERSION", true}, {"TIME", false}, {"WHO", false}}, may_colour(STDOUT_FILENO));
    for (const auto& version : json->items("items"))
        table.add(
            {version.text("version"), version.text("time"), printable_cell(version.text("actor"))});
    write_out(table.render());
    flush_out();
    return Exit::ok;
}

Exit diff(const Options& options) {
    QueryText query;
    query.add("from", options.from).add("to", options.to);
    return show(options, rule_target(options.id, "/diff") + query.text(), true);
}

Exit plan(const Options& options) {
    const auto answer =
        ask_server(options.server, "GET", rule_target(options.id, "/plan"), "application/json");
    if (!answer) return report(answer.error(), options.json);
    const auto json = JsonText::parse(answer->body);
    return told(options, answer, json ? json->text("text") : "");
}

Exit import_all(const Options& options) {
    auto body = read_input(options.file);
    if (!body) return report(body.error(), options.json);
    const auto answer = send_to_server(options.server, "POST", "/api/v1/rules/import", {*body});
    if (!answer) return report(answer.error(), options.json);
    const auto json = JsonText::parse(answer->body);
    if (!json) return report(json.error(), options.json);
    const auto errors = json->items("errors");
    std::string out =
        fmt::format("{} created, {} changed, {} unchanged, {} refused\n", json->text("created"),
                    json->text("changed"), json->text("unchanged"), errors.size());
    for (const auto& error : errors)
        out += fmt::format("  {}\n", printable_cell(error.text("")));
    write_out(options.json ? answer->body + "\n" : out);
    flush_out();
    return errors.empty() ? Exit::ok : Exit::partial;
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
    CLI::App* add_of_rule(const char* name, const char* help, Exit (*act)(const Options&)) {
        auto* part = add(name, help, act);
        part->add_option("ID", options->id, "Id of the rule")->required();
        return part;
    }
    CLI::App* add_of_file(const char* name, const char* help, Exit (*act)(const Options&)) {
        auto* part = add(name, help, act);
        part->add_option("FILE", options->file, "JSON; - for standard input")->required();
        return part;
    }

    const std::shared_ptr<Options> options = std::make_shared<Options>();

  private:
    CLI::App& app_;
    Defined& defined_;
};

void add_changes(Parts& parts) {
    parts.add_of_file("create", "Create a rule of a file", create);
    auto* update_app = parts.add_of_file("update", "Create or replace a rule of a file", update);
    update_app->add_option("--id", parts.options->id, "Id of the rule; default: the file's");
    update_app->add_flag("--patch", parts.options->patch,
                         "Change only the members that the file has");
    parts.add_of_rule("delete", "Remove a rule with its versions and state", remove);
    parts.add_of_rule("enable", "Let a rule run",
                      [](const Options& o) { return set_enabled(o, true); });
    parts.add_of_rule("disable", "Pause a rule; its windows are dropped",
                      [](const Options& o) { return set_enabled(o, false); });
    parts.add_of_rule("rollback", "Make a rule as an earlier version was", roll_back)
        ->add_option("VERSION", parts.options->version, "Number of the version")
        ->required();
    parts.add_of_file("import", "Take rules, streams and connections of a file", import_all);
}

void add_views(Parts& parts) {
    auto* list_app = parts.add("list", "List rules and how they do", list);
    list_app->add_option("--tag", parts.options->tag, "Those with this tag only");
    list_app->add_option("--like", parts.options->like, "Those whose id contains this");
    parts.add_of_rule("show", "Print a rule as JSON",
                      [](const Options& o) { return show(o, rule_target(o.id)); });
    parts.add_of_rule("metrics", "Print a rule's counts as JSON",
                      [](const Options& o) { return show(o, rule_target(o.id, "/metrics")); });
    parts.add_of_rule("plan", "Show how a rule runs", plan);
    parts.add_of_rule("versions", "List the versions of a rule", versions);
    auto* diff_app = parts.add_of_rule("diff", "Show what changed between two versions", diff);
    diff_app->add_option("--from", parts.options->from, "Default: the one before the newest");
    diff_app->add_option("--to", parts.options->to, "Default: the newest");
    parts.add("export", "Print all rules, streams and connections as JSON",
              [](const Options& o) { return show(o, "/api/v1/rules/export"); });
}

}  // namespace

std::string rule_target(std::string_view id, std::string_view rest) {
    return fmt::format("/api/v1/rules/{}{}", io::percent_encode(id), rest);
}

std::function<Exit()> define_rule(CLI::App& app) {
    app.require_subcommand(1);
    Defined defined;
    Parts parts(app, defined);
    add_views(parts);
    add_changes(parts);
    auto* test_app =
        app.add_subcommand("test", "Run a statement on messages, on history, or on what comes in");
    defined.emplace_back(test_app, define_rule_test(*test_app));
    auto* trace_app = app.add_subcommand("trace", "Follow events through a rule");
    defined.emplace_back(trace_app, define_rule_trace(*trace_app));
    app.footer(
        "Examples:\n"
        "  headworks rule create high_turbidity.json\n"
        "  headworks rule test 'SELECT avg(value) AS mean FROM points(\"works/#\") GROUP BY "
        "TUMBLINGWINDOW(mi, 5)' --from now-1h\n"
        "  headworks rule test 'SELECT payload.t FROM \"a/#\"' --message 'a/1 {\"t\":20.5}'\n"
        "  headworks rule diff high_turbidity\n"
        "  headworks rule trace high_turbidity --events 10");
    return [defined = std::move(defined)] {
        for (const auto& [part, act] : defined)
            if (part->parsed()) return act();
        return Exit::usage;
    };
}

}  // namespace hw::app

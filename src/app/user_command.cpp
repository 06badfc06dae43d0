#include <fmt/format.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <filesystem>
#include <memory>

#include "access/access.h"
#include "access/settings.h"
#include "app/commands.h"
#include "app/configuration.h"
#include "app/data_folder.h"
#include "app/device_commands.h"
#include "app/json_text.h"
#include "app/server_gateway.h"
#include "app/table.h"
#include "app/terminal.h"
#include "base/json_writer.h"
#include "catalog/audit.h"
#include "catalog/settings.h"

namespace hw::app {

namespace {

struct Options {
    ServerAddress server;
    std::string name, display_name, scope, expires, data = "./data";
    std::string role;
    bool json = false;
    bool keep = false;
};

const std::vector<std::string> roles = {"viewer", "operator", "engineer", "administrator"};

std::string user_target(const Options& options, std::string_view rest = "") {
    return fmt::format("/api/v1/users/{}{}", io::percent_encode(options.name), rest);
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

// A table of the items, each by its members.
Exit list(const Options& options, const std::string& target,
          const std::vector<std::pair<std::string, std::string>>& columns) {
    const auto answer = ask_server(options.server, "GET", target, "application/json");
    if (!answer) return report(answer.error(), options.json);
    if (options.json) return told(options, answer, "");
    const auto json = JsonText::parse(answer->body);
    if (!json) return report(json.error());
    std::vector<Table::Column> heads;
    for (const auto& [head, member] : columns)
        heads.push_back({head, false});
    Table table(std::move(heads), may_colour(STDOUT_FILENO));
    for (const auto& item : json->items("items")) {
        std::vector<std::string> cells;
        for (const auto& [head, member] : columns) {
            const std::string text = item.text(member);
            cells.push_back(text == "null" ? "" : printable_cell(text));
        }
        table.add(std::move(cells));
    }
    write_out(table.render());
    flush_out();
    return Exit::ok;
}

Exit list_users(const Options& options) {
    return list(options, "/api/v1/users",
                {{"NAME", "name"},
                 {"DISPLAY NAME", "display_name"},
                 {"ROLE", "role"},
                 {"SCOPE", "scope"},
                 {"ENABLED", "enabled"},
                 {"LAST SIGN-IN", "last_sign_in"}});
}

Exit add_user(const Options& options) {
    const auto password = read_new_secret(fmt::format("Password of {}", options.name));
    if (!password) return report(password.error(), options.json);
    std::string body;
    JsonWriter json(body);
    json.begin_object();
    json.member("name", options.name);
    json.member("password", *password);
    json.member("must_change_password", !options.keep);
    if (!options.display_name.empty()) json.member("display_name", options.display_name);
    if (!options.role.empty()) json.member("role", options.role);
    if (!options.scope.empty()) json.member("scope", options.scope);
    json.end_object();
    return told(options, send_to_server(options.server, "POST", "/api/v1/users", {body}),
                fmt::format("created {}", options.name));
}

Exit set_password(const Options& options) {
    const auto password = read_new_secret(fmt::format("New password of {}", options.name));
    if (!password) return report(password.error(), options.json);
    std::string body;
    JsonWriter json(body);
    json.begin_object();
    json.member("password", *password);
    json.member("must_change", !options.keep);
    json.end_object();
    return told(options,
                send_to_server(options.server, "POST", user_target(options, "/password"), {body}),
                fmt::format("the password of {} is set{}", options.name,
                            options.keep ? "" : "; it must be changed after the next sign-in"));
}

Exit patch_user(const Options& options, std::string_view member, std::string_view value,
                std::string_view done) {
    return told(options,
                send_to_server(options.server, "PATCH", user_target(options),
                               {fmt::format("{{\"{}\":{}}}", member, value)}),
                fmt::format("{} {}", options.name, done));
}

Exit set_role(const Options& options) {
    return patch_user(options, "role", fmt::format("\"{}\"", options.role),
                      fmt::format("is {} now", options.role));
}

Exit remove_user(const Options& options) {
    return told(options, send_to_server(options.server, "DELETE", user_target(options), {}),
                fmt::format("deleted {}", options.name));
}

// For whoever has locked themselves out, and has the machine.
Result<void> reset_offline(const Options& options) {
    if (!std::filesystem::exists(options.data))
        return fail(ErrorCode::not_found,
                    fmt::format("there is no data folder '{}'", options.data));
    const auto config = HW_TRY(load_config({}));
    const auto folder = HW_TRY(DataFolder::take(options.data));
    const auto database = HW_TRY(
        catalog::Database::open(fmt::format("{}/{}", folder.path(), GatewayRooms::file_name)));
    const SystemClock clock;
    Metrics metrics;
    const auto audit =
        HW_TRY(catalog::AuditLog::open(*database, catalog::settings_from(config), clock, metrics));
    auto settings = HW_TRY(access::settings_from(config));
    const auto access =
        HW_TRY(access::Access::open(std::move(settings), {*database, *audit, clock, metrics}));
    const auto user = HW_TRY(access->user(options.name));
    const auto password = HW_TRY(read_new_secret(fmt::format("New password of {}", user.name)));
    const access::Asker asker{environment("USER").value_or(""), "command line", "", ""};
    HW_TRY(access->set_password(user.name, password, false, asker));
    access::UserChange change;
    change.enabled = true;
    HW_TRY(access->change_user(user.name, change, asker));
    if (!audit->flush()) return fail(ErrorCode::io_failed, "the audit could not be written");
    return {};
}

Exit reset_password(const Options& options) {
    if (auto done = reset_offline(options); !done) return report(done.error(), options.json);
    write_out(fmt::format("the password of {} is set; start the server again\n", options.name));
    flush_out();
    return Exit::ok;
}

// ---- keys

Exit list_keys(const Options& options) {
    return list(options, "/api/v1/keys",
                {{"ID", "id"},
                 {"NAME", "name"},
                 {"ROLE", "role"},
                 {"SCOPE", "scope"},
                 {"ENABLED", "enabled"},
                 {"EXPIRES", "expires"},
                 {"LAST USED", "last_used"}});
}

Exit create_key(const Options& options) {
    std::string body;
    JsonWriter json(body);
    json.begin_object();
    json.member("name", options.name);
    if (!options.role.empty()) json.member("role", options.role);
    if (!options.scope.empty()) json.member("scope", options.scope);
    if (!options.expires.empty()) json.member("expires", options.expires);
    json.end_object();
    const auto answer = send_to_server(options.server, "POST", "/api/v1/keys", {body});
    if (!answer) return report(answer.error(), options.json);
    const auto made = JsonText::parse(answer->body);
    if (!made) return report(made.error(), options.json);
    // The key alone goes to standard output, so that a script can put it into a file.
    if (!options.json)
        fmt::print(stderr, "key {} '{}'; it is shown this once:\n", made->text("id"), options.name);
    return told(options, answer, made->text("key"));
}

Exit remove_key(const Options& options) {
    return told(options,
                send_to_server(options.server, "DELETE",
                               "/api/v1/keys/" + io::percent_encode(options.name), {}),
                fmt::format("deleted {}", options.name));
}

using Defined = std::vector<std::pair<CLI::App*, std::function<Exit()>>>;

class Parts {
  public:
    Parts(CLI::App& app, Defined& defined) : app_(app), defined_(defined) {}

    CLI::App* add(const char* name, const char* help, std::function<Exit(const Options&)> act,
                  const char* argument = nullptr, const char* argument_help = "") {
        auto* part = app_.add_subcommand(name, help);
        part->add_flag("--json", options->json, "JSON instead of text");
        if (argument) part->add_option(argument, options->name, argument_help)->required();
        defined_.emplace_back(part,
                              [options = options, act = std::move(act)] { return act(*options); });
        return part;
    }
    CLI::App* add_of_server(const char* name, const char* help,
                            std::function<Exit(const Options&)> act, const char* argument = nullptr,
                            const char* argument_help = "") {
        auto* part = add(name, help, std::move(act), argument, argument_help);
        add_url_option(*part, options->server);
        return part;
    }
    void add_rights(CLI::App* part) {
        part->add_option("--role", options->role,
                         "viewer, operator, engineer or administrator; default viewer")
            ->check(CLI::IsMember(roles));
        part->add_option("--scope", options->scope,
                         "MQTT filter of the paths it may see and touch; default all");
    }

    const std::shared_ptr<Options> options = std::make_shared<Options>();

  private:
    CLI::App& app_;
    Defined& defined_;
};

std::function<Exit()> run_parsed(Defined defined) {
    return [defined = std::move(defined)] {
        for (const auto& [part, act] : defined)
            if (part->parsed()) return act();
        return Exit::usage;
    };
}

constexpr const char* user_help = "What the user signs in with";

}  // namespace

std::function<Exit()> define_user(CLI::App& app) {
    app.require_subcommand(1);
    Defined defined;
    Parts parts(app, defined);
    parts.add_of_server("list", "List users", list_users);
    auto* add = parts.add_of_server("add", "Create a user; the password is asked for", add_user,
                                    "NAME", user_help);
    parts.add_rights(add);
    add->add_option("--display-name", parts.options->display_name, "How people call the user");
    auto* password =
        parts.add_of_server("passwd", "Set a user's password", set_password, "NAME", user_help);
    for (auto* part : {add, password})
        part->add_flag("--keep", parts.options->keep,
                       "The password need not be changed after the next sign-in");
    parts.add_of_server(
        "disable", "Let a user sign in no more; ends the sessions",
        [](const Options& o) { return patch_user(o, "enabled", "false", "is disabled"); }, "NAME",
        user_help);
    parts.add_of_server(
        "enable", "Let a user sign in again",
        [](const Options& o) { return patch_user(o, "enabled", "true", "is enabled"); }, "NAME",
        user_help);
    parts.add_of_server("role", "Give a user another role", set_role, "NAME", user_help)
        ->add_option("ROLE", parts.options->role, "viewer, operator, engineer or administrator")
        ->required()
        ->check(CLI::IsMember(roles));
    parts.add_of_server("delete", "Remove a user", remove_user, "NAME", user_help);
    parts
        .add("reset-password", "Set a user's password while the server is stopped", reset_password,
             "NAME", user_help)
        ->add_option("--data", parts.options->data, "The server's data folder")
        ->capture_default_str();
    app.footer(
        "Examples:\n"
        "  headworks user add bert --role operator --scope 'works/north/#'\n"
        "  headworks user passwd bert\n"
        "  headworks user reset-password anna --data ./data   (locked out; the server stopped)\n"
        "Passwords are typed, or piped in; they never stand in flags.");
    return run_parsed(std::move(defined));
}

std::function<Exit()> define_key(CLI::App& app) {
    app.require_subcommand(1);
    Defined defined;
    Parts parts(app, defined);
    parts.add_of_server("list", "List API keys, without their secrets", list_keys);
    auto* create = parts.add_of_server("create", "Create an API key, and print it once", create_key,
                                       "NAME", "What the key is for");
    parts.add_rights(create);
    create->add_option("--expires", parts.options->expires, "RFC 3339; default never");
    parts.add_of_server("delete", "Remove an API key", remove_key, "ID", "Id of the key");
    app.footer(
        "Examples:\n"
        "  headworks key create scada --role operator > scada.key\n"
        "  headworks points --key-file scada.key\n"
        "  mosquitto_pub -u scada -P \"$(cat scada.key)\" -t works/plc1/flow -m 12.5");
    return run_parsed(std::move(defined));
}

}  // namespace hw::app

#include <fmt/format.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <memory>

#include "app/json_text.h"
#include "app/server_client.h"
#include "app/table.h"
#include "app/terminal.h"
#include "app/twin_order_commands.h"
#include "base/decimal.h"
#include "base/json_writer.h"
#include "io/http_client.h"

namespace hw::app {

namespace {

struct Options {
    ServerAddress server;
    std::string id, path, value, reason, timeout, wait, state, from, to, filter, kind, key;
    const CLI::Option* wait_option = nullptr;
    bool text = false;
    bool keep = false;
    bool cancel = false;
    bool json = false;
};

std::string target(std::string_view id, std::string_view rest) {
    return fmt::format("/api/v1/twins/{}/{}", io::percent_encode(id), rest);
}

// JSON where it is some; anything else is a text.
std::string value_json(const Options& options) {
    std::string out;
    const auto number = scan_decimal(options.value);
    const bool word = options.value == "true" || options.value == "false";
    const char first = options.value.empty() ? ' ' : options.value.front();
    const bool nested = (first == '{' || first == '[' || first == '"') &&
                        JsonText::parse(options.value).has_value();
    const bool plain_number = number.length == options.value.size() && number.length > 0 &&
                              number.kind != Decimal::Kind::out_of_range;
    if (!options.text && (word || nested)) {
        out = options.value;
    } else if (!options.text && plain_number && number.kind == Decimal::Kind::integer) {
        out = std::to_string(number.integer);
    } else if (!options.text && plain_number && number.kind == Decimal::Kind::real) {
        append_json_double(out, number.real);
    } else {
        append_json_string(out, options.value);
    }
    return out;
}

// 0 where it went well or goes on, 1 where it did not.
Exit exit_of(std::string_view state) {
    if (state == "timed_out") return Exit::unreachable;
    return state == "refused" || state == "failed" ? Exit::failed : Exit::ok;
}

// "works/pump1 drive/speed = 900: applied", or the server's JSON.
Exit told(const Options& options, const Result<io::HttpClientResponse>& answer,
          std::string_view name) {
    if (!answer) return report(answer.error(), options.json);
    const auto order = JsonText::parse(answer->body);
    if (!order) return report(order.error(), options.json);
    const std::string state = order->text("state");
    if (options.json) {
        write_out(answer->body + "\n");
    } else {
        std::string out = fmt::format("{} {}", printable_cell(order->text("twin")),
                                      printable_cell(order->text(name)));
        if (const auto value = order->text("value"); !value.empty())
            out += " = " + printable_cell(value);
        out += ": " + state;
        if (const auto response = order->text("response"); !response.empty())
            out += ", " + printable_cell(response);
        if (const auto detail = order->text("detail"); !detail.empty())
            out += " (" + printable_cell(detail) + ")";
        write_out(fmt::format("{}\n{}", out,
                              name == "command" ? fmt::format("id {}\n", order->text("id")) : ""));
    }
    flush_out();
    return exit_of(state);
}

// "--wait" alone waits as long as it can.
std::string wait_of(const Options& options) {
    const bool alone = options.wait_option != nullptr && options.wait_option->count() > 0 &&
                       !parse_duration(options.wait);
    return alone && (options.wait.empty() || options.wait == "true") ? "10m" : options.wait;
}

std::string cancel_query(const Options& options) {
    QueryText query;
    return query.add("reason", options.reason).text();
}

Exit set(const Options& options) {
    std::string body;
    JsonWriter json(body);
    json.begin_object();
    json.key("value");
    json.raw(value_json(options));
    if (!options.timeout.empty()) json.member("timeout", std::string_view(options.timeout));
    if (!options.reason.empty()) json.member("reason", std::string_view(options.reason));
    if (options.keep) json.member("keep", true);
    json.end_object();
    QueryText query;
    query.add("wait", wait_of(options));
    return told(options,
                send_to_server(options.server, "PUT",
                               target(options.id, "desired/" + io::percent_encode(options.path)) +
                                   query.text(),
                               {std::move(body)}),
                "path");
}

Exit desired(const Options& options) {
    if (options.cancel)
        return told(
            options,
            send_to_server(options.server, "DELETE",
                           target(options.id, "desired/" + io::percent_encode(options.path)) +
                               cancel_query(options),
                           {}),
            "path");
    const auto answer =
        ask_server(options.server, "GET", target(options.id, "desired"), "application/json");
    if (!answer) return report(answer.error(), options.json);
    if (options.json) {
        write_out(answer->body + "\n");
        flush_out();
        return Exit::ok;
    }
    const auto all = JsonText::parse(answer->body);
    if (!all) return report(all.error());
    Table table({{"PROPERTY", false},
                 {"VALUE", true},
                 {"STATE", false},
                 {"REPORTED", true},
                 {"ASKED", false},
                 {"WHO", false},
                 {"DETAIL", false}},
                may_colour(STDOUT_FILENO));
    for (const auto& one : all->items("items"))
        table.add({printable_cell(one.text("path")), printable_cell(one.text("value")),
                   one.text("state"), printable_cell(one.text("reported")), one.text("asked_at"),
                   printable_cell(one.text("actor")), printable_cell(one.text("detail"))});
    write_out(table.render());
    flush_out();
    return Exit::ok;
}

Exit order(const Options& options) {
    if (options.cancel)
        return told(
            options,
            send_to_server(options.server, "DELETE",
                           fmt::format("/api/v1/twin/commands/{}{}",
                                       io::percent_encode(options.key), cancel_query(options)),
                           {}),
            "command");
    QueryText query;
    query.add("wait", wait_of(options))
        .add("timeout", options.timeout)
        .add("reason", options.reason);
    return told(options,
                send_to_server(options.server, "POST",
                               target(options.id, "commands/" + io::percent_encode(options.path)) +
                                   query.text(),
                               {options.value.empty() ? std::string() : value_json(options)}),
                "command");
}

Exit orders(const Options& options) {
    Table table({{"ASKED", false},
                 {"KIND", false},
                 {"TWIN", false},
                 {"WHAT", false},
                 {"VALUE", true},
                 {"STATE", false},
                 {"WHO", false},
                 {"DETAIL", false}},
                may_colour(STDOUT_FILENO));
    QueryText query;
    query.add("twin", options.filter)
        .add("state", options.state)
        .add("kind", options.kind)
        .add("from", options.from)
        .add("to", options.to);
    // The newest page; the rest is asked for by time.
    const auto answer =
        ask_server(options.server, "GET", "/api/v1/twin/orders" + query.text(), "application/json");
    if (!answer) return report(answer.error(), options.json);
    if (options.json) {
        write_out(answer->body);
        flush_out();
        return Exit::ok;
    }
    const auto page = JsonText::parse(answer->body);
    if (!page) return report(page.error());
    for (const auto& one : page->items("items")) {
        const bool command = one.text("kind") == "command";
        table.add({one.text("asked_at"), one.text("kind"), printable_cell(one.text("twin")),
                   printable_cell(one.text(command ? "command" : "path")),
                   printable_cell(one.text(command ? "request" : "value")), one.text("state"),
                   printable_cell(one.text("actor")), printable_cell(one.text("detail"))});
    }
    write_out(table.render());
    flush_out();
    return Exit::ok;
}

std::shared_ptr<Options> common(CLI::App& app) {
    auto options = std::make_shared<Options>();
    app.add_flag("--json", options->json, "JSON instead of text");
    add_url_option(app, options->server);
    return options;
}

void add_wait(CLI::App& app, Options& options) {
    options.wait_option =
        app.add_option("--wait", options.wait, "Wait for the end, at most so long (alone: 10m)")
            ->expected(0, 1);
}

}  // namespace

std::function<Exit()> define_twin_set(CLI::App& app) {
    auto options = common(app);
    app.add_option("ID", options->id, "Id of the twin")->required();
    app.add_option("PATH", options->path, "Path of the property")->required();
    app.add_option("VALUE", options->value, "A number, true, false, JSON or a text")->required();
    app.add_flag("--text", options->text, "The value is a text, whatever it looks like");
    app.add_flag("--keep", options->keep,
                 "Write it again where the reported value departs from it");
    app.add_option("--timeout", options->timeout, "Give up when it is not applied in that time");
    app.add_option("--reason", options->reason, "Why, for the audit");
    add_wait(app, *options);
    app.footer(
        "Examples:\n"
        "  headworks twin set works/pump1 drive/speed 900 --wait 10s --reason 'night mode'\n"
        "  headworks twin set works/valve3 position 40 --timeout 1h\n"
        "Ends with 0 where it is applied or goes on, 1 where the device said no, 6 where its time\n"
        "was over.");
    return [options] { return set(*options); };
}

std::function<Exit()> define_twin_desired(CLI::App& app) {
    auto options = common(app);
    app.add_option("ID", options->id, "Id of the twin")->required();
    app.add_option("--cancel", options->path, "Cancel the desired value of this property");
    app.add_option("--reason", options->reason, "Why it is cancelled, for the audit");
    return [options] {
        options->cancel = !options->path.empty();
        return desired(*options);
    };
}

std::function<Exit()> define_twin_order(CLI::App& app) {
    auto options = common(app);
    app.add_option("ID", options->id, "Id of the twin")->required();
    app.add_option("NAME", options->path, "Name of the command; drive/stop for a component's")
        ->required();
    app.add_option("REQUEST", options->value, "The request: a number, JSON or a text");
    app.add_flag("--text", options->text, "The request is a text, whatever it looks like");
    app.add_option("--timeout", options->timeout, "How long it may take; at most 24h");
    app.add_option("--reason", options->reason, "Why, for the audit");
    add_wait(app, *options);
    app.footer(
        "Examples:\n"
        "  headworks twin command works/pump1 start 900 --wait\n"
        "  headworks twin command works/filter3 backwash '{\"minutes\":12}' --timeout 30m");
    return [options] { return order(*options); };
}

std::function<Exit()> define_twin_orders(CLI::App& app) {
    auto options = common(app);
    app.add_option("--twin", options->filter, "Of this twin, or of those that a filter matches");
    app.add_option("--state", options->state, "Those in this state only");
    app.add_option("--kind", options->kind, "desired or command");
    app.add_option("--from", options->from, "Those asked from then on, e.g. now-1d");
    app.add_option("--to", options->to, "Those asked before");
    app.add_option("--cancel", options->key, "Cancel the command of this id");
    app.add_option("--reason", options->reason, "Why it is cancelled, for the audit");
    return [options] {
        options->cancel = !options->key.empty();
        return options->cancel ? order(*options) : orders(*options);
    };
}

}  // namespace hw::app

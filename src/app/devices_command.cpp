#include <fmt/format.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <memory>

#include "app/commands.h"
#include "app/json_text.h"
#include "app/server_client.h"
#include "app/table.h"
#include "app/terminal.h"
#include "base/clock.h"

namespace hw::app {

namespace {

constexpr uint64_t page_rows = 1000;

struct DevicesOptions {
    ServerAddress server;
    std::string filter = "#";
    std::string driver;
    bool json = false;
};

struct DriversOptions {
    ServerAddress server;
    std::string name;
    bool json = false;
};

struct AuditOptions {
    ServerAddress server;
    OutputOptions output;
    std::string filter = "#", from, to, actor, action;
    uint64_t limit = 100;
};

std::string round_trip(const JsonText& device) {
    const double ms = device.number("state/round_trip_ms");
    return ms == 0 ? "" : fmt::format("{:.1f} ms", ms);
}

// Why it does not run comes before what went wrong last.
std::string last_error(const JsonText& device) {
    const std::string problem = device.text("problem");
    if (!problem.empty()) return problem;
    // Of a device that does well now it would only alarm; `device state` and --json have it.
    const bool well =
        device.text("state/link") == "connected" && device.text("state/tags_bad") == "0";
    return well ? "" : device.text("state/last_error");
}

std::string link_of(const JsonText& device) {
    if (!device.text("problem").empty()) return "not running";
    const std::string link = device.text("state/link");
    return link.empty() ? "not run" : link;
}

Result<std::string> device_rows(std::string_view body, Table& table) {
    const auto page = HW_TRY(JsonText::parse(body));
    for (const auto& device : page.items("items"))
        table.add({printable_cell(device.text("name")), printable_cell(device.text("driver")),
                   link_of(device), round_trip(device), device.text("tags"),
                   device.text("state/tags_bad"), printable_cell(last_error(device))});
    return table.render();
}

Exit devices(const DevicesOptions& options) {
    Table table({{"NAME", false},
                 {"DRIVER", false},
                 {"LINK", false},
                 {"RTT", true},
                 {"TAGS", true},
                 {"BAD", true},
                 {"LAST ERROR", false}},
                may_colour(STDOUT_FILENO));
    JsonItems items;
    std::string cursor;
    do {
        QueryText query;
        query.add("filter", options.filter).add("driver", options.driver).add("cursor", cursor);
        query.add("limit", std::to_string(page_rows));
        const auto page = ask_server(options.server, "GET", "/api/v1/devices" + query.text(),
                                     options.json ? "application/x-ndjson" : "application/json");
        if (!page) return report(page.error(), options.json);
        cursor = page->header("x-next-cursor").value_or("");
        if (options.json) {
            if (!write_out(items.feed(page->body))) return Exit::ok;
            continue;
        }
        const auto rows = device_rows(page->body, table);
        if (!rows) return report(rows.error());
        if (!write_out(*rows)) return Exit::ok;
    } while (!cursor.empty());
    if (options.json) write_out(items.finish());
    flush_out();
    return Exit::ok;
}

std::string bounds_of(const JsonText& setting) {
    if (const auto choices = setting.items("choices"); !choices.empty()) {
        std::string out;
        for (const auto& one : choices)
            out.append(out.empty() ? "" : " ").append(one.text(""));
        return out;
    }
    if (setting.text("max").empty()) return "";
    return fmt::format("{} to {}", setting.text("min"), setting.text("max"));
}

std::string driver_page(const JsonText& driver, bool colour) {
    std::string out = fmt::format("{}: {}\n{}\n\n", driver.text("name"), driver.text("title"),
                                  driver.text("help"));
    Table settings({{"SETTING", false},
                    {"TYPE", false},
                    {"DEFAULT", false},
                    {"RANGE", false},
                    {"WHAT", false}},
                   colour);
    for (const auto& one : driver.items("settings"))
        settings.add({one.text("name"), one.text("type"), one.text("default"), bounds_of(one),
                      one.text("help")});
    out += settings.render() + "\n";
    Table addresses({{"ADDRESS", false}, {"EXAMPLE", false}, {"WHAT", false}}, colour);
    for (const auto& one : driver.items("addresses"))
        addresses.add({one.text("form"), one.text("example"), one.text("help")});
    out += addresses.render() + "\nTypes:";
    for (const auto& type : driver.items("types"))
        out.append(" ").append(type.text(""));
    return out + "\n";
}

Exit drivers(const DriversOptions& options) {
    const std::string target = options.name.empty()
                                   ? "/api/v1/drivers"
                                   : "/api/v1/drivers/" + io::percent_encode(options.name);
    const auto answer = ask_server(options.server, "GET", target, "application/json");
    if (!answer) return report(answer.error(), options.json);
    const bool colour = may_colour(STDOUT_FILENO);
    std::string out = answer->body + "\n";
    if (!options.json) {
        const auto body = JsonText::parse(answer->body);
        if (!body) return report(body.error());
        if (options.name.empty()) {
            Table table({{"NAME", false}, {"TITLE", false}, {"LINK", false}, {"WHAT", false}},
                        colour);
            for (const auto& one : body->items("items"))
                table.add(
                    {one.text("name"), one.text("title"), one.text("link"), one.text("help")});
            out = table.render();
        } else {
            out = driver_page(*body, colour);
        }
    }
    write_out(out);
    flush_out();
    return Exit::ok;
}

std::string audit_table(const JsonText& page, bool colour) {
    Table table({{"TIME", false},
                 {"ACTOR", false},
                 {"ACTION", false},
                 {"TARGET", false},
                 {"OLD", true},
                 {"NEW", true},
                 {"RESULT", false},
                 {"DETAIL", false}},
                colour);
    constexpr size_t most_cell = 60;
    const auto cell = [](const JsonText& record, std::string_view name) {
        std::string text = printable_cell(record.text(name));
        if (text.size() > most_cell) text = text.substr(0, most_cell) + "...";
        return text;
    };
    for (const auto& record : page.items("items"))
        table.add({record.text("time"), cell(record, "actor"), cell(record, "action"),
                   cell(record, "target"), cell(record, "old"), cell(record, "new"),
                   cell(record, "result"), printable_cell(record.text("detail"))});
    return table.render();
}

Exit audit(const AuditOptions& options) {
    QueryText query;
    query.add("filter", options.filter).add("from", options.from).add("to", options.to);
    query.add("actor", options.actor).add("action", options.action);
    query.add("limit", std::to_string(options.limit));
    const auto format = options.output.format();
    const std::string_view accept = format == OutputFormat::csv      ? "text/csv"
                                    : format == OutputFormat::ndjson ? "application/x-ndjson"
                                                                     : "application/json";
    const auto answer = ask_server(options.server, "GET", "/api/v1/audit" + query.text(), accept);
    if (!answer) return report(answer.error(), options.output.json);
    std::string out = answer->body;
    if (format == OutputFormat::table) {
        const auto page = JsonText::parse(answer->body);
        if (!page) return report(page.error());
        out = audit_table(*page, may_colour(STDOUT_FILENO));
    }
    write_out(out);
    flush_out();
    return Exit::ok;
}

}  // namespace

std::function<Exit()> define_devices(CLI::App& app) {
    auto options = std::make_shared<DevicesOptions>();
    app.add_option("FILTER", options->filter, "MQTT filter of the names")->capture_default_str();
    app.add_option("--driver", options->driver, "Those of this driver only");
    app.add_flag("--json", options->json, "JSON instead of a table");
    add_url_option(app, options->server);
    app.footer(
        "Examples:\n"
        "  headworks devices\n"
        "  headworks devices 'works/#' --driver modbus-tcp\n"
        "  headworks devices --json | jq '.items[] | select(.state.link != \"connected\")'");
    return [options] { return devices(*options); };
}

std::function<Exit()> define_drivers(CLI::App& app) {
    auto options = std::make_shared<DriversOptions>();
    app.add_option("NAME", options->name, "Show this driver's settings, addresses and types");
    app.add_flag("--json", options->json, "JSON instead of text");
    add_url_option(app, options->server);
    app.footer(
        "Examples:\n"
        "  headworks drivers\n"
        "  headworks drivers modbus-tcp");
    return [options] { return drivers(*options); };
}

std::function<Exit()> define_audit(CLI::App& app) {
    auto options = std::make_shared<AuditOptions>();
    app.add_option("FILTER", options->filter, "MQTT filter of the targets")->capture_default_str();
    app.add_option("--from", options->from, "RFC 3339, epoch number or now-6h");
    app.add_option("--to", options->to, "End, not included");
    app.add_option("--actor", options->actor, "Of this user or client only");
    app.add_option("--action", options->action,
                   "This action only, e.g. point.write; 'device.' names all that begin so");
    app.add_option("--limit", options->limit, "At most so many, the newest")->capture_default_str();
    add_output_options(app, options->output);
    add_url_option(app, options->server);
    app.footer(
        "Examples:\n"
        "  headworks audit --from now-1d\n"
        "  headworks audit 'works/plc1/#' --action point.write --output csv > writes.csv");
    return [options] { return audit(*options); };
}

}  // namespace hw::app

#include <fmt/format.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <fstream>
#include <iostream>
#include <iterator>
#include <memory>

#include "app/commands.h"
#include "app/device_commands.h"
#include "app/json_text.h"
#include "app/table.h"
#include "app/terminal.h"
#include "base/json_writer.h"
#include "gateway/device_files.h"
#include "gateway/device_json.h"
#include "ingest/csv.h"

namespace hw::app {

namespace {

struct Options {
    ServerAddress server;
    std::string name, file, to, address, type, group, quality;
    std::vector<std::string> sets;
    OutputOptions output;
    bool json = false;
    bool patch = false;
};

// Of a .toml file or of JSON; as JSON.
Result<gateway::DeviceSpec> read_spec(const Options& options, std::string& json) {
    json = HW_TRY(read_input(options.file));
    if (!options.file.ends_with(".toml")) return gateway::read_device(json);
    auto device = HW_TRY(gateway::parse_device_toml(json, options.file));
    json = gateway::device_text(device);
    return device;
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
    std::string json;
    const auto device = read_spec(options, json);
    if (!device) return report(device.error(), options.json);
    return told(options, send_to_server(options.server, "POST", "/api/v1/devices", {json}),
                fmt::format("created {}", device->name));
}

Exit update(const Options& options) {
    std::string json;
    const auto device = read_spec(options, json);
    if (!device) return report(device.error(), options.json);
    return told(options,
                send_to_server(options.server, options.patch ? "PATCH" : "PUT",
                               device_target(device->name), {json}),
                fmt::format("updated {}", device->name));
}

Exit remove(const Options& options) {
    return told(options, send_to_server(options.server, "DELETE", device_target(options.name), {}),
                fmt::format("deleted {}", options.name));
}

Exit set_enabled(const Options& options, bool enabled) {
    return told(options,
                send_to_server(options.server, "POST",
                               device_target(options.name, enabled ? "/enable" : "/disable"), {}),
                fmt::format("{} {}", enabled ? "enabled" : "disabled", options.name));
}

Exit copy(const Options& options) {
    std::string body;
    JsonWriter json(body);
    json.begin_object();
    json.member("name", options.to);
    json.key("settings");
    json.begin_object();
    for (const auto& set : options.sets) {
        const size_t equals = set.find('=');
        if (equals == std::string::npos)
            return report(Error(ErrorCode::invalid_argument,
                                fmt::format("--set '{}' is not of the form name=value", set)),
                          options.json);
        json.member(set.substr(0, equals), set.substr(equals + 1));
    }
    json.end_object();
    json.end_object();
    return told(options,
                send_to_server(options.server, "POST", device_target(options.name, "/copy"),
                               {std::move(body)}),
                fmt::format("created {}", options.to));
}

std::string state_page(const JsonText& state, bool colour) {
    std::string out = fmt::format("{} since {}", state.text("link"), state.text("since"));
    if (const double ms = state.number("round_trip_ms"); ms > 0)
        out += fmt::format(", round trip {:.1f} ms", ms);
    out += fmt::format(
        "\n{} tags, {} bad; {} reads, {} failed; {} writes, {} failed; {} "
        "reconnects\n",
        state.text("tags"), state.text("tags_bad"), state.text("reads"), state.text("read_errors"),
        state.text("writes"), state.text("write_errors"), state.text("reconnects"));
    if (const auto error = state.text("last_error"); !error.empty())
        out += fmt::format("last error {}: {}\n", state.text("last_error_time"),
                           printable_cell(error));
    Table groups({{"GROUP", false},
                  {"INTERVAL", true},
                  {"TAGS", true},
                  {"POLLS", true},
                  {"OVERRUNS", true},
                  {"LAST TOOK", true}},
                 colour);
    for (const auto& group : state.items("groups"))
        groups.add({printable_cell(group.text("name")), group.text("interval_ms") + " ms",
                    group.text("tags"), group.text("polls"), group.text("overruns"),
                    fmt::format("{:.1f} ms", group.number("last_duration_ms"))});
    out += "\n" + groups.render();
    Table units({{"UNIT", false},
                 {"UP", false},
                 {"RTT", true},
                 {"EXCHANGES", true},
                 {"ERRORS", true},
                 {"LAST ERROR", false}},
                colour);
    for (const auto& unit : state.items("units"))
        units.add({printable_cell(unit.text("unit")), unit.text("up") == "true" ? "yes" : "no",
                   fmt::format("{:.1f} ms", unit.number("round_trip_ms")), unit.text("exchanges"),
                   unit.text("errors"), printable_cell(unit.text("last_error"))});
    return out + "\n" + units.render();
}

Exit state(const Options& options) {
    const auto answer = ask_server(options.server, "GET", device_target(options.name, "/state"),
                                   "application/json");
    if (!answer) return report(answer.error(), options.json);
    std::string out = answer->body + "\n";
    if (!options.json) {
        const auto state = JsonText::parse(answer->body);
        if (!state) return report(state.error());
        out = state_page(*state, may_colour(STDOUT_FILENO));
    }
    write_out(out);
    flush_out();
    return Exit::ok;
}

std::string tags_table(std::string_view csv, Table& table) {
    ingest::CsvReader reader(',');
    reader.feed(csv);
    reader.finish();
    ingest::CsvRow row;
    bool header = true;
    while (reader.next(row) == ingest::CsvReader::Step::row) {
        if (!std::exchange(header, false)) {
            const auto& c = row.cells;
            table.add({printable_cell(c[0]), printable_cell(c[1]), printable_cell(c[3]),
                       std::string(c[4]), printable_cell(c[7]), printable_cell(c[6]),
                       std::string(c[8]), printable_cell(c[10])});
        }
    }
    return table.render();
}

Exit tags(const Options& options) {
    const auto format = options.output.format();
    const bool lines = format == OutputFormat::ndjson || format == OutputFormat::json;
    Table table({{"GROUP", false},
                 {"NAME", false},
                 {"ADDRESS", false},
                 {"TYPE", false},
                 {"VALUE", true},
                 {"UNIT", false},
                 {"QUALITY", false},
                 {"ERROR", false}},
                may_colour(STDOUT_FILENO));
    JsonItems items;
    std::string cursor;
    bool first = true;
    do {
        QueryText query;
        query.add("group", options.group).add("quality", options.quality).add("cursor", cursor);
        const auto page =
            ask_server(options.server, "GET", device_target(options.name, "/tags") + query.text(),
                       lines ? "application/x-ndjson" : "text/csv");
        if (!page) return report(page.error(), options.output.json);
        std::string body = page->body;
        if (format == OutputFormat::csv && !first) body.erase(0, body.find('\n') + 1);
        first = false;
        if (format == OutputFormat::table) body = tags_table(body, table);
        if (format == OutputFormat::json) body = items.feed(body);
        if (!write_out(body)) return Exit::ok;
        cursor = page->header("x-next-cursor").value_or("");
    } while (!cursor.empty());
    if (format == OutputFormat::json) write_out(items.finish());
    flush_out();
    return Exit::ok;
}

Exit read(const Options& options) {
    std::string body;
    JsonWriter json(body);
    json.begin_object();
    json.member("address", options.address);
    json.member("type", options.type);
    json.end_object();
    const auto answer = send_to_server(options.server, "POST", device_target(options.name, "/read"),
                                       {std::move(body)});
    if (!answer) return report(answer.error(), options.json);
    if (options.json) return told(options, answer, "");
    const auto sample = JsonText::parse(answer->body);
    if (!sample) return report(sample.error());
    write_out(fmt::format("{}  {}  {}\n", sample->text("value"), sample->text("quality"),
                          sample->text("time")));
    flush_out();
    return Exit::ok;
}

using Defined = std::vector<std::pair<CLI::App*, std::function<Exit()>>>;

// One sub-command about one device.
CLI::App* add_part(CLI::App& app, const std::shared_ptr<Options>& options, const char* name,
                   const char* help, Exit (*act)(const Options&), Defined& defined) {
    auto* part = app.add_subcommand(name, help);
    part->add_option("NAME", options->name, "Name of the device")->required();
    part->add_flag("--json", options->json, "JSON instead of text");
    add_url_option(*part, options->server);
    defined.emplace_back(part, [options, act] { return act(*options); });
    return part;
}

void add_file_parts(CLI::App& app, const std::shared_ptr<Options>& options, Defined& defined) {
    const auto add = [&](const char* name, const char* help, Exit (*act)(const Options&)) {
        auto* part = app.add_subcommand(name, help);
        part->add_option("FILE", options->file, "JSON, or TOML by its name; - for standard input")
            ->required();
        part->add_flag("--json", options->json, "JSON instead of text");
        add_url_option(*part, options->server);
        defined.emplace_back(part, [options, act] { return act(*options); });
        return part;
    };
    add("create", "Create a device of a file", create);
    add("update", "Create or replace a device of a file", update)
        ->add_flag("--patch", options->patch, "Change only the members that the file has");
}

}  // namespace

Result<std::string> read_input(const std::string& path) {
    if (path == "-") return std::string{std::istreambuf_iterator<char>(std::cin), {}};
    std::ifstream stream(path, std::ios::binary);
    if (!stream)
        return fail(ErrorCode::not_found, fmt::format("the file '{}' cannot be read", path));
    return std::string{std::istreambuf_iterator<char>(stream), {}};
}

std::string device_target(std::string_view name, std::string_view rest) {
    return fmt::format("/api/v1/devices/{}{}", io::percent_encode(name), rest);
}

std::function<Exit()> define_device(CLI::App& app) {
    auto options = std::make_shared<Options>();
    app.require_subcommand(1);
    Defined defined;
    add_file_parts(app, options, defined);
    add_part(app, options, "delete", "Remove a device; the history of its points stays", remove,
             defined);
    add_part(
        app, options, "enable", "Run a device",
        [](const Options& o) { return set_enabled(o, true); }, defined);
    add_part(
        app, options, "disable", "Close a device's link and leave it so",
        [](const Options& o) { return set_enabled(o, false); }, defined);
    add_part(app, options, "state", "Show how a device does", state, defined);
    auto* tags_app = app.add_subcommand("tags", "List a device's tags with their last values");
    tags_app->add_option("NAME", options->name, "Name of the device")->required();
    tags_app->add_option("--group", options->group, "Those of this group only");
    tags_app->add_option("--quality", options->quality, "good or bad: those only")
        ->check(CLI::IsMember({"good", "bad"}));
    add_output_options(*tags_app, options->output);
    add_url_option(*tags_app, options->server);
    defined.emplace_back(tags_app, [options] { return tags(*options); });
    auto* read_app =
        add_part(app, options, "read", "Read one address now, as a test", read, defined);
    read_app->add_option("ADDRESS", options->address, "In the driver's grammar")->required();
    read_app->add_option("--type", options->type, "Type of the value")->default_val("float");
    auto* copy_app = add_part(app, options, "copy", "Make a device like another", copy, defined);
    copy_app->add_option("TO", options->to, "Name of the copy")->required();
    copy_app
        ->add_option("--set", options->sets, "A setting that differs, host=10.0.0.2; may repeat")
        ->allow_extra_args(false);
    auto* import_app = app.add_subcommand("import", "Take devices (JSON) or tags (CSV) of a file");
    defined.emplace_back(import_app, define_device_import(*import_app));
    auto* export_app = app.add_subcommand("export", "Print devices as JSON, or their tags as CSV");
    defined.emplace_back(export_app, define_device_export(*export_app));
    auto* template_app = app.add_subcommand("template", "Templates, and devices made of them");
    defined.emplace_back(template_app, define_device_template(*template_app));
    app.footer(
        "Examples:\n"
        "  headworks device create plc1.json\n"
        "  headworks device tags works/plc1 --quality bad\n"
        "  headworks device read works/plc1 '1!400001' --type float\n"
        "  headworks device copy works/plc1 works/plc2 --set host=10.0.0.2\n"
        "  headworks device import tags.csv --dry-run");
    return [defined = std::move(defined)] {
        for (const auto& [part, act] : defined)
            if (part->parsed()) return act();
        return Exit::usage;
    };
}

}  // namespace hw::app

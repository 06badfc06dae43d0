#include <fmt/format.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <memory>

#include "app/device_commands.h"
#include "app/json_text.h"
#include "app/rule_commands.h"
#include "app/table.h"
#include "app/terminal.h"
#include "base/json_writer.h"

namespace hw::app {

namespace {

struct Options {
    ServerAddress server;
    std::string sql, file, input, from, to, live, id, topic, client, duration;
    std::vector<std::string> messages, streams;
    uint64_t rows = 0;
    uint64_t events = 100;
    bool json = false;
    bool plan = false;
};

// NDJSON of messages, or a JSON array of them, as the members of an array.
Result<std::string> input_items(const std::string& path) {
    const std::string text = HW_TRY(read_input(path));
    const size_t begin = text.find_first_not_of(" \t\r\n");
    if (begin == std::string::npos) return std::string();
    if (text[begin] == '[') {
        const size_t end = text.rfind(']');
        if (end == std::string::npos || end <= begin)
            return fail(ErrorCode::invalid_argument, fmt::format("'{}' is not JSON", path));
        return text.substr(begin + 1, end - begin - 1);
    }
    std::string items;
    for (size_t at = begin; at < text.size();) {
        const size_t end = std::min(text.find('\n', at), text.size());
        const auto line = text.substr(at, end - at);
        if (line.find_first_not_of(" \t\r") != std::string::npos)
            items += (items.empty() ? "" : ",") + line;
        at = end + 1;
    }
    return items;
}

// "topic payload" of --message.
std::string message_item(const std::string& text) {
    const size_t space = std::min(text.find(' '), text.size());
    std::string item;
    JsonWriter json(item);
    json.begin_object();
    json.member("topic", text.substr(0, space));
    json.member("payload", space < text.size() ? text.substr(space + 1) : std::string());
    json.end_object();
    return item;
}

Result<std::string> request_body(const Options& options) {
    std::string sql = options.sql;
    if (!options.file.empty()) sql = HW_TRY(read_input(options.file));
    if (sql.empty())
        return fail(ErrorCode::invalid_argument, "give the statement, or its file with --file");
    std::string items;
    if (!options.input.empty()) items = HW_TRY(input_items(options.input));
    for (const auto& message : options.messages)
        items += (items.empty() ? "" : ",") + message_item(message);
    std::string body;
    JsonWriter json(body);
    json.begin_object();
    json.member("sql", sql);
    if (!items.empty()) {
        json.key("input");
        json.raw("[" + items + "]");
    }
    if (!options.from.empty()) json.member("from", options.from);
    if (!options.to.empty()) json.member("to", options.to);
    if (!options.live.empty()) json.member("duration", options.live);
    if (options.rows > 0) json.member("rows_limit", options.rows);
    if (!options.streams.empty()) {
        json.key("streams");
        json.begin_array();
        for (const auto& stream : options.streams)
            json.value(stream);
        json.end_array();
    }
    json.end_object();
    return body;
}

Exit test(const Options& options) {
    auto body = request_body(options);
    if (!body) return report(body.error(), options.json);
    const auto answer =
        send_to_server(options.server, "POST", "/api/v1/rules/test", {std::move(*body)});
    if (!answer) return report(answer.error(), options.json);
    if (options.json) {
        write_out(answer->body + "\n");
        flush_out();
        return Exit::ok;
    }
    const auto json = JsonText::parse(answer->body);
    if (!json) return report(json.error());
    std::string out;
    for (const auto& row : json->items("rows"))
        out += row.text("") + "\n";
    if (!write_out(out)) return Exit::ok;
    std::string told =
        fmt::format("{} rows of {} events", json->items("rows").size(), json->text("events"));
    if (json->number("failed") > 0) told += fmt::format(", {} failed", json->text("failed"));
    if (json->number("late") > 0) told += fmt::format(", {} late", json->text("late"));
    told += "\n";
    for (const auto& error : json->items("errors"))
        told += fmt::format("  {}\n", printable_cell(error.text("")));
    if (options.plan) {
        Table table(
            {{"OPERATOR", false}, {"DETAIL", false}, {"IN", true}, {"OUT", true}, {"ERRORS", true}},
            may_colour(STDOUT_FILENO));
        for (const auto& step : json->items("operators"))
            table.add({step.text("name"), printable_cell(step.text("detail")), step.text("in"),
                       step.text("out"), step.text("errors")});
        told += table.render();
    }
    flush_out();
    fmt::print(stderr, "{}", told);
    return Exit::ok;
}

Exit begin_trace(const Options& options) {
    std::string body;
    JsonWriter json(body);
    json.begin_object();
    json.member("events", options.events);
    json.member("duration", options.duration);
    if (!options.topic.empty()) json.member("topic", options.topic);
    if (!options.client.empty()) json.member("clientid", options.client);
    json.end_object();
    const auto begun = send_to_server(options.server, "POST", rule_target(options.id, "/trace"),
                                      {std::move(body)});
    if (!begun) return report(begun.error(), options.json);
    write_out(
        fmt::format("following {} events of {} for {}; see them with: headworks rule trace "
                    "{} --show\n",
                    options.events, options.id, options.duration, options.id));
    flush_out();
    return Exit::ok;
}

Exit show_traces(const Options& options) {
    const auto answer =
        ask_server(options.server, "GET", rule_target(options.id, "/trace"), "application/json");
    if (!answer) return report(answer.error(), options.json);
    const auto json = JsonText::parse(answer->body);
    if (!json) return report(json.error(), options.json);
    std::string out;
    for (const auto& trace : json->items("traces")) {
        out += fmt::format("{}  event {}\n", trace.text("time"), trace.text("number"));
        for (const auto& step : trace.items("steps"))
            out += fmt::format("    {:<20} {:<12} {}\n", step.text("at"), step.text("outcome"),
                               printable_cell(step.text("data")));
    }
    write_out(options.json ? answer->body + "\n" : out);
    flush_out();
    return Exit::ok;
}

}  // namespace

std::function<Exit()> define_rule_test(CLI::App& app) {
    auto options = std::make_shared<Options>();
    app.add_option("SQL", options->sql, "The statement");
    app.add_option("--file", options->file, "File of the statement; - for standard input");
    app.add_option("--input", options->input,
                   "File of messages, a JSON object a line: topic, payload, time");
    app.add_option("--message", options->messages, "One message: topic, a space, payload")
        ->allow_extra_args(false);
    app.add_option("--from", options->from, "Run on the history from here, e.g. now-1h");
    app.add_option("--to", options->to, "To here; default now");
    app.add_option("--live", options->live, "Run on what comes in for so long, e.g. 10s");
    app.add_option("--stream", options->streams, "A CREATE STREAM statement; may repeat")
        ->allow_extra_args(false);
    app.add_option("--rows", options->rows, "Rows at most; default 1000");
    app.add_flag("--plan", options->plan, "Show the operators with their counts");
    app.add_flag("--json", options->json, "JSON instead of text");
    add_url_option(app, options->server);
    return [options] { return test(*options); };
}

std::function<Exit()> define_rule_trace(CLI::App& app) {
    auto options = std::make_shared<Options>();
    auto show = std::make_shared<bool>(false);
    app.add_option("ID", options->id, "Id of the rule")->required();
    app.add_option("--events", options->events, "Events to follow, at most")->default_val(100);
    app.add_option("--for", options->duration, "For how long at most")->default_val("1m");
    app.add_option("--topic", options->topic, "Those of this MQTT filter only");
    app.add_option("--client", options->client, "Those of this client only");
    app.add_flag("--show", *show, "Print what was followed so far");
    app.add_flag("--json", options->json, "JSON instead of text");
    add_url_option(app, options->server);
    return [options, show] { return *show ? show_traces(*options) : begin_trace(*options); };
}

}  // namespace hw::app

#include <fmt/format.h>
#include <simdjson.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <memory>

#include "app/commands.h"
#include "app/server_client.h"
#include "app/table.h"
#include "app/terminal.h"
#include "base/config.h"

namespace hw::app {

namespace {

using simdjson::dom::element;

struct Options {
    ServerAddress server;
    bool json = false;
    size_t gaps = 20;
};

std::string text_of(const element& object, std::string_view key) {
    std::string_view text;
    if (object[key].get(text) != simdjson::SUCCESS) return "";
    return printable_cell(text);
}

uint64_t number_of(const element& object, std::string_view key) {
    uint64_t number = 0;
    if (object[key].get(number) != simdjson::SUCCESS) return 0;
    return number;
}

std::string describe(const element& status) {
    bool connected = false;
    double drain = 0;
    element queue;
    const bool sound = status["connected"].get(connected) == simdjson::SUCCESS &&
                       status["queue"].get(queue) == simdjson::SUCCESS &&
                       queue["drain_samples_per_second"].get(drain) == simdjson::SUCCESS;
    if (!sound) return "";
    std::string out = fmt::format(
        "{} as {}: {} since {}\n", text_of(status, "broker"), text_of(status, "client_id"),
        connected ? "connected" : "not connected", text_of(status, "since"));
    if (const auto error = text_of(status, "last_error"); !error.empty())
        out += fmt::format("last error: {}\n", error);
    out += fmt::format("queue: {} of {}, {} samples wait", format_bytes(number_of(queue, "bytes")),
                       format_bytes(number_of(queue, "bytes_limit")),
                       number_of(queue, "samples_waiting"));
    if (const auto oldest = text_of(queue, "oldest_waiting"); !oldest.empty())
        out += fmt::format(", the oldest since {}", oldest);
    if (drain > 0) out += fmt::format(", draining {:.0f} samples/s", drain);
    out += fmt::format(
        "\nsent: {} samples in {}, {} acknowledged\n", number_of(status, "samples_sent"),
        format_bytes(number_of(status, "bytes_sent")), number_of(status, "samples_acknowledged"));
    return out;
}

std::string list_gaps(const element& status, size_t limit, bool colour) {
    simdjson::dom::array gaps;
    if (status["gaps"].get(gaps) != simdjson::SUCCESS || gaps.size() == 0) return "";
    Table table({{"FROM", false},
                 {"TO", false},
                 {"REASON", false},
                 {"STATE", false},
                 {"SAMPLES", true},
                 {"DETAIL", false}},
                colour);
    for (const element gap : gaps) {
        if (limit-- == 0) break;
        table.add({text_of(gap, "from"), text_of(gap, "to"), text_of(gap, "reason"),
                   text_of(gap, "state"), std::to_string(number_of(gap, "samples")),
                   text_of(gap, "detail")});
    }
    return "\n" + table.render();
}

Exit upstream(const Options& options) {
    const auto answer = ask_server(options.server, "GET", "/api/v1/upstream", "application/json");
    if (!answer) return report(answer.error(), options.json);
    if (options.json) {
        write_out(answer->body + "\n");
        flush_out();
        return Exit::ok;
    }
    simdjson::dom::parser parser;
    element status;
    if (parser.parse(answer->body).get(status) != simdjson::SUCCESS)
        return report(Error(ErrorCode::corrupt, "the server's answer is not JSON"));
    write_out(describe(status) + list_gaps(status, options.gaps, may_colour(STDOUT_FILENO)));
    flush_out();
    return Exit::ok;
}

}  // namespace

std::function<Exit()> define_upstream(CLI::App& app) {
    auto options = std::make_shared<Options>();
    app.add_flag("--json", options->json, "Print the server's JSON");
    app.add_option("--gaps", options->gaps, "At most so many gaps, the newest first")
        ->capture_default_str();
    add_url_option(app, options->server);
    app.footer(
        "Examples:\n"
        "  headworks upstream\n"
        "  headworks upstream --json | jq .queue");
    return [options] { return upstream(*options); };
}

}  // namespace hw::app

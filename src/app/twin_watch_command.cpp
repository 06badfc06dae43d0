#include <fmt/format.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <memory>

#include "app/device_commands.h"
#include "app/json_text.h"
#include "app/server_client.h"
#include "app/table.h"
#include "app/terminal.h"
#include "app/twin_watch_commands.h"

namespace hw::app {

bool EventReader::feed(std::string_view piece, const std::function<bool(const Event&)>& call) {
    while (!piece.empty()) {
        const size_t end = piece.find('\n');
        if (line_.size() < line_limit) line_ += piece.substr(0, end);
        if (end == std::string_view::npos) return true;
        piece.remove_prefix(end + 1);
        const std::string line = std::exchange(line_, {});
        const auto field = [&](std::string_view name, std::string& to) {
            if (line.starts_with(name)) to = line.substr(name.size());
        };
        field("event: ", event_.kind);
        field("data: ", event_.data);
        field("id: ", event_.id);
        if (!line.empty()) continue;
        const Event event = std::exchange(event_, {});
        if (!event.data.empty() && !call(event)) return false;
    }
    return true;
}

namespace {

struct WatchOptions {
    ServerAddress server;
    std::string id, twins, model, root, along, where, when, min_interval, events;
    std::vector<std::string> properties, enrich;
    bool json = false;
    bool initial = false;
    uint64_t count = 0;
};

std::string joined(const std::vector<std::string>& texts) {
    return fmt::format("{}", fmt::join(texts, ","));
}

std::string target_of(const WatchOptions& options, const std::string& last_id) {
    QueryText query;
    query.add("last_event_id", last_id);
    if (!options.id.empty()) return subscription_target(options.id, "/events") + query.text();
    query.add("twins", options.twins)
        .add("model", options.model)
        .add("root", options.root)
        .add("along", options.along)
        .add("where", options.where)
        .add("properties", joined(options.properties))
        .add("events", options.events)
        .add("when", options.when)
        .add("min_interval", options.min_interval)
        .add("enrich", joined(options.enrich))
        .add("initial", options.initial ? "true" : "");
    return "/api/v1/twin/events" + query.text();
}

// "2026-01-01T12:00:00.250Z works/tank level = 3.5  name=Tank 1"
std::string line_of(const EventReader::Event& event) {
    const auto json = JsonText::parse(event.data);
    if (!json) return event.data + "\n";
    if (event.kind == "gap")
        return fmt::format("-- {} events were dropped before\n", json->text("missed"));
    if (event.kind == "end") return fmt::format("-- {}\n", json->text("reason"));
    std::string line = fmt::format("{:<24} {}", json->text("time"), json->text("twin"));
    if (event.kind == "property") {
        line += fmt::format(" {} = {}", json->text("path"), json->text("value"));
        if (const auto quality = json->text("quality"); quality != "good") line += "  " + quality;
        if (json->text("stale") == "true") line += "  stale";
    } else {
        line += "  " + event.kind;
        for (const auto& [name, value] : json->members("")) {
            if (name == "event" || name == "time" || name == "twin" || name == "enrich") continue;
            line += fmt::format(" {}={}", name, value.text(""));
        }
    }
    for (const auto& [name, value] : json->members("enrich"))
        line += fmt::format("  {}={}", name, value.text(""));
    return printable_cell(line) + "\n";
}

// Follows until the count is reached, the reader of our output goes, or the server ends it.
Exit watch(const WatchOptions& options) {
    std::string last_id;
    uint64_t seen = 0;
    bool ended = false;
    while (!ended) {
        EventReader reader;
        bool heard = false;
        const auto on_event = [&](const EventReader::Event& event) {
            if (!event.id.empty()) last_id = event.id;
            const bool written = write_out(options.json ? event.data + "\n" : line_of(event));
            if (event.kind == "end") ended = true;
            if (event.kind != "gap" && event.kind != "end") ++seen;
            if (!written || !flush_out() || (options.count > 0 && seen >= options.count))
                ended = true;
            return !ended;
        };
        const auto answer = ask_server(options.server, "GET", target_of(options, last_id),
                                       "text/event-stream", [&](const auto&, auto piece) {
                                           heard = true;
                                           return reader.feed(piece, on_event);
                                       });
        // A stream that broke off is taken up again where it was; one that never came is an error.
        if (!answer && !heard) return report(answer.error(), options.json);
    }
    return Exit::ok;
}

struct Options {
    ServerAddress server;
    std::string id, file;
    bool json = false;
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

Exit list(const Options& options) {
    const auto answer =
        ask_server(options.server, "GET", "/api/v1/twin/subscriptions", "application/json");
    if (!answer || options.json) return print(options, answer);
    const auto figures =
        ask_server(options.server, "GET", "/api/v1/twin/subscriptions/figures", "application/json");
    if (!figures) return report(figures.error());
    const auto json = JsonText::parse(answer->body);
    if (!json) return report(json.error());
    const auto counts = JsonText::parse(figures->body);
    if (!counts) return report(counts.error());
    Table table({{"ID", false},
                 {"STATUS", false},
                 {"TWINS", false},
                 {"MODEL", false},
                 {"WHERE", false},
                 {"DELIVERED TO", false},
                 {"MATCHED", true},
                 {"DELIVERED", true},
                 {"DROPPED", true}},
                may_colour(STDOUT_FILENO));
    const auto by_id = counts->members("");
    for (const auto& one : json->items("items")) {
        const std::string id = one.text("id");
        std::string matched, delivered, dropped;
        for (const auto& [name, figure] : by_id) {
            if (name != id) continue;
            matched = figure.text("matched");
            delivered = figure.text("delivered");
            dropped = figure.text("dropped");
        }
        table.add({printable_cell(id), one.text("status"), printable_cell(one.text("filter/twins")),
                   printable_cell(one.text("filter/model")),
                   printable_cell(one.text("filter/where")),
                   printable_cell(one.text("deliver/mqtt/topic")), matched, delivered, dropped});
    }
    write_out(table.render());
    flush_out();
    return Exit::ok;
}

Exit show(const Options& options) {
    const auto answer =
        ask_server(options.server, "GET", subscription_target(options.id), "application/json");
    return print(options, answer);
}

Exit figures(const Options& options) {
    return print(options,
                 ask_server(options.server, "GET", subscription_target(options.id, "/figures"),
                            "application/json"));
}

Exit put(const Options& options) {
    auto body = read_input(options.file);
    if (!body) return report(body.error(), options.json);
    const auto json = JsonText::parse(*body);
    if (!json) return report(json.error(), options.json);
    const std::string id = options.id.empty() ? json->text("id") : options.id;
    if (id.empty())
        return report(
            Error(ErrorCode::invalid_argument, "the file has no id; add it there or give --id"),
            options.json);
    return told(options, send_to_server(options.server, "PUT", subscription_target(id), {*body}),
                fmt::format("put {}", id));
}

Exit remove(const Options& options) {
    return told(options,
                send_to_server(options.server, "DELETE", subscription_target(options.id), {}),
                fmt::format("removed {}", options.id));
}

Exit test(const Options& options) {
    const auto answer =
        send_to_server(options.server, "POST", subscription_target(options.id, "/test"), {});
    if (!answer) return report(answer.error(), options.json);
    if (options.json) return told(options, answer, "");
    const auto json = JsonText::parse(answer->body);
    if (!json) return report(json.error());
    std::string out = fmt::format(
        "{} twins, {} properties, {} of them of a point, {} points have "
        "had samples\n",
        json->text("twins"), json->text("slots/matched"), json->text("slots/point"),
        json->text("points/heard"));
    if (const auto last = json->text("points/last_sample_at"); !last.empty())
        out += fmt::format("the last sample came at {}\n", last);
    if (const auto yes = json->text("where/true"); !yes.empty())
        out += fmt::format("where: true for {}, false for {}, failed for {}\n", yes,
                           json->text("where/false"), json->text("where/failed"));
    if (json->text("test_event/sent") == "true")
        out += fmt::format("a test event went out; {} readers; not taken by {}\n",
                           json->text("test_event/readers"), json->text("test_event/undelivered"));
    if (const auto topic = json->text("test_event/mqtt/topic"); !topic.empty())
        out += fmt::format("MQTT topic {}: {} subscribers\n", topic,
                           json->text("test_event/mqtt/subscribers"));
    const auto findings = json->items("findings");
    for (const auto& finding : findings)
        out += fmt::format("! {}\n", finding.text(""));
    if (findings.empty()) out += "nothing is amiss\n";
    write_out(out);
    flush_out();
    return findings.empty() ? Exit::ok : Exit::partial;
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
    void add_of_one(const char* name, const char* help, Exit (*act)(const Options&)) {
        add(name, help, act)->add_option("ID", options->id, "Id of the subscription")->required();
    }

    const std::shared_ptr<Options> options = std::make_shared<Options>();

  private:
    CLI::App& app_;
    Defined& defined_;
};

}  // namespace

std::string subscription_target(std::string_view id, std::string_view rest) {
    return fmt::format("/api/v1/twin/subscriptions/{}{}", io::percent_encode(id), rest);
}

std::function<Exit()> define_twin_watch(CLI::App& app) {
    auto options = std::make_shared<WatchOptions>();
    add_url_option(app, options->server);
    app.add_option("ID", options->id, "A kept subscription; else those below say what to follow");
    app.add_option("--twins", options->twins, "MQTT filter of the twins' ids; default all");
    app.add_option("--model", options->model, "Those of this model, or one that extends it");
    app.add_option("--root", options->root, "This twin and what is reached from it");
    app.add_option("--along", options->along, "Relationships to follow from the root, by commas");
    app.add_option("--where", options->where, "Expression over the twin's properties");
    app.add_option("--property", options->properties, "Filter of paths; may be repeated");
    app.add_option("--events", options->events,
                   "property, stale, twin, relationship, desired, command, by commas");
    app.add_option("--enrich", options->enrich,
                   "Property, name or model added to each event; may be repeated");
    app.add_option("--min-interval", options->min_interval,
                   "At most one value of a property in this time");
    app.add_option("--when", options->when, "on_change or every_update")
        ->check(CLI::IsMember({"on_change", "every_update"}));
    app.add_flag("--initial", options->initial, "The present state first");
    app.add_option("--count", options->count, "End after so many events");
    app.add_flag("--json", options->json, "A JSON object a line");
    app.footer(
        "Examples:\n"
        "  headworks twin watch --twins 'bluewater/plant1/#' --property level\n"
        "  headworks twin watch --model 'dtmi:headworks:water:Pump;1' --where 'power > 50' "
        "--enrich name");
    return [options] { return watch(*options); };
}

std::function<Exit()> define_twin_subscription(CLI::App& app) {
    app.require_subcommand(1);
    Defined defined;
    Parts parts(app, defined);
    parts.add("list", "List subscriptions with their counters", list);
    parts.add_of_one("show", "Print a subscription as JSON", show);
    parts.add_of_one("figures", "Print a subscription's counters as JSON", figures);
    auto* put_app = parts.add("put", "Make or replace a subscription of a file", put);
    put_app->add_option("FILE", parts.options->file, "JSON; - for standard input")->required();
    put_app->add_option("--id", parts.options->id, "Id of the subscription; default: the file's");
    parts.add_of_one("remove", "Remove a subscription; its streams end", remove);
    parts.add_of_one("test", "Send a test event and say why nothing may have come", test);
    return [defined = std::move(defined)] {
        for (const auto& [part, act] : defined)
            if (part->parsed()) return act();
        return Exit::usage;
    };
}

}  // namespace hw::app

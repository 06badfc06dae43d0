#include <fmt/format.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <memory>

#include "app/json_text.h"
#include "app/server_client.h"
#include "app/table.h"
#include "app/terminal.h"
#include "app/twin_commands.h"
#include "app/twin_past_commands.h"

namespace hw::app {

namespace {

struct Options {
    ServerAddress server;
    std::string id, filter, condition, from, to, along, limit, depth;
    bool incoming = false;
    bool json = false;
};

// Of one twin, or with a filter of many.
std::string target_of(const Options& options, std::string_view what) {
    return options.id.empty()
               ? fmt::format("/api/v1/twin/{}{}", what == "events" ? "past/" : "", what)
               : twin_target(options.id, fmt::format("/{}", what));
}

QueryText range_of(const Options& options) {
    QueryText query;
    query.add("from", options.from).add("to", options.to);
    return query;
}

void add_scope(const Options& options, QueryText& query) {
    query.add("filter", options.filter)
        .add("depth", options.depth)
        .add("along", options.along)
        .add("incoming", options.incoming ? "true" : "");
}

// "12.5", "-" for nothing, "12.5 (bad.communication)".
std::string value_text(const JsonText& value, const std::string& side) {
    const std::string text = value.text(side + "/value");
    const std::string quality = value.text(side + "/quality");
    const bool good = text.empty() || quality.empty() || quality == "good";
    return printable_cell((text.empty() ? "-" : text) + (good ? "" : " (" + quality + ")"));
}

void show_difference(const JsonText& difference) {
    std::string out =
        fmt::format("{} {}\n", difference.text("what"), printable_cell(difference.text("twin")));
    for (const auto& value : difference.items("values"))
        out += fmt::format("  {}: {} -> {}\n", printable_cell(value.text("path")),
                           value_text(value, "before"), value_text(value, "after"));
    for (const auto& [member, sign] :
         {std::pair("relationships_added", '+'), std::pair("relationships_removed", '-')})
        for (const auto& one : difference.items(member))
            out += fmt::format("  {}{} {}\n", sign, printable_cell(one.text("name")),
                               printable_cell(one.text("target")));
    write_out(out);
}

// All pages; what they are as JSON goes to `whole`.
Result<void> each_item(const Options& options, const std::string& target, const QueryText& query,
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
    } while (!cursor.empty() && options.limit.empty());
    return {};
}

Exit finish(const Options& options, const Result<void>& done, const std::string& whole) {
    if (!done) return report(done.error(), options.json);
    if (options.json) write_out(fmt::format("{{\"items\":[{}],\"next\":null}}\n", whole));
    flush_out();
    return Exit::ok;
}

Exit diff(const Options& options) {
    QueryText query = range_of(options);
    add_scope(options, query);
    std::string whole;
    const auto done =
        each_item(options, target_of(options, "diff"), query, whole, [&](const JsonText& item) {
            if (!options.json) show_difference(item);
        });
    return finish(options, done, whole);
}

Exit events(const Options& options) {
    QueryText query = range_of(options);
    add_scope(options, query);
    query.add("limit", options.limit);
    Table table({{"TIME", false},
                 {"TWIN", false},
                 {"WHAT", false},
                 {"OF", false},
                 {"WHO", false},
                 {"RESULT", false},
                 {"AFTER", false}},
                may_colour(STDOUT_FILENO));
    std::string whole;
    const auto done =
        each_item(options, target_of(options, "events"), query, whole, [&](const JsonText& item) {
            const std::string after = item.text("after");
            table.add({item.text("time"), printable_cell(item.text("twin")), item.text("kind"),
                       printable_cell(item.text("path")), printable_cell(item.text("actor")),
                       item.text("result"),
                       printable_cell(after.size() > 60 ? after.substr(0, 57) + "..." : after)});
            if (options.json) return;
            if (table.pending() >= 1'000) write_out(table.render());
        });
    if (done && !options.json) write_out(table.render());
    return finish(options, done, whole);
}

// "3 h 2 min" would hide what matters in a plant: seconds as they are.
std::string interval_text(const JsonText& interval) {
    return fmt::format("{} .. {}  {} s", interval.text("from"), interval.text("to"),
                       interval.text("seconds"));
}

Exit when(const Options& options) {
    QueryText query = range_of(options);
    query.add("condition", options.condition).add("limit", options.limit);
    const auto answer = ask_server(options.server, "GET", target_of(options, "when") + query.text(),
                                   "application/json");
    if (!answer) return report(answer.error(), options.json);
    const auto json = JsonText::parse(answer->body);
    if (!json) return report(json.error(), options.json);
    if (options.json) {
        write_out(answer->body);
        flush_out();
        return Exit::ok;
    }
    std::string out;
    const auto intervals = json->items("intervals");
    for (const auto& interval : intervals)
        out += printable_cell(interval_text(interval)) + "\n";
    out += fmt::format("{} s in {} intervals{}{}\n", json->text("seconds"), json->text("count"),
                       json->text("held_before") == "true" ? ", held before" : "",
                       json->text("still_holds") == "true" ? ", still holds at the end" : "");
    if (const std::string error = json->text("error"); !error.empty())
        out += fmt::format("some moments could not be told: {}\n", printable_cell(error));
    write_out(out);
    flush_out();
    return Exit::ok;
}

std::shared_ptr<Options> common(CLI::App& app) {
    const auto options = std::make_shared<Options>();
    app.add_option("--from", options->from, "RFC 3339, epoch or now-6h; default a day before --to");
    app.add_option("--to", options->to, "As --from; default now");
    app.add_flag("--json", options->json, "JSON instead of text");
    add_url_option(app, options->server);
    return options;
}

void add_scope_options(CLI::App& app, Options& options) {
    app.add_option("ID", options.id, "One twin; else --filter");
    app.add_option("--filter", options.filter, "MQTT filter of the ids; default '#'");
    app.add_option("--depth", options.depth,
                   "How far from the twin along relationships; default 0");
    app.add_option("--along", options.along, "Relationships to follow, by commas; default all");
    app.add_flag("--incoming", options.incoming, "Follow them against their direction");
}

}  // namespace

std::function<Exit()> define_twin_diff(CLI::App& app) {
    const auto options = common(app);
    add_scope_options(app, *options);
    app.footer(
        "Examples:\n"
        "  headworks twin diff bluewater/plant1/intake/pump1 --from now-1h\n"
        "  headworks twin diff --filter 'bluewater/plant1/#' --from now-2d --to now-1d");
    return [options] { return diff(*options); };
}

std::function<Exit()> define_twin_events(CLI::App& app) {
    const auto options = common(app);
    add_scope_options(app, *options);
    app.add_option("--limit", options->limit, "At most so many, the newest; default all");
    app.footer(
        "Examples:\n"
        "  headworks twin events bluewater/plant1/intake/pump1 --from now-7d\n"
        "  headworks twin events bluewater/plant1 --depth 3 --from now-1h");
    return [options] { return events(*options); };
}

std::function<Exit()> define_twin_when(CLI::App& app) {
    const auto options = common(app);
    app.add_option("ID", options->id, "The twin")->required();
    app.add_option("CONDITION", options->condition, "Such as 'level > 3 AND running'")->required();
    app.add_option("--limit", options->limit, "Intervals that are listed");
    app.footer(
        "Examples:\n"
        "  headworks twin when bluewater/plant1/intake/pump1 'running AND flow < 5'\n"
        "  headworks twin when bluewater/plant1/tank1 'level > 4.5' --from now-30d");
    return [options] { return when(*options); };
}

}  // namespace hw::app

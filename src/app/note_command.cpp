#include "app/note_command.h"

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
#include "base/json_writer.h"

namespace hw::app {

namespace {

struct Options {
    ServerAddress server;
    std::string id, text, from, to, author, tag, search, limit;
    std::vector<std::string> tags, points, twins, paths;
    bool json = false;
    bool no_site = false;
};

std::string target_of(std::string_view id, std::string_view rest = "") {
    return fmt::format("/api/v1/notes/{}{}", io::percent_encode(id), rest);
}

std::string joined(const JsonText& note, std::string_view member, std::string_view end = "") {
    std::string out;
    for (const auto& one : note.items(member))
        out += fmt::format("{}{}{}", out.empty() ? "" : " ", one.text(""), end);
    return out;
}

// "works/filter3/flow works/pumps/#"; paths as the filters that they are.
std::string about(const JsonText& note) {
    std::string out;
    for (const auto& part :
         {joined(note, "points"), joined(note, "twins"), joined(note, "paths", "/#")})
        if (!part.empty()) out += (out.empty() ? "" : " ") + part;
    return out.empty() ? "the site" : out;
}

Exit list(const Options& options) {
    QueryText asked;
    asked.add("from", options.from)
        .add("to", options.to)
        .add("tag", options.tag)
        .add("author", options.author)
        .add("q", options.search)
        .add("site", options.no_site ? "false" : "")
        .add("limit", options.limit);
    for (const auto& [name, values] :
         {std::pair("point", &options.points), std::pair("twin", &options.twins),
          std::pair("path", &options.paths)})
        for (const auto& value : *values)
            asked.add(name, value);
    Table table({{"ID", true},
                 {"FROM", false},
                 {"TO", false},
                 {"WHO", false},
                 {"ABOUT", false},
                 {"TAGS", false},
                 {"TEXT", false}},
                may_colour(STDOUT_FILENO));
    std::string cursor, whole;
    do {
        QueryText query = asked;
        query.add("cursor", cursor);
        const auto page =
            ask_server(options.server, "GET", "/api/v1/notes" + query.text(), "application/json");
        if (!page) return report(page.error(), options.json);
        const auto json = JsonText::parse(page->body);
        if (!json) return report(json.error(), options.json);
        cursor = json->text("next");
        for (const auto& note : json->items("items")) {
            whole += (whole.empty() ? "" : ",\n") + note.text("");
            std::string text = note.text("text");
            for (char& c : text)
                if (c == '\n' || c == '\t') c = ' ';
            table.add({note.text("id"), note.text("from"), note.text("to"),
                       printable_cell(note.text("author")), printable_cell(about(note)),
                       printable_cell(joined(note, "tags")), printable_cell(text)});
        }
    } while (!cursor.empty() && options.limit.empty());
    write_out(options.json ? fmt::format("{{\"items\":[{}],\"next\":null}}\n", whole)
                           : table.render());
    flush_out();
    return Exit::ok;
}

Exit show(const Options& options) {
    const auto answer =
        ask_server(options.server, "GET", target_of(options.id), "application/json");
    if (!answer) return report(answer.error(), options.json);
    write_out(answer->body + "\n");
    flush_out();
    return Exit::ok;
}

// One line, or the server's JSON.
Exit told(const Options& options, const Result<io::HttpClientResponse>& answer,
          std::string_view done) {
    if (!answer) return report(answer.error(), options.json);
    std::string id = options.id;
    if (const auto note = JsonText::parse(answer->body); note && id.empty()) id = note->text("id");
    write_out(options.json ? (answer->body.empty() ? "{}" : answer->body) + "\n"
                           : fmt::format("{} note {}\n", done, id));
    flush_out();
    return Exit::ok;
}

// The members that were given.
Result<std::string> body_of(const Options& options) {
    std::string body;
    JsonWriter json(body);
    json.begin_object();
    if (!options.text.empty()) {
        std::string text = options.text;
        if (text == "-") text = HW_TRY(read_input("-"));
        json.member("text", text);
    }
    if (!options.from.empty()) json.member("from", options.from);
    if (!options.to.empty()) {
        json.key("to");
        if (options.to == "none") {
            json.null();
        } else {
            json.value(options.to);
        }
    }
    for (const auto& [name, values] :
         {std::pair("tags", &options.tags), std::pair("points", &options.points),
          std::pair("twins", &options.twins), std::pair("paths", &options.paths)}) {
        if (values->empty()) continue;
        json.key(name);
        json.begin_array();
        for (const auto& value : *values)
            json.value(value);
        json.end_array();
    }
    json.end_object();
    return body;
}

Exit add(const Options& options) {
    auto body = body_of(options);
    if (!body) return report(body.error(), options.json);
    return told(options, send_to_server(options.server, "POST", "/api/v1/notes", {*body}), "added");
}

Exit change(const Options& options) {
    auto body = body_of(options);
    if (!body) return report(body.error(), options.json);
    return told(options, send_to_server(options.server, "PATCH", target_of(options.id), {*body}),
                "changed");
}

Exit remove(const Options& options) {
    return told(options, send_to_server(options.server, "DELETE", target_of(options.id), {}),
                "deleted");
}

Exit restore(const Options& options) {
    return told(options,
                send_to_server(options.server, "POST", target_of(options.id, "/restore"), {}),
                "brought back");
}

using Defined = std::vector<std::pair<CLI::App*, std::function<Exit()>>>;

// A sub-command with its own options.
struct Part {
    CLI::App* app;
    std::shared_ptr<Options> options = std::make_shared<Options>();

    Part(CLI::App& parent, Defined& defined, const char* name, const char* help,
         Exit (*act)(const Options&))
        : app(parent.add_subcommand(name, help)) {
        app->add_flag("--json", options->json, "JSON instead of text");
        add_url_option(*app, options->server);
        defined.emplace_back(app, [options = options, act] { return act(*options); });
    }

    Part& id() {
        app->add_option("ID", options->id, "Number of the note")->required();
        return *this;
    }
    Part& about() {
        app->add_option("--point", options->points, "A point it is about; repeatable");
        app->add_option("--twin", options->twins, "A twin it is about; repeatable");
        app->add_option("--path", options->paths, "A beginning of paths; repeatable");
        return *this;
    }
    Part& written(const char* to_help) {
        app->add_option("--from", options->from, "When it was; RFC 3339 or now-5m");
        app->add_option("--to", options->to, to_help);
        app->add_option("--tag", options->tags, "A tag; repeatable");
        return about();
    }
};

}  // namespace

std::function<Exit()> define_note(CLI::App& app) {
    app.require_subcommand(1);
    Defined defined;
    Part adding(app, defined, "add", "Write a note; about nothing: about the whole site", add);
    adding.app->add_option("TEXT", adding.options->text, "What there is to note; - for input")
        ->required();
    adding.written("The end of a range; default: a moment");
    Part listing(app, defined, "list", "List notes, the newest first", list);
    listing.about();
    auto& asked = *listing.options;
    listing.app->add_option("--from", asked.from, "Only what touches the time from here on");
    listing.app->add_option("--to", asked.to, "End, not included");
    listing.app->add_option("--tag", asked.tag, "With this tag only");
    listing.app->add_option("--author", asked.author, "Of this author only");
    listing.app->add_option("--search", asked.search, "Words that are all in it");
    listing.app->add_option("--limit", asked.limit, "Notes at most; default: all");
    listing.app->add_flag("--no-site", asked.no_site, "Without those about the whole site");
    Part(app, defined, "show", "Print a note as JSON", show).id();
    Part changing(app, defined, "change", "Change what is given of a note", change);
    changing.id().written("The end of a range; none: a moment");
    changing.app->add_option("--text", changing.options->text, "The new text; - for input");
    Part(app, defined, "delete", "Delete a note; for a while it can be brought back", remove).id();
    Part(app, defined, "restore", "Bring a deleted note back", restore).id();
    app.footer(
        "Examples:\n"
        "  headworks note add 'Filter 3 washed by hand' --twin works/filter3 --tag wash\n"
        "  headworks note add 'Power cut' --from 2026-11-27T06:10:00Z --to 2026-11-27T06:55:00Z\n"
        "  headworks note list --path works --from now-1d\n"
        "  headworks note delete 17");
    return [defined = std::move(defined)] {
        for (const auto& [part, act] : defined)
            if (part->parsed()) return act();
        return Exit::usage;
    };
}

}  // namespace hw::app

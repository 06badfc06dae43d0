#include "api/note_operations.h"

#include <fmt/format.h>

#include <charconv>
#include <functional>
#include <utility>

#include "api/adder.h"
#include "api/gateway_request.h"
#include "api/row_writer.h"
#include "api/search_words.h"
#include "base/json_writer.h"
#include "model/point_path.h"
#include "note/note_json.h"

namespace hw::api {

namespace {

using access::Principal;
using access::Role;
using note::Note;
using note::NoteQuery;

const std::vector<std::string> list_parameters = {"from", "to",    "point",  "twin",
                                                  "path", "site",  "tag",    "author",
                                                  "q",    "limit", "cursor", "format"};
constexpr size_t asked_limit = 256;  // points, twins and paths of one question, each

constexpr std::string_view schemas = R"json(
"Note":{"type":"object","required":["id","from","to","text","tags","points","twins","paths",
"author","created_at","updated_at","updated_by","revision","editable"],"properties":{
"id":{"type":"string"},"from":{"type":"string","format":"date-time"},
"to":{"type":["string","null"],"format":"date-time","description":"Null: a moment"},
"text":{"type":"string","description":"Plain text"},
"tags":{"type":"array","items":{"type":"string"}},
"points":{"type":"array","items":{"type":"string"},"description":"Points it is about"},
"twins":{"type":"array","items":{"type":"string"},"description":"Twins it is about"},
"paths":{"type":"array","items":{"type":"string"},
"description":"Beginnings of paths: all below them. No points, twins and paths: the whole site"},
"author":{"type":"string","description":"local where nobody has to sign in"},
"created_at":{"type":"string","format":"date-time"},
"updated_at":{"type":"string","format":"date-time"},"updated_by":{"type":"string"},
"revision":{"type":"integer"},
"editable":{"type":"boolean","description":"Whether the one who asks may change and delete it"}}},
"NoteSpec":{"type":"object","required":["text"],"properties":{
"from":{"type":"string","description":"RFC 3339 or now-5m; default now"},
"to":{"type":["string","null"]},"text":{"type":"string"},
"tags":{"type":"array","items":{"type":"string","maxLength":40},"maxItems":16},
"points":{"type":"array","items":{"type":"string"},"maxItems":64},
"twins":{"type":"array","items":{"type":"string"},"maxItems":64},
"paths":{"type":"array","items":{"type":"string"},"maxItems":64}},"additionalProperties":false},
"NotePatch":{"type":"object","properties":{"from":{"type":"string"},
"to":{"type":["string","null"]},"text":{"type":"string"},
"tags":{"type":["array","null"],"items":{"type":"string"}},
"points":{"type":["array","null"],"items":{"type":"string"}},
"twins":{"type":["array","null"],"items":{"type":"string"}},
"paths":{"type":["array","null"],"items":{"type":"string"}}},"additionalProperties":false},
"NoteList":{"type":"object","required":["items","next"],"properties":{"items":{"type":"array",
"items":{"$ref":"#/components/schemas/Note"}},"next":{"type":["string","null"]}}})json";

constexpr std::string_view errors =
    "400 application/problem+json Wrong, and what; "
    "403 application/problem+json Somebody else's, or outside the part one may touch; "
    "404 application/problem+json There is none; "
    "412 application/problem+json If-Match names another revision; "
    "422 application/problem+json As many as are kept";

void write_note(JsonWriter& json, const Note& note, const Principal& who) {
    json.begin_object();
    json.member("id", fmt::format("{}", note.id));
    note::write_note_members(json, note.spec);
    json.member("author", note.author);
    json.member("created_at", note.created);
    json.member("updated_at", note.changed);
    json.member("updated_by", note.changed_by);
    json.member("revision", note.revision);
    json.member("editable", note::Notes::may_change(note, who));
    json.end_object();
}

void append_csv_row(std::string& out, const Note& note) {
    const auto& spec = note.spec;
    out += fmt::format("{},{},{}", note.id, format_rfc3339(spec.from),
                       spec.to ? format_rfc3339(*spec.to) : "");
    for (const auto& text :
         {note.author, spec.text, fmt::format("{}", fmt::join(spec.tags, " ")),
          fmt::format("{}", fmt::join(spec.points, "\n")),
          fmt::format("{}", fmt::join(spec.twins, "\n")),
          fmt::format("{}", fmt::join(spec.paths, "\n")), format_rfc3339(note.created),
          format_rfc3339(note.changed), note.changed_by}) {
        out += ',';
        append_csv_text(out, text);
    }
    out += '\n';
}

void answer(Exchange& exchange, const Result<Note>& note, unsigned status = 200) {
    if (!note) {
        // Only another revision is a conflict here.
        if (note.error().code() == ErrorCode::conflict)
            return exchange.respond(problem(412, "conflict", note.error().text()));
        return exchange.fail(note.error());
    }
    std::string body;
    JsonWriter json(body);
    write_note(json, *note, exchange.principal());
    auto response = json_response(std::move(body), status);
    response.headers.emplace_back("etag", fmt::format("\"{}\"", note->revision));
    if (status == 201)
        response.headers.emplace_back("location", fmt::format("/api/v1/notes/{}", note->id));
    exchange.respond(std::move(response));
}

Result<int64_t> id_of(const Exchange& exchange) {
    const auto& text = exchange.place("id");
    int64_t id = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), id);
    if (error != std::errc() || end != text.data() + text.size() || id < 1)
        return hw::fail(ErrorCode::not_found,
                        fmt::format("there is no note '{}'; ids of notes are numbers",
                                    model::printable(text.substr(0, 40))));
    return id;
}

Result<note::Change> change_by(const Exchange& exchange) {
    auto change = change_of(exchange.request);
    HW_TRY(read_if_match(exchange.request, change));
    return note::Change{exchange.principal(), std::move(change.actor), std::move(change.origin),
                        change.revision};
}

Result<void> read_paths(const io::HttpRequest& request, std::string_view name,
                        std::vector<std::string>& out) {
    for (const auto& [key, value] : request.query) {
        if (key != name) continue;
        if (const auto checked = model::check_point_path(value); !checked)
            return hw::fail(checked.error().within(name));
        if (out.size() == asked_limit)
            return hw::fail(ErrorCode::invalid_argument,
                            fmt::format("'{}' stands there more than {} times; ask for the path "
                                        "they have in common",
                                        name, asked_limit));
        out.push_back(value);
    }
    return {};
}

Result<NoteQuery::Cursor> read_cursor(std::string_view cursor) {
    const std::string text = HW_TRY(decode_cursor(cursor));
    NoteQuery::Cursor read;
    const char* const end = text.data() + text.size();
    const auto first = std::from_chars(text.data(), end, read.from.ns);
    const bool parted = first.ec == std::errc() && first.ptr != end && *first.ptr == ' ';
    if (parted)
        if (const auto second = std::from_chars(first.ptr + 1, end, read.id);
            second.ec == std::errc() && second.ptr == end)
            return read;
    return hw::fail(ErrorCode::invalid_argument,
                    "the cursor is not of this list; pass 'next' unchanged");
}

// As long as it stays the same, so does the answer to this question by this person.
std::string list_etag(int64_t version, const NoteQuery& query, const Exchange& exchange) {
    const auto& who = exchange.principal();
    const std::string rest = fmt::format(
        "{} {} {} {} {} {}", query.from.value_or(Time{}).ns, query.to.value_or(Time{}).ns,
        exchange.request.target, access::to_string(who.role), who.scope, exchange.request.user);
    return fmt::format("\"{}-{:x}\"", version, std::hash<std::string>()(rest));
}

}  // namespace

std::string_view note_schemas() {
    return schemas;
}

void NoteOperations::add_to(std::vector<Operation>& operations) {
    Adder to(operations);
    const std::string base = "/api/v1/notes";
    const std::string one = base + "/{id}";
    to.add("GET", base, "listNotes", "Notes of people about a time, the newest first",
           "200 application/json#NoteList,application/x-ndjson,text/csv A page; "
           "304 - As If-None-Match has it; 400 application/problem+json Wrong, and what",
           [this](Exchange exchange) { list(std::move(exchange)); }, "", "",
           {{"from", "string", "Only what touches the time from here on; RFC 3339 or now-6h"},
            {"to", "string", "End, not included"},
            {"point", "string", "About this point or something above it; repeatable"},
            {"twin", "string", "About this twin, above or below it; repeatable"},
            {"path", "string", "About this path, above or below it; repeatable"},
            {"site", "boolean", "With those about the whole site; default true"},
            {"tag", "string", "With this tag only"},
            {"author", "string", "Of this author only"},
            {"q", "string", "Words that all are in the text, the tags or the author's name"},
            {"limit", "integer", "Notes at most"},
            {"cursor", "string", "'next' of the page before"},
            {"format", "string", "json (default), ndjson or csv"}});
    to.add("GET", one, "getNote", "A note", joined("200 application/json#Note The note; ", errors),
           [this](Exchange exchange) { get(std::move(exchange)); });
    to.add(
        "POST", base, "createNote", "Write a note",
        joined("201 application/json#Note The note; ", errors),
        [this](Exchange exchange) { create(std::move(exchange)); }, "application/json#NoteSpec",
        "The text; what it is about and of when");
    to.add(
        "PATCH", one, "patchNote", "Change members of a note (RFC 7396)",
        joined("200 application/json#Note The note; ", errors),
        [this](Exchange exchange) { patch(std::move(exchange)); },
        "application/merge-patch+json#NotePatch,application/json#NotePatch",
        "What shall change; If-Match guards it");
    to.add("DELETE", one, "deleteNote", "Delete a note; for a while it can be brought back",
           joined("204 - Deleted; ", errors),
           [this](Exchange exchange) { remove(std::move(exchange)); });
    to.add("POST", one + "/restore", "restoreNote", "Bring a deleted note back, as it was",
           joined("200 application/json#Note The note; ", errors),
           [this](Exchange exchange) { restore(std::move(exchange)); });
}

Result<NoteOperations::ListRequest> NoteOperations::read_list_request(
    const io::HttpRequest& request) const {
    ListRequest asked;
    auto& query = asked.query;
    HW_TRY(check_parameters(request, list_parameters));
    asked.format = HW_TRY(wanted_format(request));
    const Time now = rooms_.clock.now();
    query.from = HW_TRY(time_parameter(request, "from", now));
    query.to = HW_TRY(time_parameter(request, "to", now));
    HW_TRY(read_paths(request, "point", query.points));
    HW_TRY(read_paths(request, "twin", query.twins));
    HW_TRY(read_paths(request, "path", query.paths));
    query.site = HW_TRY(bool_parameter(request, "site")).value_or(true);
    query.tag = std::string(request.parameter("tag").value_or(""));
    query.author = std::string(request.parameter("author").value_or(""));
    auto words = HW_TRY(SearchWords::read(request.parameter("q").value_or("")));
    if (!words.none())
        query.also = [words = std::move(words)](const Note& note) {
            return words.match(note.spec.text,
                               fmt::format("{} {}", note.author, fmt::join(note.spec.tags, " ")));
        };
    query.limit = HW_TRY(number_parameter(request, "limit", 1, settings_.page_limit_max))
                      .value_or(settings_.page_limit_default);
    if (const auto cursor = request.parameter("cursor")) query.after = HW_TRY(read_cursor(*cursor));
    return asked;
}

void NoteOperations::list(Exchange exchange) const {
    if (refuse_accept(exchange)) return;
    const auto asked = read_list_request(exchange.request);
    if (!asked) return exchange.fail(asked.error());
    // Before the notes themselves: what changes in between makes the next answer a new one.
    const auto version = rooms_.notes.version();
    if (!version) return exchange.fail(version.error());
    const std::string etag = list_etag(*version, asked->query, exchange);
    if (exchange.request.header("if-none-match") == std::optional<std::string_view>(etag))
        return exchange.respond({304, {{"etag", etag}}, ""});
    const auto page = rooms_.notes.list(asked->query, exchange.principal());
    if (!page) return exchange.fail(page.error());
    const bool json = asked->format == Format::json;
    std::string body = json ? "{\"items\":[" : "";
    if (asked->format == Format::csv)
        body = "id,from,to,author,text,tags,points,twins,paths,created_at,updated_at,updated_by\n";
    for (size_t i = 0; i < page->notes.size(); ++i) {
        const auto& note = page->notes[i];
        if (asked->format == Format::csv) {
            append_csv_row(body, note);
            continue;
        }
        if (i > 0 && json) body += ",\n";
        JsonWriter writer(body);
        write_note(writer, note, exchange.principal());
        if (!json) body += '\n';
    }
    const std::string next =
        page->next ? encode_cursor(fmt::format("{} {}", page->next->from.ns, page->next->id)) : "";
    if (json)
        body += next.empty() ? "],\"next\":null}\n" : fmt::format("],\"next\":\"{}\"}}\n", next);
    io::HttpResponse response{200,
                              {{"content-type", std::string(content_type(asked->format))},
                               {"etag", etag},
                               {"cache-control", "private, no-cache"}},
                              std::move(body)};
    if (!next.empty()) response.headers.emplace_back("x-next-cursor", next);
    exchange.respond(std::move(response));
}

void NoteOperations::get(Exchange exchange) const {
    const auto id = id_of(exchange);
    if (!id) return exchange.fail(id.error());
    answer(exchange, rooms_.notes.get(*id, exchange.principal()));
}

void NoteOperations::create(Exchange exchange) {
    const auto change = change_by(exchange);
    if (!change) return exchange.fail(change.error());
    answer(exchange, rooms_.notes.create(exchange.request.body, *change), 201);
}

void NoteOperations::patch(Exchange exchange) {
    const auto change = change_by(exchange);
    if (!change) return exchange.fail(change.error());
    const auto id = id_of(exchange);
    if (!id) return exchange.fail(id.error());
    answer(exchange, rooms_.notes.patch(*id, exchange.request.body, *change));
}

void NoteOperations::remove(Exchange exchange) {
    const auto change = change_by(exchange);
    if (!change) return exchange.fail(change.error());
    const auto id = id_of(exchange);
    if (!id) return exchange.fail(id.error());
    if (const auto done = rooms_.notes.remove(*id, *change); !done) {
        if (done.error().code() == ErrorCode::conflict)
            return exchange.respond(problem(412, "conflict", done.error().text()));
        return exchange.fail(done.error());
    }
    exchange.respond({204, {}, ""});
}

void NoteOperations::restore(Exchange exchange) {
    const auto change = change_by(exchange);
    if (!change) return exchange.fail(change.error());
    const auto id = id_of(exchange);
    if (!id) return exchange.fail(id.error());
    answer(exchange, rooms_.notes.restore(*id, *change));
}

}  // namespace hw::api

#include "api/twin_operations.h"

#include <fmt/format.h>

#include <algorithm>

#include "api/gateway_request.h"
#include "base/json_writer.h"
#include "io/http_client.h"
#include "model/point_path.h"
#include "twin/model/wot.h"

namespace hw::api {

using twin::Scope;
using twin::Snapshot;
using twin::TwinState;

const std::vector<Parameter> scope_parameters = {
    {"filter", "string", "MQTT filter of the ids; default '#'"},
    {"model", "string", "Those of this model (DTMI) or one that extends it"},
    {"root", "string", "This twin and what is reached from it along relationships"},
    {"along", "string", "Names of the relationships to follow, by commas; default all"},
    {"incoming", "boolean", "Follow them against their direction"},
    {"depth", "integer", "How far from the root, from 0; default 64"}};

namespace {

constexpr size_t depth_limit = 1'000;

// Of a list: the scope's, and its own.
std::vector<std::string> list_parameter_names() {
    std::vector<std::string> names = {"at", "limit", "cursor", "values", "form", "format"};
    for (const auto& parameter : scope_parameters)
        names.emplace_back(parameter.name);
    return names;
}

std::vector<Parameter> list_parameters() {
    auto all = scope_parameters;
    all.push_back({"at", "string", "As it was at this time: RFC 3339, epoch or now-6h"});
    all.push_back({"values", "boolean", "With the properties' values; default true"});
    all.push_back({"form", "string", "twin (default), or dtdl: as Azure Digital Twins writes it"});
    all.push_back({"limit", "integer", "Rows in a page; default http.page_limit_default"});
    all.push_back({"cursor", "string", "The 'next' of the page before"});
    all.push_back({"format", "string", "json or ndjson; else by Accept"});
    return all;
}

std::vector<std::string> split(std::string_view text) {
    std::vector<std::string> parts;
    while (!text.empty()) {
        const size_t comma = text.find(',');
        parts.emplace_back(text.substr(0, comma));
        text = comma == std::string_view::npos ? std::string_view() : text.substr(comma + 1);
    }
    return parts;
}

Result<bool> wants_dtdl(const io::HttpRequest& request) {
    const auto form = request.parameter("form").value_or("twin");
    if (form != "twin" && form != "dtdl")
        return hw::fail(ErrorCode::invalid_argument,
                        fmt::format("form='{}' is neither twin nor dtdl", form));
    return form == "dtdl";
}

std::string twin_body(const TwinState& twin, bool dtdl) {
    std::string body;
    JsonWriter json(body);
    if (dtdl) {
        twin::write_dtdl_twin(json, twin);
    } else {
        twin::write_twin(json, twin);
    }
    return body;
}

std::string etag_of(const TwinState& twin) {
    return fmt::format("\"{}\"", twin.revision);
}

void answer(Exchange& exchange, const Result<TwinState>& twin, const twin::Change& change,
            unsigned status = 200, bool dtdl = false) {
    if (!twin) return refuse_twin(exchange, twin.error(), change);
    auto response = json_response(twin_body(*twin, dtdl), status);
    response.headers.emplace_back("etag", etag_of(*twin));
    if (status == 201)
        response.headers.emplace_back("location", "/api/v1/twins/" + io::percent_encode(twin->id));
    exchange.respond(std::move(response));
}

}  // namespace

Result<twin::Change> twin_change_of(const io::HttpRequest& request) {
    auto change = change_of(request);
    HW_TRY(read_if_match(request, change));
    return twin::Change{std::move(change.actor), std::move(change.origin), change.revision};
}

void refuse_twin(Exchange& exchange, const Error& error, const twin::Change& change) {
    if (change.revision && error.code() == ErrorCode::conflict)
        return exchange.respond(problem(412, to_string(error.code()), error.text()));
    exchange.fail(error);
}

Result<Scope> scope_of(const io::HttpRequest& request) {
    Scope scope;
    scope.filter = std::string(request.parameter("filter").value_or("#"));
    HW_TRY(model::check_filter(scope.filter));
    scope.model = std::string(request.parameter("model").value_or(""));
    scope.root = std::string(request.parameter("root").value_or(""));
    scope.along = split(request.parameter("along").value_or(""));
    scope.incoming = HW_TRY(bool_parameter(request, "incoming")).value_or(false);
    scope.depth = HW_TRY(number_parameter(request, "depth", 0, depth_limit)).value_or(scope.depth);
    return scope;
}

Result<Snapshot> TwinOperations::snapshot(const Scope& scope, std::optional<Time> at) const {
    return at ? rooms_.at(scope, *at) : rooms_.twins.snapshot(scope);
}

void TwinOperations::list(Exchange exchange) const {
    static const auto known = list_parameter_names();
    const auto& request = exchange.request;
    if (refuse_accept(exchange)) return;
    struct Asked {
        Scope scope;
        std::optional<Time> at;
        size_t limit;
        bool lines, dtdl;
    };
    const auto asked = [&]() -> Result<Asked> {
        HW_TRY(check_parameters(request, known));
        Asked out{HW_TRY(scope_of(request)), {}, 0, false, false};
        out.at = HW_TRY(time_parameter(request, "at", rooms_.clock.now()));
        out.limit = HW_TRY(number_parameter(request, "limit", 1, settings_.page_limit_max))
                        .value_or(settings_.page_limit_default);
        out.scope.limit = out.limit + 1;
        out.scope.after = HW_TRY(decode_cursor(request.parameter("cursor").value_or("")));
        out.scope.values = HW_TRY(bool_parameter(request, "values")).value_or(true);
        out.lines = HW_TRY(wanted_format(request)) == Format::ndjson;
        out.dtdl = HW_TRY(wants_dtdl(request));
        return out;
    }();
    if (!asked) return exchange.fail(asked.error());
    const auto found = snapshot(asked->scope, asked->at);
    if (!found) return exchange.fail(found.error());
    const size_t count = std::min(found->twins.size(), asked->limit);
    std::string next;
    if (count < found->twins.size()) next = encode_cursor(found->twins[count - 1].id);
    std::string body = asked->lines ? "" : "{\"items\":[";
    for (size_t i = 0; i < count; ++i) {
        if (i > 0 && !asked->lines) body += ",\n";
        body += twin_body(found->twins[i], asked->dtdl);
        if (asked->lines) body += '\n';
    }
    if (!asked->lines)
        body += next.empty() ? "],\"next\":null}\n" : fmt::format("],\"next\":\"{}\"}}\n", next);
    io::HttpResponse response{
        200,
        {{"content-type", asked->lines ? "application/x-ndjson" : "application/json"}},
        std::move(body)};
    if (!next.empty()) response.headers.emplace_back("x-next-cursor", next);
    exchange.respond(std::move(response));
}

void TwinOperations::get(Exchange exchange) const {
    const auto& request = exchange.request;
    if (auto known = check_parameters(request, std::vector<std::string>{"at", "form"}); !known)
        return exchange.fail(known.error());
    const auto at = time_parameter(request, "at", rooms_.clock.now());
    if (!at) return exchange.fail(at.error());
    const auto dtdl = wants_dtdl(request);
    if (!dtdl) return exchange.fail(dtdl.error());
    const auto& id = exchange.place("id");
    if (!*at) return answer(exchange, rooms_.twins.get(id), {}, 200, *dtdl);
    Scope scope;
    scope.filter = id;
    auto then = rooms_.at(scope, **at);
    if (!then) return exchange.fail(then.error());
    if (then->twins.empty() || then->twins.front().id != id)
        return exchange.fail(Error(ErrorCode::not_found, fmt::format("there was no twin '{}' at {}",
                                                                     id, format_rfc3339(**at))));
    answer(exchange, Result<TwinState>(std::move(then->twins.front())), {}, 200, *dtdl);
}

void TwinOperations::put(Exchange exchange) {
    const auto change = twin_change_of(exchange.request);
    if (!change) return exchange.fail(change.error());
    const auto& id = exchange.place("id");
    auto spec = twin::read_twin(exchange.request.body, id);
    if (!spec) return exchange.fail(spec.error());
    if (spec->id != id)
        return exchange.fail(
            Error(ErrorCode::invalid_argument,
                  fmt::format("the body is of twin '{}', the address of '{}'", spec->id, id)));
    bool created = false;
    const auto twin = rooms_.twins.put(std::move(*spec), *change, created);
    answer(exchange, twin, *change, created ? 201 : 200);
}

void TwinOperations::patch(Exchange exchange) {
    const auto change = twin_change_of(exchange.request);
    if (!change) return exchange.fail(change.error());
    answer(exchange, rooms_.twins.patch(exchange.place("id"), exchange.request.body, *change),
           *change);
}

void TwinOperations::remove(Exchange exchange) {
    const auto& request = exchange.request;
    if (auto known = check_parameters(request, std::vector<std::string>{"cascade"}); !known)
        return exchange.fail(known.error());
    const auto cascade = bool_parameter(request, "cascade");
    if (!cascade) return exchange.fail(cascade.error());
    const auto change = twin_change_of(request);
    if (!change) return exchange.fail(change.error());
    const auto removed =
        rooms_.twins.remove(exchange.place("id"), cascade->value_or(false), *change);
    if (!removed) return refuse_twin(exchange, removed.error(), *change);
    exchange.respond({204, {}, ""});
}

void TwinOperations::description(Exchange exchange) const {
    const auto spec = rooms_.twins.spec(exchange.place("id"));
    if (!spec) return exchange.fail(spec.error());
    std::string body;
    JsonWriter json(body);
    twin::write_spec(json, *spec);
    exchange.respond(json_response(std::move(body)));
}

void TwinOperations::thing(Exchange exchange) const {
    const auto state = rooms_.twins.get(exchange.place("id"));
    if (!state) return exchange.fail(state.error());
    const auto host = exchange.request.header("host").value_or("");
    exchange.respond({200,
                      {{"content-type", "application/td+json"}},
                      twin::thing_description_of(*state, fmt::format("http://{}", host))});
}

void TwinOperations::property(Exchange exchange) const {
    const auto& request = exchange.request;
    if (auto known = check_parameters(request, std::vector<std::string>{"at"}); !known)
        return exchange.fail(known.error());
    const auto at = time_parameter(request, "at", rooms_.clock.now());
    if (!at) return exchange.fail(at.error());
    const auto& id = exchange.place("id");
    const auto& path = exchange.place("path");
    twin::LiveValue live;
    if (!*at) {
        auto read = rooms_.twins.read(id, path);
        if (!read) return exchange.fail(read.error());
        live = std::move(*read);
    } else {
        Scope scope;
        scope.filter = id;
        const auto then = rooms_.at(scope, **at);
        if (!then) return exchange.fail(then.error());
        const auto* state = then->find(id);
        const auto* found = state != nullptr ? state->find(path) : nullptr;
        if (found == nullptr)
            return exchange.fail(
                Error(ErrorCode::not_found, fmt::format("twin '{}' had no property '{}' at {}", id,
                                                        path, format_rfc3339(**at))));
        live = found->live;
    }
    std::string body;
    JsonWriter json(body);
    twin::write_live(json, live);
    exchange.respond(json_response(std::move(body)));
}

void TwinOperations::versions(Exchange exchange) const {
    const auto versions = rooms_.twins.versions(exchange.place("id"));
    if (!versions) return exchange.fail(versions.error());
    std::string body;
    JsonWriter json(body);
    json.begin_object();
    json.key("items");
    json.begin_array();
    for (const auto& version : *versions) {
        json.begin_object();
        json.member("revision", version.revision);
        json.member("from", version.from);
        if (version.to) json.member("to", *version.to);
        json.member("actor", version.actor);
        json.key("description");
        twin::write_spec(json, version.spec);
        json.end_object();
    }
    json.end_array();
    json.end_object();
    exchange.respond(json_response(std::move(body)));
}

void TwinOperations::figures(Exchange exchange) const {
    const auto figures = rooms_.twins.figures();
    std::string body;
    JsonWriter json(body);
    json.begin_object();
    json.member("models", figures.models);
    json.member("twins", figures.twins);
    json.member("relationships", figures.relationships);
    json.member("slots", figures.slots);
    json.member("bound_slots", figures.bound_slots);
    json.member("derived_slots", figures.derived_slots);
    json.member("updates", figures.updates);
    json.member("derivations", figures.derivations);
    json.member("dropped", figures.dropped);
    json.member("queued_bytes", figures.queued_bytes);
    json.member("memory_bytes", figures.memory_bytes);
    json.end_object();
    exchange.respond(json_response(std::move(body)));
}

void TwinOperations::add_to(std::vector<Operation>& operations) {
    add_models(operations);
    add_twins(operations);
    add_relationships(operations);
    add_bulk(operations);
}

void TwinOperations::add_twins(std::vector<Operation>& operations) {
    const auto read = [&](std::string path, std::string_view id, std::string_view summary,
                          std::vector<Parameter> parameters, std::string responses,
                          void (TwinOperations::*run)(Exchange) const) {
        operations.push_back({"GET", std::move(path), id, summary, std::move(parameters), "", "",
                              std::move(responses), true, [this, run](Exchange exchange) {
                                  (this->*run)(std::move(exchange));
                              }});
    };
    const auto write = [&](std::string_view method, std::string_view id, std::string_view summary,
                           std::vector<Parameter> parameters, std::string_view body,
                           std::string_view body_help, std::string responses,
                           void (TwinOperations::*run)(Exchange)) {
        operations.push_back(
            {method, "/api/v1/twins/{id}", id, summary, std::move(parameters), body, body_help,
             std::move(responses), true,
             [this, run](Exchange exchange) { (this->*run)(std::move(exchange)); }});
    };
    const std::string one = "/api/v1/twins/{id}";
    const std::string none = "404 application/problem+json No such twin";
    const std::string wrong =
        "400 application/problem+json It does not fit its model, and why; "
        "404 application/problem+json No such twin or model; "
        "412 application/problem+json If-Match names another revision";
    read("/api/v1/twins", "listTwins", "Twins with their values, in order of their ids",
         list_parameters(), "200 application/json#TwinList,application/x-ndjson A page",
         &TwinOperations::list);
    read(one, "getTwin", "A twin as it is, or as it was",
         {{"at", "string", "As it was at this time: RFC 3339, epoch or now-6h"},
          {"form", "string", "twin (default), or dtdl: as Azure Digital Twins writes it"}},
         "200 application/json#Twin The twin, ETag is its revision; " + none, &TwinOperations::get);
    write("PUT", "putTwin", "Create or replace a twin's description", {},
          "application/json#TwinSpec", "The whole description; If-Match guards it",
          "200 application/json#Twin Replaced; 201 application/json#Twin Created; " + wrong,
          &TwinOperations::put);
    write("PATCH", "patchTwin", "Change members of a twin's description (RFC 7396)", {},
          "application/merge-patch+json#TwinSpec,application/json#TwinSpec",
          "Members to change; null removes them", "200 application/json#Twin The twin; " + wrong,
          &TwinOperations::patch);
    write("DELETE", "deleteTwin", "Remove a twin; its values stay in history",
          {{"cascade", "boolean", "Remove its relationships too; default false"}}, "", "",
          "204 - Removed; 409 application/problem+json It has relationships; "
          "412 application/problem+json If-Match names another revision; " +
              none,
          &TwinOperations::remove);
    read(one + "/description", "getTwinDescription",
         "What PUT takes: model, fixed values, bindings", {},
         "200 application/json#TwinSpec The description; " + none, &TwinOperations::description);
    read(one + "/thing", "getThingDescription", "A W3C WoT Thing Description of the twin", {},
         "200 application/td+json The Thing Description; " + none, &TwinOperations::thing);
    read(one + "/properties/{path}", "getTwinProperty", "One value, with its time and quality",
         {{"at", "string", "As it was at this time"}},
         "200 application/json#TwinValue The value; " + none, &TwinOperations::property);
    read(one + "/versions", "listTwinVersions", "Descriptions of a twin, newest first", {},
         "200 application/json#TwinVersionList Them, with the times between which they held; " +
             none,
         &TwinOperations::versions);
    read("/api/v1/twin/figures", "getTwinFigures", "Counts of twins, updates and memory", {},
         "200 application/json#TwinFigures The counts", &TwinOperations::figures);
}

}  // namespace hw::api

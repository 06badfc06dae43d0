// Models of twins: DTDL in and out, the library.

#include <fmt/format.h>

#include <algorithm>

#include "api/twin_operations.h"
#include "base/embedded.h"
#include "base/json_writer.h"
#include "twin/model/library.h"
#include "twin/model/wot.h"

namespace hw::api {

using twin::Content;
using twin::ContentKind;
using twin::Interface;

namespace {

const std::vector<std::string> list_parameters = {"extends", "language", "limit", "cursor"};
constexpr std::string_view language_help =
    "Language of texts for people, as en or zh; else, and where a model has none in it, English";
const std::vector<std::string> model_parameters = {"resolved", "language"};

// What a model or one of its contents is called, in a language where it has it.
template <class T>
std::string_view name_of(const T& one, std::string_view language) {
    return twin::text_in(language, one.display_name, one.display_names);
}

template <class T>
std::string_view description_of(const T& one, std::string_view language) {
    return twin::text_in(language, one.description, one.descriptions);
}

void write_summary(JsonWriter& json, const Interface& model, std::string_view language) {
    json.begin_object();
    json.member("id", model.id);
    json.member("displayName", name_of(model, language));
    json.member("description", description_of(model, language));
    json.key("extends");
    json.begin_array();
    for (const auto& base : model.extends)
        json.value(base);
    json.end_array();
    json.member("contents", model.contents.size());
    json.member("slots", model.slots.size());
    json.end_object();
}

void write_slot(JsonWriter& json, const twin::Slot& slot, std::string_view language) {
    const Content& content = *slot.content;
    json.begin_object();
    json.member("path", slot.path);
    json.member("kind", twin::to_string(content.kind));
    json.member("schema", twin::to_string(content.schema->kind));
    json.member("displayName", name_of(content, language));
    if (!content.description.empty()) json.member("description", description_of(content, language));
    if (!content.unit.empty()) {
        json.member("unit", twin::unit_symbol(content.unit));
        json.member("dtdlUnit", content.unit);
    }
    if (content.writable) json.member("writable", true);
    if (content.fixed) json.member("fixed", true);
    if (!content.point.empty()) json.member("point", content.point);
    if (!content.expression.empty()) json.member("expression", content.expression);
    if (content.historized) json.member("historized", true);
    if (content.stale_after.ns > 0) json.member("staleAfter", format_duration(content.stale_after));
    if (content.minimum) json.member("minimum", *content.minimum);
    if (content.maximum) json.member("maximum", *content.maximum);
    json.member("definedIn", content.defined_in);
    json.end_object();
}

void write_payload(JsonWriter& json, std::string_view name,
                   const std::optional<twin::CommandPayload>& payload) {
    if (!payload) return;
    json.key(name);
    json.begin_object();
    json.member("name", payload->name);
    json.member("schema", twin::to_string(payload->schema->kind));
    json.member("nullable", payload->nullable);
    json.end_object();
}

void write_contents(JsonWriter& json, const Interface& model, ContentKind kind,
                    std::string_view language) {
    json.begin_array();
    for (const auto& content : model.contents) {
        if (content.kind != kind) continue;
        json.begin_object();
        json.member("name", content.name);
        json.member("displayName", name_of(content, language));
        if (!content.description.empty())
            json.member("description", description_of(content, language));
        if (kind == ContentKind::relationship) {
            json.member("target", content.target);
            if (content.max_multiplicity > 0)
                json.member("maxMultiplicity", content.max_multiplicity);
        }
        if (kind == ContentKind::component) json.member("schema", content.component);
        write_payload(json, "request", content.request);
        write_payload(json, "response", content.response);
        json.member("definedIn", content.defined_in);
        json.end_object();
    }
    json.end_array();
}

// All that is inherited in one view, for those who draw forms.
std::string resolved_body(const Interface& model, std::string_view language) {
    std::string body;
    JsonWriter json(body);
    json.begin_object();
    json.member("id", model.id);
    json.member("displayName", name_of(model, language));
    json.member("description", description_of(model, language));
    json.key("ancestors");
    json.begin_array();
    for (const auto& ancestor : model.ancestors)
        json.value(ancestor);
    json.end_array();
    json.key("slots");
    json.begin_array();
    for (const auto& slot : model.slots)
        write_slot(json, slot, language);
    json.end_array();
    json.key("relationships");
    write_contents(json, model, ContentKind::relationship, language);
    json.key("commands");
    write_contents(json, model, ContentKind::command, language);
    json.key("components");
    write_contents(json, model, ContentKind::component, language);
    json.end_object();
    return body;
}

std::string_view to_string(twin::ModelChange::What what) {
    switch (what) {
        case twin::ModelChange::What::created:
            return "created";
        case twin::ModelChange::What::updated:
            return "updated";
        case twin::ModelChange::What::unchanged:
            return "unchanged";
    }
    HW_UNREACHABLE();
}

void write_flaws(JsonWriter& json, const std::vector<twin::ModelFlaw>& flaws) {
    json.key("errors");
    json.begin_array();
    for (const auto& flaw : flaws) {
        json.begin_object();
        json.member("document", flaw.document);
        json.member("line", flaw.line);
        json.member("column", flaw.column);
        json.member("field", flaw.path);
        json.member("element", flaw.element);
        json.member("text", flaw.text);
        json.end_object();
    }
    json.end_array();
}

void refuse_models(Exchange& exchange, const Error& error,
                   const std::vector<twin::ModelFlaw>& flaws) {
    if (flaws.empty()) return exchange.fail(error);
    std::string body;
    JsonWriter json(body);
    json.begin_object();
    json.member("type", "about:blank");
    json.member("title", "Unprocessable Content");
    json.member("status", 422);
    json.member("code", to_string(error.code()));
    json.member("detail", error.text());
    write_flaws(json, flaws);
    json.end_object();
    exchange.respond({422, {{"content-type", "application/problem+json"}}, std::move(body)});
}

Result<std::string> language_parameter(const io::HttpRequest& request) {
    const auto language = request.parameter("language").value_or("");
    if (!language.empty() && !twin::is_language(language))
        return fail(ErrorCode::invalid_argument,
                    fmt::format("'language' must be a tag such as en, zh or zh-Hans, not '{}'",
                                language.substr(0, 100)));
    return std::string(language);
}

bool is_thing_model(std::string_view media) {
    return media.find("application/tm+json") != std::string_view::npos;
}

}  // namespace

void TwinOperations::list_models(Exchange exchange) const {
    const auto& request = exchange.request;
    if (auto known = check_parameters(request, list_parameters); !known)
        return exchange.fail(known.error());
    const auto limit = number_parameter(request, "limit", 1, settings_.page_limit_max);
    if (!limit) return exchange.fail(limit.error());
    const auto after = decode_cursor(request.parameter("cursor").value_or(""));
    if (!after) return exchange.fail(after.error());
    const auto language = language_parameter(request);
    if (!language) return exchange.fail(language.error());
    const auto extends = request.parameter("extends");
    const auto models = rooms_.twins.models();
    std::string body = "{\"items\":[";
    std::string next, last;
    size_t rows = 0;
    for (auto at = models->all().upper_bound(*after); at != models->all().end(); ++at) {
        if (extends && !at->second->is_a(*extends)) continue;
        if (rows == limit->value_or(settings_.page_limit_default)) {
            next = encode_cursor(last);
            break;
        }
        if (rows++ > 0) body += ",\n";
        last = at->first;
        JsonWriter json(body);
        write_summary(json, *at->second, *language);
    }
    body += next.empty() ? "],\"next\":null}\n" : fmt::format("],\"next\":\"{}\"}}\n", next);
    exchange.respond(json_response(std::move(body)));
}

void TwinOperations::get_model(Exchange exchange) const {
    const auto& request = exchange.request;
    if (auto known = check_parameters(request, model_parameters); !known)
        return exchange.fail(known.error());
    const auto resolved = bool_parameter(request, "resolved");
    if (!resolved) return exchange.fail(resolved.error());
    const auto language = language_parameter(request);
    if (!language) return exchange.fail(language.error());
    const auto model = rooms_.twins.models()->get(exchange.place("id"));
    if (!model) return exchange.fail(model.error());
    if (resolved->value_or(false))
        return exchange.respond(json_response(resolved_body(**model, *language)));
    if (is_thing_model(request.header("accept").value_or("")))
        return exchange.respond(
            {200, {{"content-type", "application/tm+json"}}, twin::thing_model_of(**model).json});
    exchange.respond(json_response((*model)->json));
}

void TwinOperations::answer_put(Exchange& exchange, std::span<const std::string_view> documents,
                                std::span<const std::string> warnings) {
    const auto change = twin_change_of(exchange.request);
    if (!change) return exchange.fail(change.error());
    std::vector<twin::ModelFlaw> flaws;
    const auto changes = rooms_.twins.put_models(documents, *change, flaws);
    if (!changes) return refuse_models(exchange, changes.error(), flaws);
    std::string body;
    JsonWriter json(body);
    json.begin_object();
    json.key("items");
    json.begin_array();
    for (const auto& one : *changes) {
        json.begin_object();
        json.member("id", one.id);
        json.member("result", to_string(one.what));
        json.end_object();
    }
    json.end_array();
    if (!warnings.empty()) {
        json.key("warnings");
        json.begin_array();
        for (const auto& warning : warnings)
            json.value(warning);
        json.end_array();
    }
    json.end_object();
    exchange.respond(json_response(std::move(body)));
}

void TwinOperations::put_models(Exchange exchange) {
    std::string_view document = exchange.request.body;
    if (!is_thing_model(exchange.request.header("content-type").value_or("")))
        return answer_put(exchange, {&document, 1}, {});
    const auto read = twin::interface_of_thing_model(document);
    if (!read) return exchange.fail(read.error());
    document = read->json;
    answer_put(exchange, {&document, 1}, read->warnings);
}

void TwinOperations::validate_models(Exchange exchange) const {
    const std::string_view document = exchange.request.body;
    std::vector<twin::ModelFlaw> flaws;
    const auto made = rooms_.twins.models()->with({&document, 1}, flaws);
    if (!made)
        return refuse_models(
            exchange,
            Error(ErrorCode::invalid_argument,
                  flaws.empty() ? "the models are not sound" : flaws.front().full_text()),
            flaws);
    exchange.respond(json_response("{\"valid\":true}\n"));
}

void TwinOperations::remove_model(Exchange exchange) {
    const auto change = twin_change_of(exchange.request);
    if (!change) return exchange.fail(change.error());
    if (auto removed = rooms_.twins.remove_model(exchange.place("id"), *change); !removed)
        return exchange.fail(removed.error());
    exchange.respond({204, {}, ""});
}

void TwinOperations::library(Exchange exchange) const {
    std::string body = "[";
    for (const std::string_view document : twin::model_library()) {
        if (body.size() > 1) body += ",\n";
        body += document;
    }
    exchange.respond(json_response(body + "]\n"));
}

void TwinOperations::install_library(Exchange exchange) {
    answer_put(exchange, twin::model_library(), {});
}

void TwinOperations::add_models(std::vector<Operation>& operations) {
    const auto add = [&](std::string_view method, std::string path, std::string_view id,
                         std::string_view summary, std::vector<Parameter> parameters,
                         std::string_view body, std::string_view body_help, std::string responses,
                         void (TwinOperations::*run)(Exchange)) {
        operations.push_back(
            {method, std::move(path), id, summary, std::move(parameters), body, body_help,
             std::move(responses), true,
             [this, run](Exchange exchange) { (this->*run)(std::move(exchange)); }});
    };
    const auto read = [&](std::string path, std::string_view id, std::string_view summary,
                          std::vector<Parameter> parameters, std::string responses,
                          void (TwinOperations::*run)(Exchange) const) {
        operations.push_back({"GET", std::move(path), id, summary, std::move(parameters), "", "",
                              std::move(responses), true, [this, run](Exchange exchange) {
                                  (this->*run)(std::move(exchange));
                              }});
    };
    const std::string base = "/api/v1/twin/models";
    const std::string flaws =
        "422 application/problem+json#ModelProblem What is wrong, by line and path; nothing was "
        "taken; 409 application/problem+json In use, or there already and different";
    read(base, "listModels", "Models (DTDL interfaces) in order of their DTMIs",
         {{"extends", "string", "Those that are, or extend, this DTMI"},
          {"language", "string", language_help},
          {"limit", "integer", "Rows in a page; default http.page_limit_default"},
          {"cursor", "string", "The 'next' of the page before"}},
         "200 application/json#ModelList A page", &TwinOperations::list_models);
    add("PUT", base, "putModels", "Take DTDL v3 interfaces, or a W3C WoT Thing Model, all or none",
        {}, "application/json,application/tm+json", "One interface or an array of them",
        "200 application/json#ModelChanges What became of each; " + flaws,
        &TwinOperations::put_models);
    operations.push_back({"POST",
                          base + "/validate",
                          "validateModels",
                          "Check DTDL v3 interfaces, take nothing",
                          {},
                          "application/json",
                          "One interface or an array of them",
                          "200 application/json They are sound; " + flaws,
                          true,
                          [this](Exchange exchange) { validate_models(std::move(exchange)); }});
    read(base + "/{id}", "getModel",
         "A model as it was given; Accept application/tm+json gives a WoT Thing Model",
         {{"resolved", "boolean", "With all that it inherits, for forms"},
          {"language", "string", language_help}},
         "200 application/json,application/tm+json The model; 404 application/problem+json No "
         "such model",
         &TwinOperations::get_model);
    add("DELETE", base + "/{id}", "deleteModel", "Remove a model that nothing uses", {}, "", "",
        "204 - Removed; 404 application/problem+json No such model; 409 application/problem+json "
        "Twins or models use it",
        &TwinOperations::remove_model);
    read("/api/v1/twin/library", "getModelLibrary", "The models for water that come with Headworks",
         {}, "200 application/json The interfaces", &TwinOperations::library);
    add("POST", "/api/v1/twin/library/install", "installModelLibrary",
        "Take the models for water; again changes nothing", {}, "", "",
        "200 application/json#ModelChanges What became of each; " + flaws,
        &TwinOperations::install_library);
}

}  // namespace hw::api

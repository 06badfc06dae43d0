#include <fmt/format.h>

#include <map>

#include "api/conditions.h"
#include "api/operations.h"
#include "api/router.h"
#include "base/json_writer.h"

namespace hw::api {

namespace {

// {"application/json":{"schema":{"$ref":...}},"text/csv":{}} of "application/json#Device,text/csv".
void write_content(JsonWriter& json, std::string_view media) {
    json.begin_object();
    for (std::string_view rest = media; !rest.empty();) {
        const size_t comma = rest.find(',');
        const auto one = rest.substr(0, comma);
        rest = comma == std::string_view::npos ? std::string_view() : rest.substr(comma + 1);
        const size_t mark = one.find('#');
        const auto type = one.substr(0, mark);
        auto schema = mark == std::string_view::npos ? std::string_view() : one.substr(mark + 1);
        if (schema.empty() && type == "application/problem+json") schema = "Problem";
        json.key(type);
        json.begin_object();
        if (!schema.empty()) {
            json.key("schema");
            json.begin_object();
            json.member("$ref", fmt::format("#/components/schemas/{}", schema));
            json.end_object();
        }
        json.end_object();
    }
    json.end_object();
}

bool has_status(std::string_view responses, std::string_view status) {
    return responses.starts_with(std::string(status) + " ") ||
           responses.find(fmt::format("; {} ", status)) != std::string_view::npos;
}

// "200 application/json What; 404 application/problem+json Why": status, media types ('-' for no
// body), description.
void write_refusal(JsonWriter& json, std::string_view status, std::string_view why) {
    json.key(status);
    json.begin_object();
    json.member("description", why);
    json.key("content");
    write_content(json, "application/problem+json");
    json.end_object();
}

void write_responses(JsonWriter& json, const Operation& operation) {
    std::string_view text = operation.responses;
    json.key("responses");
    json.begin_object();
    if (!operation.open && !has_status(text, "401")) write_refusal(json, "401", "Not signed in");
    if (!operation.open && !has_status(text, "403"))
        write_refusal(json, "403", "The role or the scope does not reach so far");
    while (!text.empty()) {
        const size_t semicolon = text.find("; ");
        const auto one = text.substr(0, semicolon);
        text =
            semicolon == std::string_view::npos ? std::string_view() : text.substr(semicolon + 2);
        const size_t first = one.find(' ');
        const size_t second = one.find(' ', first + 1);
        const auto media = one.substr(first + 1, second - first - 1);
        json.key(one.substr(0, first));
        json.begin_object();
        json.member("description", one.substr(second + 1));
        if (media != "-") {
            json.key("content");
            write_content(json, media);
        }
        json.end_object();
    }
    json.end_object();
}

void write_parameter(JsonWriter& json, const Parameter& parameter, std::string_view where) {
    json.begin_object();
    json.member("name", parameter.name);
    json.member("in", where);
    json.member("description", parameter.help);
    json.member("required", parameter.required);
    json.key("schema");
    json.begin_object();
    json.member("type", parameter.type);
    json.end_object();
    json.end_object();
}

std::string_view place_help(std::string_view name) {
    if (name == "path") return "Path of the point; '/' may also be written %2F";
    if (name == "group") return "Name of the group";
    if (name == "tag") return "Name of the tag";
    if (name == "id") return "Id; '/' may also be written %2F";
    if (name == "version") return "Number of the version, from 1";
    return "Name; '/' may also be written %2F";
}

void write_parameters(JsonWriter& json, const Operation& operation) {
    const auto places = place_names(operation.path);
    const bool match = takes_if_match(operation);
    const bool none_match = takes_if_none_match(operation);
    if (operation.parameters.empty() && places.empty() && !match && !none_match) return;
    json.key("parameters");
    json.begin_array();
    for (const auto place : places)
        write_parameter(json, {place, "string", place_help(place), true}, "path");
    for (const auto& parameter : operation.parameters)
        write_parameter(json, parameter, "query");
    if (match)
        write_parameter(json, {"If-Match", "string", "The ETag that was read: else 412"}, "header");
    if (none_match)
        write_parameter(json, {"If-None-Match", "string", "*: create only, 412 where it exists"},
                        "header");
    json.end_array();
}

void write_operation(JsonWriter& json, const Operation& operation) {
    json.begin_object();
    json.member("operationId", operation.id);
    json.member("summary", operation.summary);
    write_parameters(json, operation);
    if (!operation.body.empty()) {
        json.key("requestBody");
        json.begin_object();
        json.member("required", true);
        json.member("description", operation.body_help);
        json.key("content");
        write_content(json, operation.body);
        json.end_object();
    }
    write_responses(json, operation);
    json.key("security");
    json.begin_array();
    if (!operation.open)
        for (const std::string_view way : {"cookie", "bearer", "apiKey"}) {
            json.begin_object();
            json.key(way);
            json.begin_array();
            json.end_array();
            json.end_object();
        }
    json.end_array();
    json.member("x-required-role", operation.open ? "none" : access::to_string(role_of(operation)));
    json.end_object();
}

std::string lower(std::string_view text) {
    std::string out(text);
    for (char& c : out)
        c = static_cast<char>(c >= 'A' && c <= 'Z' ? c - 'A' + 'a' : c);
    return out;
}

}  // namespace

std::string openapi_json(const std::vector<Operation>& operations,
                         const std::vector<Extension>& extensions, std::string_view version) {
    std::map<std::string_view, std::vector<const Operation*>> paths;
    for (const auto& operation : operations)
        paths[operation.path].push_back(&operation);
    std::string out;
    JsonWriter json(out);
    json.begin_object();
    json.member("openapi", "3.1.0");
    json.key("info");
    json.begin_object();
    json.member("title", "Headworks");
    json.member("version", version);
    json.member("description",
                "Points, history, live samples, devices and rules of a Headworks server. Errors "
                "are problem "
                "details (RFC 9457). Times are RFC 3339 in UTC; parameters also take epoch numbers "
                "and relative times such as now-6h.");
    json.end_object();
    json.key("paths");
    json.begin_object();
    for (const auto& [path, list] : paths) {
        json.key(path);
        json.begin_object();
        for (const auto* operation : list) {
            json.key(lower(operation->method));
            write_operation(json, *operation);
        }
        json.end_object();
    }
    json.end_object();
    json.key("components");
    json.begin_object();
    json.key("schemas");
    std::string schemas =
        fmt::format("{},{},{}", openapi_schemas(), rules_schemas(), access_schemas());
    for (const auto& extension : extensions)
        if (!extension.schemas.empty()) schemas.append(",").append(extension.schemas);
    std::erase(schemas, '\n');
    json.raw(fmt::format("{{{}}}", schemas));
    json.key("securitySchemes");
    json.raw(R"({"cookie":{"type":"apiKey","in":"cookie","name":"headworks_session","description":)"
             R"("By POST /api/v1/session; changes also need the header X-CSRF-Token"},)"
             R"("bearer":{"type":"http","scheme":"bearer","description":"An API key"},)"
             R"("apiKey":{"type":"apiKey","in":"header","name":"X-API-Key"}})");
    json.end_object();
    json.end_object();
    return out;
}

}  // namespace hw::api

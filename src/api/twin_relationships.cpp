// Relationships between twins.

#include <fmt/format.h>

#include "api/twin_operations.h"
#include "base/json_writer.h"
#include "sql/json.h"

namespace hw::api {

namespace {

const std::vector<std::string> list_parameters = {"direction", "name", "limit", "cursor"};

// {"properties":{...}} or nothing.
Result<sql::Datum> read_properties(std::string_view body) {
    if (body.find_first_not_of(" \t\r\n") == std::string_view::npos) return sql::Datum::object({});
    sql::JsonReader reader;
    const auto read = HW_TRY(reader.read(body));
    if (!read.is_object())
        return hw::fail(ErrorCode::invalid_argument,
                        "the body is no JSON object; write {\"properties\":{...}}");
    for (const auto& member : read.members())
        if (member.key.as_text() != "properties")
            return hw::fail(ErrorCode::invalid_argument,
                            fmt::format("'{}' is no member of a relationship; it has properties",
                                        member.key.as_text()));
    const auto* properties = read.find("properties");
    if (properties == nullptr) return sql::Datum::object({});
    if (!properties->is_object())
        return hw::fail(ErrorCode::invalid_argument, "'properties' is no JSON object");
    return *properties;
}

std::string body_of(const twin::RelationshipSpec& relationship) {
    std::string body;
    JsonWriter json(body);
    twin::write_relationship(json, relationship);
    return body;
}

}  // namespace

void TwinOperations::list_relationships(Exchange exchange) const {
    const auto& request = exchange.request;
    struct Asked {
        twin::RelationshipQuery query;
        size_t limit;
    };
    const auto asked = [&]() -> Result<Asked> {
        HW_TRY(check_parameters(request, list_parameters));
        Asked out;
        out.query.twin = exchange.place("id");
        const auto direction = request.parameter("direction").value_or("outgoing");
        if (direction != "outgoing" && direction != "incoming")
            return hw::fail(
                ErrorCode::invalid_argument,
                fmt::format("direction='{}' is neither outgoing nor incoming", direction));
        out.query.incoming = direction == "incoming";
        out.query.name = std::string(request.parameter("name").value_or(""));
        out.limit = HW_TRY(number_parameter(request, "limit", 1, settings_.page_limit_max))
                        .value_or(settings_.page_limit_default);
        out.query.limit = out.limit + 1;
        out.query.after = HW_TRY(decode_cursor(request.parameter("cursor").value_or("")));
        return out;
    }();
    if (!asked) return exchange.fail(asked.error());
    const auto found = rooms_.twins.relationships(asked->query);
    if (!found) return exchange.fail(found.error());
    const size_t count = std::min(found->size(), asked->limit);
    std::string next;
    if (count < found->size()) {
        const auto& last = (*found)[count - 1];
        std::string cursor = last.name;
        cursor += '\0';
        cursor += asked->query.incoming ? last.source : last.target;
        next = encode_cursor(cursor);
    }
    std::string body = "{\"items\":[";
    for (size_t i = 0; i < count; ++i) {
        if (i > 0) body += ",\n";
        body += body_of((*found)[i]);
    }
    body += next.empty() ? "],\"next\":null}\n" : fmt::format("],\"next\":\"{}\"}}\n", next);
    exchange.respond(json_response(std::move(body)));
}

void TwinOperations::get_relationship(Exchange exchange) const {
    twin::RelationshipQuery query;
    query.twin = exchange.place("id");
    query.name = exchange.place("name");
    const auto& target = exchange.place("target");
    // The page begins right before it: a twin may have a million of them.
    query.after = query.name;
    query.after += '\0';
    query.after += target.substr(0, target.size() - 1);
    query.limit = 16;
    while (true) {
        const auto found = rooms_.twins.relationships(query);
        if (!found) return exchange.fail(found.error());
        for (const auto& one : *found)
            if (one.target == target) return exchange.respond(json_response(body_of(one)));
        if (found->size() < query.limit || found->back().target > target) break;
        query.after = query.name + '\0' + found->back().target;
    }
    exchange.fail(Error(
        ErrorCode::not_found,
        fmt::format("twin '{}' has no relationship '{}' to '{}'", query.twin, query.name, target)));
}

void TwinOperations::put_relationship(Exchange exchange) {
    const auto change = twin_change_of(exchange.request);
    if (!change) return exchange.fail(change.error());
    auto own = read_properties(exchange.request.body);
    if (!own) return exchange.fail(own.error());
    twin::RelationshipSpec spec{exchange.place("id"), exchange.place("name"),
                                exchange.place("target"), std::move(*own)};
    const std::string body = body_of(spec);
    bool created = false;
    if (auto put = rooms_.twins.put_relationship(std::move(spec), *change, created); !put)
        return exchange.fail(put.error());
    exchange.respond(json_response(body, created ? 201 : 200));
}

void TwinOperations::remove_relationship(Exchange exchange) {
    const auto change = twin_change_of(exchange.request);
    if (!change) return exchange.fail(change.error());
    const auto removed = rooms_.twins.remove_relationship(
        exchange.place("id"), exchange.place("name"), exchange.place("target"), *change);
    if (!removed) return exchange.fail(removed.error());
    exchange.respond({204, {}, ""});
}

void TwinOperations::add_relationships(std::vector<Operation>& operations) {
    const std::string all = "/api/v1/twins/{id}/relationships";
    const std::string one = all + "/{name}/{target}";
    const std::string none = "404 application/problem+json No such twin or relationship";
    const auto add = [&](std::string_view method, std::string path, std::string_view id,
                         std::string_view summary, std::vector<Parameter> parameters,
                         std::string_view body, std::string responses, auto run) {
        operations.push_back(
            {method, std::move(path), id, summary, std::move(parameters), body,
             body.empty() ? "" : "Its properties; may be empty", std::move(responses), true,
             [this, run](Exchange exchange) { (this->*run)(std::move(exchange)); }});
    };
    add("GET", all, "listRelationships", "Relationships of a twin, by name and other end",
        {{"direction", "string", "outgoing (default) or incoming"},
         {"name", "string", "Of this name only"},
         {"limit", "integer", "Rows in a page; default http.page_limit_default"},
         {"cursor", "string", "The 'next' of the page before"}},
        "", "200 application/json#RelationshipList A page; " + none,
        &TwinOperations::list_relationships);
    add("GET", one, "getRelationship", "One relationship with its properties", {}, "",
        "200 application/json#Relationship The relationship; " + none,
        &TwinOperations::get_relationship);
    add("PUT", one, "putRelationship", "Relate a twin to another, or change how", {},
        "application/json#RelationshipProperties",
        "200 application/json#Relationship Changed; 201 application/json#Relationship Created; "
        "400 application/problem+json The model does not allow it, and why; " +
            none,
        &TwinOperations::put_relationship);
    add("DELETE", one, "deleteRelationship", "Remove a relationship", {}, "",
        "204 - Removed; " + none, &TwinOperations::remove_relationship);
}

}  // namespace hw::api

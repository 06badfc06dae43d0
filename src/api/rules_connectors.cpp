// Streams, tables and connections.

#include <fmt/format.h>

#include "api/answers.h"
#include "api/rules_operations.h"
#include "base/json_writer.h"
#include "rules/rule_json.h"
#include "sql/json.h"

namespace hw::api {

namespace {

void write_stream(JsonWriter& json, const rules::StreamSpec& stream) {
    json.begin_object();
    json.member("name", stream.name);
    json.member("table", stream.table);
    json.member("sql", stream.sql);
    json.end_object();
}

void write_connector(JsonWriter& json, const rules::ConnectorSpec& connector) {
    json.begin_object();
    rules::write_connector_members(json, connector, true);
    json.end_object();
}

void write_properties(JsonWriter& json, std::string_view name,
                      std::span<const Property> properties) {
    json.key(name);
    json.begin_array();
    for (const auto& property : properties) {
        json.begin_object();
        json.member("name", property.key);
        json.member("type", to_string(property.type));
        json.member("default", property.default_value);
        json.member("help", property.help);
        if (!property.choices.empty()) json.member("choices", property.choices);
        if (property.least < property.most) {
            json.member("minimum", property.least);
            json.member("maximum", property.most);
        }
        json.end_object();
    }
    json.end_array();
}

void write_kind(JsonWriter& json, const connector::Kind& kind) {
    json.begin_object();
    json.member("kind", kind.name);
    json.member("title", kind.title);
    json.member("help", kind.help);
    write_properties(json, "connection", kind.connection);
    if (kind.make_sink != nullptr) write_properties(json, "action", kind.sink);
    if (kind.make_source != nullptr) write_properties(json, "source", kind.source);
    if (kind.make_lookup != nullptr) write_properties(json, "table", kind.lookup);
    json.end_object();
}

// The statement: as it is, or {"sql":"..."}.
Result<std::string> statement_of(const std::string& body) {
    const size_t begin = body.find_first_not_of(" \t\r\n");
    if (begin == std::string::npos || body[begin] != '{') return body;
    sql::JsonReader reader;
    const auto json = HW_TRY(reader.read(body));
    const auto* text = json.find("sql");
    if (text == nullptr || !text->is_text())
        return fail(ErrorCode::invalid_argument, "sql is missing: CREATE STREAM or CREATE TABLE");
    return std::string(text->as_text());
}

Result<rules::ConnectorSpec> read_connector(const std::string& body, std::string_view name) {
    sql::JsonReader reader;
    return rules::connector_of(HW_TRY(reader.read(body)), name);
}

}  // namespace

void RulesOperations::list_streams(Exchange exchange) const {
    answer_list(exchange, rooms_.manager->streams(), write_stream);
}

void RulesOperations::get_stream(Exchange exchange) const {
    const auto stream = rooms_.manager->get_stream(exchange.place("name"));
    if (!stream) return exchange.fail(stream.error());
    std::string body;
    JsonWriter json(body);
    write_stream(json, *stream);
    exchange.respond(json_response(std::move(body)));
}

void RulesOperations::put_stream(Exchange exchange, bool replace) {
    auto change = rule_change_of(exchange.request);
    if (!change) return exchange.fail(change.error());
    const auto sql = statement_of(exchange.request.body);
    if (!sql) return exchange.fail(sql.error());
    const auto stream = rooms_.manager->put_stream(*sql, replace, *change);
    if (!stream) return refuse_rule(exchange, stream.error(), *change);
    std::string body;
    JsonWriter json(body);
    write_stream(json, *stream);
    exchange.respond(json_response(std::move(body), replace ? 200 : 201));
}

void RulesOperations::remove_stream(Exchange exchange) {
    auto change = rule_change_of(exchange.request);
    if (!change) return exchange.fail(change.error());
    if (auto removed = rooms_.manager->remove_stream(exchange.place("name"), *change); !removed)
        return refuse_rule(exchange, removed.error(), *change);
    exchange.respond({204, {}, ""});
}

void RulesOperations::list_connectors(Exchange exchange) const {
    answer_list(exchange, rooms_.manager->connectors(), write_connector);
}

void RulesOperations::get_connector(Exchange exchange) const {
    const auto connector = rooms_.manager->get_connector(exchange.place("name"));
    if (!connector) return exchange.fail(connector.error());
    std::string body;
    JsonWriter json(body);
    write_connector(json, *connector);
    exchange.respond(json_response(std::move(body)));
}

void RulesOperations::put_connector(Exchange exchange) {
    auto change = rule_change_of(exchange.request);
    if (!change) return exchange.fail(change.error());
    const auto& name = exchange.place("name");
    auto spec = read_connector(exchange.request.body, name);
    if (!spec) return exchange.fail(spec.error());
    if (spec->name != name)
        return exchange.fail(Error(ErrorCode::invalid_argument,
                                   fmt::format("the body is of connection '{}', the address of "
                                               "'{}'",
                                               spec->name, name)));
    bool created = false;
    if (auto put = rooms_.manager->put_connector(*spec, *change, created); !put)
        return refuse_rule(exchange, put.error(), *change);
    std::string body;
    JsonWriter json(body);
    write_connector(json, *spec);
    exchange.respond(json_response(std::move(body), created ? 201 : 200));
}

void RulesOperations::remove_connector(Exchange exchange) {
    auto change = rule_change_of(exchange.request);
    if (!change) return exchange.fail(change.error());
    if (auto removed = rooms_.manager->remove_connector(exchange.place("name"), *change); !removed)
        return refuse_rule(exchange, removed.error(), *change);
    exchange.respond({204, {}, ""});
}

void RulesOperations::test_connector(Exchange exchange) const {
    const auto spec = read_connector(exchange.request.body, "test");
    if (!spec) return exchange.fail(spec.error());
    if (auto tested = rooms_.test_connector(*spec); !tested) return exchange.fail(tested.error());
    exchange.respond({204, {}, ""});
}

void RulesOperations::kinds(Exchange exchange) const {
    answer_list(exchange, rooms_.connectors->all(),
                [](JsonWriter& json, const connector::Kind* kind) { write_kind(json, *kind); });
}

}  // namespace hw::api

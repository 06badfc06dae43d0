// Schemas of messages, and messages that are pushed.

#include <fmt/format.h>

#include <chrono>
#include <future>
#include <memory>

#include "api/adder.h"
#include "api/rules_operations.h"
#include "base/json_writer.h"
#include "sql/json.h"

namespace hw::api {

namespace {

void write_schema(JsonWriter& json, const sql::SchemaDefinition& schema) {
    json.begin_object();
    json.member("name", schema.name);
    json.member("type", sql::to_string(schema.type));
    json.member("schema", schema.text);
    json.end_object();
}

// {"type":"avro|protobuf|json","schema":"..."}; the schema of avro and json may be JSON itself.
Result<sql::SchemaDefinition> read_schema(const std::string& body, const std::string& name) {
    sql::JsonReader reader;
    const auto json = HW_TRY(reader.read(body));
    const auto* type = json.find("type");
    const auto* text = json.find("schema");
    if (type == nullptr || !type->is_text() || text == nullptr || text->is_null())
        return fail(ErrorCode::invalid_argument,
                    "the body must be {\"type\":\"avro\", \"protobuf\" or \"json\", "
                    "\"schema\":...}");
    sql::SchemaDefinition schema{name, sql::SchemaType::json, ""};
    bool known = false;
    for (const auto each :
         {sql::SchemaType::avro, sql::SchemaType::protobuf, sql::SchemaType::json}) {
        if (type->as_text() != sql::to_string(each)) continue;
        schema.type = each;
        known = true;
    }
    if (!known)
        return fail(ErrorCode::invalid_argument,
                    fmt::format("type '{}' is not avro, protobuf or json", type->as_text()));
    sql::append_plain(schema.text, *text);
    return schema;
}

}  // namespace

void RulesOperations::list_schemas(Exchange exchange) const {
    std::string body;
    JsonWriter json(body);
    json.begin_object();
    json.key("items");
    json.begin_array();
    for (const auto& schema : rooms_.schemas->list())
        write_schema(json, schema);
    json.end_array();
    json.end_object();
    exchange.respond(json_response(std::move(body)));
}

void RulesOperations::get_schema(Exchange exchange) const {
    for (const auto& schema : rooms_.schemas->list()) {
        if (schema.name != exchange.place("name")) continue;
        std::string body;
        JsonWriter json(body);
        write_schema(json, schema);
        return exchange.respond(json_response(std::move(body)));
    }
    exchange.fail(Error(ErrorCode::not_found,
                        fmt::format("there is no schema '{}'", exchange.place("name"))));
}

void RulesOperations::put_schema(Exchange exchange) {
    const auto schema = read_schema(exchange.request.body, exchange.place("name"));
    if (!schema) return exchange.fail(schema.error());
    if (auto put = rooms_.put_schema(*schema); !put) return exchange.fail(put.error());
    std::string body;
    JsonWriter json(body);
    write_schema(json, *schema);
    exchange.respond(json_response(std::move(body)));
}

void RulesOperations::remove_schema(Exchange exchange) {
    if (auto removed = rooms_.remove_schema(exchange.place("name")); !removed)
        return exchange.fail(removed.error());
    exchange.respond({204, {}, ""});
}

// Answered when the message is as safe as the rules ask.
void RulesOperations::push(Exchange exchange) {
    connector::Received message;
    message.topic = "/" + exchange.place("path");
    message.payload = exchange.request.body;
    message.meta = sql::Datum::object({});
    message.meta.put("method", sql::Datum::text(exchange.request.method));
    message.meta.put("peer", sql::Datum::text(exchange.request.peer));
    if (const auto type = exchange.request.header("content-type"))
        message.meta.put("content_type", sql::Datum::text(*type));
    const auto kept = std::make_shared<std::promise<void>>();
    auto safe = kept->get_future();
    if (auto taken = rooms_.push(std::move(message), [kept] { kept->set_value(); }); !taken)
        return exchange.fail(taken.error());
    if (safe.wait_for(std::chrono::seconds(10)) != std::future_status::ready)
        return exchange.fail(Error(ErrorCode::timed_out,
                                   "the message was not made safe within 10 s; send it again"));
    exchange.respond({204, {}, ""});
}

void RulesOperations::add_schemas(std::vector<Operation>& operations) {
    Adder to(operations);
    const std::string base = "/api/v1/schemas";
    const std::string one = base + "/{name}";
    const std::string_view not_found = "404 application/problem+json No such schema";
    to.add("GET", base, "listSchemas", "Schemas of schema_encode() and schema_decode()",
           "200 application/json#MessageSchemaList The schemas",
           [this](Exchange exchange) { list_schemas(std::move(exchange)); });
    to.add("GET", one, "getSchema", "A schema",
           joined("200 application/json#MessageSchema The schema; ", not_found),
           [this](Exchange exchange) { get_schema(std::move(exchange)); });
    to.add(
        "PUT", one, "putSchema", "Create or replace a schema",
        "200 application/json#MessageSchema The schema; "
        "400 application/problem+json It does not compile, and why",
        [this](Exchange exchange) { put_schema(std::move(exchange)); },
        "application/json#MessageSchema", "Its type and text");
    to.add("DELETE", one, "deleteSchema", "Remove a schema", joined("204 - Removed; ", not_found),
           [this](Exchange exchange) { remove_schema(std::move(exchange)); });
    to.add(
        "POST", "/api/v1/push/{path}", "pushMessage", "A message for a stream of TYPE http_push",
        "204 - It is as safe as the rules ask; 404 application/problem+json No stream has that "
        "path; 503 application/problem+json Full; send it again",
        [this](Exchange exchange) { push(std::move(exchange)); },
        "application/json,text/plain,application/octet-stream", "The message as it is");
}

}  // namespace hw::api

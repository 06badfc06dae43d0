// What /openapi.json and the router know of the orders of twins.

#include "api/adder.h"
#include "api/twin_orders.h"

namespace hw::api {

namespace {

constexpr std::string_view schemas = R"json(
"TwinDesiredRequest":{"type":"object","required":["value"],"properties":{
"value":{"description":"As the model's schema says"},
"timeout":{"type":"string","description":"10m; how long it may wait to be applied; 0: for ever"},
"wait":{"type":"string","description":"How long the answer may wait for the end; default 0s"},
"reason":{"type":"string"},
"keep":{"type":"boolean","default":false,
"description":"Written again where the reported value departs from it"}}},
"TwinDesired":{"type":"object","properties":{
"kind":{"type":"string","const":"desired"},"id":{"type":"string"},"twin":{"type":"string"},
"path":{"type":"string"},"revision":{"type":"integer"},"value":{},
"state":{"type":"string","enum":["pending","sent","applied","refused","timed_out","superseded",
"cancelled","drifted"]},
"detail":{"type":"string"},"keep":{"type":"boolean"},
"written":{"type":"boolean","description":"A write was answered well"},
"asked_at":{"type":"string","format":"date-time"},
"deadline":{"type":"string","format":"date-time"},"attempts":{"type":"integer"},
"last_attempt":{"type":"string","format":"date-time"},
"next_attempt":{"type":"string","format":"date-time"},
"applied_at":{"type":"string","format":"date-time"},
"changed_at":{"type":"string","format":"date-time"},
"reported":{"description":"What confirmed it, or what it has drifted to"},
"reported_at":{"type":"string","format":"date-time"},
"actor":{"type":"string"},"origin":{"type":"string"},"reason":{"type":"string"}}},
"TwinDesiredItems":{"type":"array","items":{"allOf":[
{"$ref":"#/components/schemas/TwinDesiredRequest"},{"type":"object","required":["twin","path"],
"properties":{"twin":{"type":"string"},"path":{"type":"string"}}}]}},
"TwinDesiredList":{"type":"object","properties":{
"items":{"type":"array","items":{"$ref":"#/components/schemas/TwinDesired"}}}},
"TwinDesiredResults":{"type":"object","properties":{
"items":{"type":"array","items":{"anyOf":[{"$ref":"#/components/schemas/TwinDesired"},
{"type":"object","properties":{"code":{"type":"string"},"error":{"type":"string"}}}]}},
"accepted":{"type":"integer"},"refused":{"type":"integer"}}},
"TwinCommand":{"type":"object","properties":{
"kind":{"type":"string","const":"command"},"id":{"type":"string"},"twin":{"type":"string"},
"command":{"type":"string"},
"state":{"type":"string","enum":["accepted","sent","done","refused","failed","timed_out",
"cancelled"]},
"detail":{"type":"string"},"request":{},"response":{},
"writes":{"type":"array","items":{"type":"object","properties":{
"path":{"type":"string"},"value":{},"done":{"type":"boolean"}}}},
"asked_at":{"type":"string","format":"date-time"},
"deadline":{"type":"string","format":"date-time"},"attempts":{"type":"integer"},
"sent_at":{"type":"string","format":"date-time"},"ended_at":{"type":"string","format":"date-time"},
"actor":{"type":"string"},"origin":{"type":"string"},"reason":{"type":"string"}}},
"TwinOrderList":{"type":"object","properties":{
"items":{"type":"array","items":{"anyOf":[{"$ref":"#/components/schemas/TwinDesired"},
{"$ref":"#/components/schemas/TwinCommand"}]}},
"next":{"type":["string","null"]}}})json";

constexpr std::string_view not_found = "404 application/problem+json No such thing";
constexpr std::string_view errors =
    "400 application/problem+json The body or a parameter is wrong; 404 application/problem+json "
    "No such twin, property or command; 422 application/problem+json The model does not allow it "
    "(not for writing, wrong type, out of range), or too many are open";
constexpr std::string_view cancel_errors =
    "404 application/problem+json No such thing; 409 application/problem+json Too late";

std::vector<Parameter> page_parameters() {
    return {{"state", "string", "Those in this state only"},
            {"from", "string", "Those asked from then on"},
            {"to", "string", "Those asked before"},
            {"limit", "integer", "Rows in a page; default http.page_limit_default"},
            {"cursor", "string", "The 'next' of the page before"}};
}

}  // namespace

std::string_view twin_order_schemas() {
    return schemas;
}

void TwinOrderOperations::add_to(std::vector<Operation>& operations) {
    add_desired(operations);
    add_commands(operations);
}

void TwinOrderOperations::add_desired(std::vector<Operation>& operations) {
    Adder to(operations);
    const std::string all = "/api/v1/twins/{id}/desired";
    const std::string one = all + "/{path}";
    to.add("PUT", one, "putTwinDesired", "Set the desired value of a twin's property",
           joined("202 application/json#TwinDesired On disk, and under way; 200 "
                  "application/json#TwinDesired Applied, or over; ",
                  errors),
           [this](Exchange exchange) { put_desired(std::move(exchange)); },
           "application/json#TwinDesiredRequest", "The value",
           {{"wait", "string", "How long to wait for the end, e.g. 10s; default 0s"}});
    to.add("GET", one, "getTwinDesired", "The newest desired value of a property",
           joined("200 application/json#TwinDesired With its state; ", not_found),
           [this](Exchange exchange) { get_desired(std::move(exchange)); });
    to.add("DELETE", one, "cancelTwinDesired", "Cancel: it is no longer delivered or followed",
           joined("200 application/json#TwinDesired Cancelled; ", cancel_errors),
           [this](Exchange exchange) { cancel_desired(std::move(exchange)); }, "", "",
           {{"reason", "string", "Why, for the audit"}});
    to.add("GET", all, "listTwinDesired", "Desired values of a twin",
           joined("200 application/json#TwinDesiredList By path; ", not_found),
           [this](Exchange exchange) { list_desired(std::move(exchange)); });
    to.add(
        "PUT", "/api/v1/twin/desired", "putTwinDesiredList",
        "Set many desired values; each is taken or refused for itself",
        joined("202 application/json#TwinDesiredResults In the order of the request; ", errors),
        [this](Exchange exchange) { put_desired_list(std::move(exchange)); },
        "application/json#TwinDesiredItems", "At most 10,000 of {twin, path, value, ...}");
    auto parameters = page_parameters();
    parameters.insert(
        parameters.begin(),
        {{"kind", "string", "desired or command; default both"},
         {"twin", "string", "Of this twin, or of those that an MQTT filter matches"}});
    to.add(
        "GET", "/api/v1/twin/orders", "listTwinOrders",
        "Desired values and commands of all twins, newest first",
        "200 application/json#TwinOrderList A page; "
        "400 application/problem+json A parameter is wrong",
        [this](Exchange exchange) { list_orders(std::move(exchange)); }, "", "",
        std::move(parameters));
}

void TwinOrderOperations::add_commands(std::vector<Operation>& operations) {
    Adder to(operations);
    const std::string all = "/api/v1/twins/{id}/commands";
    const std::string one = "/api/v1/twin/commands/{command}";
    to.add(
        "POST", all + "/{name}", "commandTwin",
        "Give a command; with the header Idempotency-Key the same one is given once only",
        joined("202 application/json#TwinCommand On disk, Location is its address; 200 "
               "application/json#TwinCommand Over; 409 application/problem+json The key was used "
               "for another command; ",
               errors),
        [this](Exchange exchange) { command(std::move(exchange)); }, "application/json",
        "The request, as the model's schema says; none where it takes none",
        {{"wait", "string", "How long to wait for the end, e.g. 10s; default 0s"},
         {"timeout", "string", "How long the command may take; at most 24h"},
         {"reason", "string", "Why, for the audit"}});
    to.add(
        "GET", all, "listTwinCommands", "Commands of a twin, newest first",
        "200 application/json#TwinOrderList A page; "
        "400 application/problem+json A parameter is wrong",
        [this](Exchange exchange) { list_commands(std::move(exchange)); }, "", "",
        page_parameters());
    to.add("GET", one, "getTwinCommand", "A command with its state and response",
           joined("200 application/json#TwinCommand The command; ", not_found),
           [this](Exchange exchange) { get_command(std::move(exchange)); });
    to.add("DELETE", one, "cancelTwinCommand", "Cancel a command that was not sent yet",
           joined("200 application/json#TwinCommand Cancelled; ", cancel_errors),
           [this](Exchange exchange) { cancel_command(std::move(exchange)); }, "", "",
           {{"reason", "string", "Why, for the audit"}});
}

}  // namespace hw::api

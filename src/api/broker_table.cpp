// What /openapi.json and the router know of the broker's operations.

#include "api/adder.h"
#include "api/broker_operations.h"

namespace hw::api {

namespace {

constexpr std::string_view wrong = "400 application/problem+json A parameter or member is wrong";
constexpr std::string_view not_found = "404 application/problem+json No such thing";

// Those that wait for the broker alone, and so hold no worker.
class Asker {
  public:
    explicit Asker(std::vector<Operation>& operations) : operations_(operations) {}

    void add(std::string_view method, std::string path, std::string_view id,
             std::string_view summary, std::string responses, std::function<void(Exchange)> run,
             std::vector<Parameter> parameters = {}) {
        operations_.push_back({method, std::move(path), id, summary, std::move(parameters), "", "",
                               std::move(responses), false, std::move(run)});
    }

  private:
    std::vector<Operation>& operations_;
};

const Parameter limit_parameter = {"limit", "integer", "Rows in a page; 1,000 at most"};
const Parameter cursor_parameter = {"cursor", "string", "The 'next' of the page before"};
const Parameter reason_parameter = {"reason", "string", "For the audit"};

}  // namespace

void BrokerOperations::add_to(std::vector<Operation>& operations) {
    Asker to(operations);
    to.add("GET", "/api/v1/mqtt", "getMqtt", "The broker's totals, rates, counts and listeners",
           "200 application/json#MqttOverview The figures",
           [this](Exchange exchange) { overview(std::move(exchange)); });
    add_clients(operations);
    add_topics(operations);
    add_bans(operations);
    add_traces(operations);
}

void BrokerOperations::add_clients(std::vector<Operation>& operations) {
    Asker to(operations);
    const std::string base = "/api/v1/mqtt/clients";
    to.add("GET", base, "listMqttClients", "Clients and their sessions, in order of their ids",
           joined("200 application/json#MqttClientList A page; ", wrong),
           [this](Exchange exchange) { list_clients(std::move(exchange)); },
           {{"search", "string", "Part of the id, the user name or the peer, in either case"},
            {"connected", "boolean", "Those that are connected only"},
            limit_parameter,
            cursor_parameter});
    to.add("GET", base + "/{id}", "getMqttClient", "One client with its subscriptions",
           joined("200 application/json#MqttClientDetail The client; ", not_found),
           [this](Exchange exchange) { get_client(std::move(exchange)); });
    to.add("DELETE", base + "/{id}", "kickMqttClient",
           "Disconnect a client; its session stays unless it is to end as well",
           joined("204 - Done; 409 application/problem+json It is not connected; ", not_found),
           [this](Exchange exchange) { kick_client(std::move(exchange)); },
           {{"session", "boolean", "End its session as well; default false"}, reason_parameter});
    to.add("GET", "/api/v1/mqtt/slow", "listSlowMqttClients",
           "Clients for which something waits or was dropped, the worst first",
           joined("200 application/json#MqttClientList The clients; ", wrong),
           [this](Exchange exchange) { list_slow(std::move(exchange)); },
           {{"limit", "integer", "How many at most; default 100"}});
    to.add("GET", "/api/v1/mqtt/subscriptions", "listMqttSubscriptions",
           "Subscriptions, in order of client and filter",
           joined("200 application/json#MqttSubscriptionList A page; ", wrong),
           [this](Exchange exchange) { list_subscriptions(std::move(exchange)); },
           {{"client", "string", "Those of this client only"},
            {"filter", "string", "Those whose filter contains this text, in either case"},
            {"shared", "boolean", "Those of shared groups only"},
            limit_parameter,
            cursor_parameter});
}

void BrokerOperations::add_topics(std::vector<Operation>& operations) {
    Asker to(operations);
    const std::string retained = "/api/v1/mqtt/retained";
    to.add("GET", retained, "listRetainedMessages", "Retained messages, in order of their topics",
           joined("200 application/json#RetainedMessageList A page; ", wrong),
           [this](Exchange exchange) { list_retained(std::move(exchange)); },
           {{"filter", "string", "MQTT topic filter; default #"},
            {"payload", "integer", "Bytes of each payload that are shown; default 4096"},
            limit_parameter,
            cursor_parameter});
    to.add("DELETE", retained, "clearRetainedMessage",
           "Forget the retained message of one topic; subscribers are told nothing",
           joined("204 - Forgotten; ", not_found),
           [this](Exchange exchange) { clear_retained(std::move(exchange)); },
           {{"topic", "string", "The topic", true}, reason_parameter});
    Adder blocking(operations);
    blocking.add("GET", "/api/v1/mqtt/topics", "listTopicLevels",
                 "The levels below a prefix: of points, retained messages and recent topics",
                 joined("200 application/json#TopicLevelList The levels by name; ", wrong),
                 [this](Exchange exchange) { list_topics(std::move(exchange)); }, "", "",
                 {{"prefix", "string", "Levels above, without a slash at the end; default none"},
                  {"limit", "integer", "Levels in a page; default 1000, at most 10,000"},
                  {"after", "string", "The 'next' of the page before"}});
}

void BrokerOperations::add_bans(std::vector<Operation>& operations) {
    Adder to(operations);
    const std::string base = "/api/v1/mqtt/bans";
    to.add("GET", base, "listMqttBans", "Who may not connect",
           "200 application/json#MqttBanList The bans in force",
           [this](Exchange exchange) { list_bans(std::move(exchange)); });
    to.add(
        "POST", base, "createMqttBan",
        "Ban a client id, a user name or an address; those that are connected are sent away",
        joined("201 application/json#MqttBanned The ban and how many were sent away; ", wrong),
        [this](Exchange exchange) { put_ban(std::move(exchange)); }, "application/json#MqttBanSpec",
        "The ban; one of the same kind and value is replaced");
    to.add("DELETE", base, "removeMqttBan", "Lift a ban", joined("204 - Lifted; ", not_found),
           [this](Exchange exchange) { remove_ban(std::move(exchange)); }, "", "",
           {{"kind", "string", "client, user or address", true},
            {"value", "string", "As it was banned", true},
            reason_parameter});
}

void BrokerOperations::add_traces(std::vector<Operation>& operations) {
    Adder to(operations);
    const std::string base = "/api/v1/mqtt/traces";
    const std::string one = base + "/{name}";
    to.add("GET", base, "listMqttTraces", "Traces of MQTT clients",
           "200 application/json#MqttTraceList The traces",
           [this](Exchange exchange) { list_traces(std::move(exchange)); });
    to.add(
        "POST", base, "beginMqttTrace",
        "Note down what happens to a client, on topics, or from an address",
        joined("201 application/json#MqttTrace It runs; 409 application/problem+json There is "
               "one of that name; ",
               wrong),
        [this](Exchange exchange) { begin_trace(std::move(exchange)); },
        "application/json#MqttTraceSpec", "What to follow and how long");
    to.add("GET", one, "getMqttTrace", "A trace",
           joined("200 application/json#MqttTrace The trace; ", not_found),
           [this](Exchange exchange) { get_trace(std::move(exchange)); });
    to.add("POST", one + "/stop", "stopMqttTrace", "Follow no more; the records stay",
           joined("200 application/json#MqttTrace The trace; ", not_found),
           [this](Exchange exchange) { stop_trace(std::move(exchange)); });
    to.add("DELETE", one, "removeMqttTrace", "Remove a trace with its records",
           joined("204 - Removed; ", not_found),
           [this](Exchange exchange) { remove_trace(std::move(exchange)); });
    to.add(
        "GET", one + "/records", "listMqttTraceRecords", "What was noted, the newest last",
        joined("200 application/json#MqttTraceRecords,application/x-ndjson Records; ", not_found),
        [this](Exchange exchange) { trace_records(std::move(exchange)); }, "", "",
        {{"after", "integer",
          "Those after the record of this number, the 'last' of the answer before; default: the "
          "newest"},
         {"limit", "integer", "Records at most; default 1,000, at most 10,000"},
         {"format", "string", "json or ndjson; else by Accept"}});
}

}  // namespace hw::api

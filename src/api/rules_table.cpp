// What /openapi.json and the router know of the operations of rules.

#include "api/adder.h"
#include "api/rules_operations.h"

namespace hw::api {

namespace {

constexpr std::string_view rule_answer =
    "200 application/json#Rule The rule, ETag is its version; ";
constexpr std::string_view errors =
    "400 application/problem+json#StatementProblem The statement (line, column, expected, nearest) "
    "or a member is wrong; 404 application/problem+json No such thing; "
    "409 application/problem+json Exists already, or is in use";
constexpr std::string_view if_match =
    "; 412 application/problem+json If-Match names another version";
constexpr std::string_view not_found = "404 application/problem+json No such thing";

}  // namespace

void RulesOperations::add_to(std::vector<Operation>& operations) {
    add_rules(operations);
    add_versions(operations);
    add_trials(operations);
    add_streams(operations);
    add_connectors(operations);
    add_schemas(operations);
}

void RulesOperations::add_rules(std::vector<Operation>& operations) {
    Adder to(operations);
    const std::string guarded = joined(errors, if_match);
    const std::string base = "/api/v1/rules";
    const std::string one = base + "/{id}";
    to.add("GET", base, "listRules", "Rules with their status, in order of their ids",
           "200 application/json#RuleList A page",
           [this](Exchange exchange) { list(std::move(exchange)); }, "", "",
           {{"tag", "string", "Those with this tag only"},
            {"enabled", "boolean", "Those that are enabled, or not"},
            {"like", "string", "Those whose id contains this"},
            {"limit", "integer", "Rows in a page; default http.page_limit_default"},
            {"cursor", "string", "The 'next' of the page before"}});
    to.add(
        "POST", base, "createRule", "Create a rule; it runs at once",
        joined("201 application/json#Rule Created, Location is its address; ", guarded),
        [this](Exchange exchange) { create(std::move(exchange)); }, "application/json#RuleSpec",
        "The rule");
    to.add("GET", one, "getRule", "A rule with its status", joined(rule_answer, not_found),
           [this](Exchange exchange) { get(std::move(exchange)); });
    to.add(
        "PUT", one, "putRule", "Create or replace a rule; its windows begin anew",
        joined(joined(rule_answer, "201 application/json#Rule Created; "), guarded),
        [this](Exchange exchange) { replace(std::move(exchange)); }, "application/json#RuleSpec",
        "The whole rule; If-Match guards it");
    to.add(
        "PATCH", one, "patchRule", "Change members of a rule (RFC 7396)",
        joined(rule_answer, guarded), [this](Exchange exchange) { patch(std::move(exchange)); },
        "application/json#RuleSpec,application/merge-patch+json#RuleSpec",
        "Members to change; null is the default");
    to.add("DELETE", one, "deleteRule", "Remove a rule with its versions and state",
           joined("204 - Removed; ", guarded),
           [this](Exchange exchange) { remove(std::move(exchange)); });
    to.add("POST", one + "/enable", "enableRule", "Let a rule run", joined(rule_answer, guarded),
           [this](Exchange exchange) { set_enabled(std::move(exchange), true); });
    to.add("POST", one + "/disable", "disableRule", "Pause a rule; its windows are dropped",
           joined(rule_answer, guarded),
           [this](Exchange exchange) { set_enabled(std::move(exchange), false); });
    to.add("GET", one + "/metrics", "getRuleMetrics",
           "Counts and latency of a rule, its operators and its actions",
           joined("200 application/json#RuleMetrics The counts; ", not_found),
           [this](Exchange exchange) { metrics(std::move(exchange)); });
    to.add("GET", one + "/plan", "getRulePlan", "How a rule runs",
           joined("200 application/json#Plan The plan; ", not_found),
           [this](Exchange exchange) { plan(std::move(exchange)); });
}

void RulesOperations::add_versions(std::vector<Operation>& operations) {
    Adder to(operations);
    const std::string base = "/api/v1/rules/{id}/versions";
    to.add("GET", base, "listRuleVersions", "Versions of a rule, newest first",
           joined("200 application/json#RuleVersionList The versions; ", not_found),
           [this](Exchange exchange) { versions(std::move(exchange)); });
    to.add("GET", base + "/{version}", "getRuleVersion", "A rule as it was",
           joined("200 application/json#RuleSpec The rule of then; ", not_found),
           [this](Exchange exchange) { version(std::move(exchange)); });
    to.add("POST", base + "/{version}/rollback", "rollBackRule",
           "Make a new version that is as that one was",
           joined(joined(rule_answer, errors), if_match),
           [this](Exchange exchange) { roll_back(std::move(exchange)); });
    to.add("GET", "/api/v1/rules/{id}/diff", "diffRuleVersions",
           "The difference of two versions, line by line",
           joined("200 text/plain Lines that begin with ' ', '-' or '+'; ", not_found),
           [this](Exchange exchange) { diff(std::move(exchange)); }, "", "",
           {{"from", "integer", "The earlier version; default: the one before"},
            {"to", "integer", "The later version; default: the newest"}});
    to.add("GET", "/api/v1/rules/export", "exportRules", "All rules, streams and connections",
           "200 application/json#RuleSet The set",
           [this](Exchange exchange) { export_all(std::move(exchange)); });
    to.add(
        "POST", "/api/v1/rules/import", "importRules",
        "Create or replace rules, streams and connections; others stay",
        "200 application/json#RuleImport What was taken and what is wrong",
        [this](Exchange exchange) { import_all(std::move(exchange)); }, "application/json#RuleSet",
        "As the export gives it");
}

void RulesOperations::add_trials(std::vector<Operation>& operations) {
    Adder to(operations);
    to.add(
        "POST", "/api/v1/rules/test", "testRule",
        "Run a statement on given messages, on a range of history, or on what comes in",
        joined("200 application/json#TrialResult The rows, the plan and the counts; ", errors),
        [this](Exchange exchange) { test(std::move(exchange)); }, "application/json#Trial",
        "The statement, and one of input, from/to and duration");
    to.add(
        "POST", "/api/v1/rules/validate", "validateRule", "Compile a statement, run nothing",
        joined("200 application/json#Plan It is sound; ", errors),
        [this](Exchange exchange) { validate(std::move(exchange)); }, "application/json#Trial",
        "The statement; streams and options where it needs them");
    const std::string trace = "/api/v1/rules/{id}/trace";
    to.add(
        "POST", trace, "beginTrace", "Follow events through a rule; one order at a time",
        joined("202 - It begins; ", not_found),
        [this](Exchange exchange) { begin_trace(std::move(exchange)); },
        "application/json#TraceOrder", "Which events, how many, for how long; may be empty");
    to.add("GET", trace, "getTraces", "What was followed so far",
           joined("200 application/json#Traces Events with each step; ", not_found),
           [this](Exchange exchange) { traces(std::move(exchange)); });
    to.add("DELETE", trace, "endTrace", "Follow no more", joined("204 - Ended; ", not_found),
           [this](Exchange exchange) { end_trace(std::move(exchange)); });
    to.add("GET", "/api/v1/functions", "listFunctions", "Every function of the language",
           "200 application/json#FunctionList The functions",
           [this](Exchange exchange) { functions(std::move(exchange)); });
}

void RulesOperations::add_streams(std::vector<Operation>& operations) {
    Adder to(operations);
    const std::string base = "/api/v1/streams";
    const std::string one = base + "/{name}";
    to.add("GET", base, "listStreams", "Streams and tables",
           "200 application/json#StreamList The statements",
           [this](Exchange exchange) { list_streams(std::move(exchange)); });
    to.add(
        "POST", base, "createStream", "CREATE STREAM or CREATE TABLE",
        joined("201 application/json#Stream Created; ", errors),
        [this](Exchange exchange) { put_stream(std::move(exchange), false); },
        "application/json#StreamSpec,text/plain", "The statement");
    to.add("GET", one, "getStream", "A stream or table",
           joined("200 application/json#Stream The statement; ", not_found),
           [this](Exchange exchange) { get_stream(std::move(exchange)); });
    to.add(
        "PUT", one, "putStream", "Create or replace; rules on it are compiled anew",
        joined("200 application/json#Stream The statement; ", errors),
        [this](Exchange exchange) { put_stream(std::move(exchange), true); },
        "application/json#StreamSpec,text/plain", "The statement");
    to.add("DELETE", one, "deleteStream", "Remove a stream that no rule uses",
           joined("204 - Removed; ", errors),
           [this](Exchange exchange) { remove_stream(std::move(exchange)); });
}

void RulesOperations::add_connectors(std::vector<Operation>& operations) {
    Adder to(operations);
    const std::string base = "/api/v1/connectors";
    const std::string one = base + "/{name}";
    to.add("GET", base, "listConnectors", "Named connections to foreign systems",
           "200 application/json#ConnectorList The connections, without secrets",
           [this](Exchange exchange) { list_connectors(std::move(exchange)); });
    to.add("GET", base + "/kinds", "listConnectorKinds", "What can be connected, with all settings",
           "200 application/json#ConnectorKindList The kinds",
           [this](Exchange exchange) { kinds(std::move(exchange)); });
    to.add(
        "POST", base + "/test", "testConnector", "Connect once and ask whether the peer is fit",
        joined("204 - It answers; 503 application/problem+json It does not, and why; ", errors),
        [this](Exchange exchange) { test_connector(std::move(exchange)); },
        "application/json#Connector", "The connection");
    to.add("GET", one, "getConnector", "A connection",
           joined("200 application/json#Connector The connection, without secrets; ", not_found),
           [this](Exchange exchange) { get_connector(std::move(exchange)); });
    to.add(
        "PUT", one, "putConnector", "Create or replace a connection; its users connect anew",
        joined("200 application/json#Connector The connection; "
               "201 application/json#Connector Created; ",
               errors),
        [this](Exchange exchange) { put_connector(std::move(exchange)); },
        "application/json#Connector", "The connection");
    to.add("DELETE", one, "deleteConnector", "Remove a connection that no rule uses",
           joined("204 - Removed; ", errors),
           [this](Exchange exchange) { remove_connector(std::move(exchange)); });
}

}  // namespace hw::api

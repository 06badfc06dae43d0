#include "api/operations.h"

namespace hw::api {

namespace {

// Kept as it is served: JSON Schema (2020-12) of what the operations of rules take and give.
constexpr std::string_view schemas = R"json(
"Action":{"type":"object","required":["type"],"properties":{
"type":{"type":"string","description":"republish, keep, write, console, or a connector's kind"},
"name":{"type":"string","description":"For figures; default: the type"},
"connector":{"type":"string","description":"A named connection; else its settings stand here"},
"only_on_change":{"type":"boolean","default":false},
"fields":{"type":"array","items":{"type":"string"},"description":"Of the row; empty: all"},
"omit_empty":{"type":"boolean","default":false},
"send_single":{"type":"boolean","default":true,
"description":"false: rows that come out together as one array"},
"fallback":{"$ref":"#/components/schemas/Action"}},
"additionalProperties":true},
"RuleOptions":{"type":"object","properties":{
"event_time":{"type":"boolean","default":false},
"timestamp":{"type":"string","description":"Field of the event's time"},
"late_tolerance":{"type":"string","default":"1s"},
"allowed_lateness":{"type":"string","default":"0s"},
"qos":{"type":"string","enum":["none","at_least_once","exactly_once"],"default":"none"},
"dialect":{"type":"string","enum":["emqx","ekuiper"]},
"rows_limit":{"type":"integer"},"bytes_limit":{"type":"string"},
"groups_limit":{"type":"integer"}}},
"Schedule":{"type":"object","properties":{
"cron":{"type":"string"},"duration":{"type":"string"},
"ranges":{"type":"array","items":{"type":"object","properties":{
"begin":{"type":"string"},"end":{"type":"string"}}}},
"time_zone":{"type":"string"}}},
"RuleSpec":{"type":"object","required":["sql"],"properties":{
"id":{"type":"string","maxLength":128},"sql":{"type":"string"},
"description":{"type":"string"},"enable":{"type":"boolean","default":true},
"tags":{"type":"array","items":{"type":"string"}},
"actions":{"type":"array","items":{"$ref":"#/components/schemas/Action"}},
"late_actions":{"type":"array","items":{"$ref":"#/components/schemas/Action"}},
"options":{"$ref":"#/components/schemas/RuleOptions"},
"schedule":{"$ref":"#/components/schemas/Schedule"}}},
"Rule":{"allOf":[{"$ref":"#/components/schemas/RuleSpec"},{"type":"object","properties":{
"version":{"type":"integer"},"created_at":{"type":"string","format":"date-time"},
"updated_at":{"type":"string","format":"date-time"},"updated_by":{"type":"string"},
"status":{"type":"string","enum":["running","waiting","disabled","failed"]},
"problem":{"type":"string","description":"Why it does not run"}}}]},
"RuleList":{"type":"object","properties":{
"items":{"type":"array","items":{"$ref":"#/components/schemas/Rule"}},
"next":{"type":["string","null"]}}},
"RuleVersionList":{"type":"object","properties":{"items":{"type":"array","items":{
"type":"object","properties":{"version":{"type":"integer"},
"time":{"type":"string","format":"date-time"},"actor":{"type":"string"}}}}}},
"RuleMetrics":{"type":"object","description":
"Counts since the rule began to run, by rule, operator and action; latency as a histogram",
"additionalProperties":true},
"Plan":{"type":"object","properties":{"valid":{"type":"boolean"},"text":{"type":"string"},
"operators":{"type":"array","items":{"type":"object"}}}},
"RuleSet":{"type":"object","properties":{
"rules":{"type":"array","items":{"$ref":"#/components/schemas/RuleSpec"}},
"streams":{"type":"array","items":{"$ref":"#/components/schemas/StreamSpec"}},
"connectors":{"type":"array","items":{"$ref":"#/components/schemas/Connector"}}}},
"RuleImport":{"type":"object","properties":{"created":{"type":"integer"},
"changed":{"type":"integer"},"unchanged":{"type":"integer"},
"errors":{"type":"array","items":{"type":"string"}}}},
"Trial":{"type":"object","required":["sql"],"properties":{"sql":{"type":"string"},
"input":{"type":"array","items":{"type":"object","properties":{
"topic":{"type":"string"},"payload":{"description":"A text as it is, anything else as JSON"},
"time":{"description":"RFC 3339, or ms since 1970"},"qos":{"type":"integer"},
"retain":{"type":"boolean"},"clientid":{"type":"string"},"username":{"type":"string"}}}},
"options":{"$ref":"#/components/schemas/RuleOptions"},
"streams":{"type":"array","items":{"type":"string"},
"description":"CREATE STREAM statements beside those that are there"},
"from":{"description":"Run on the history from here"},"to":{"description":"To here; default now"},
"duration":{"type":"string","description":"Run on what comes in for so long"},
"rows_limit":{"type":"integer","default":1000}}},
"TrialResult":{"type":"object","properties":{
"rows":{"type":"array","items":{"type":"object"}},
"operators":{"type":"array","items":{"type":"object"}},
"operator_rows":{"type":"array",
"description":"The first rows that left each operator, by its number",
"items":{"type":"array","items":{"type":"object"}}}},"additionalProperties":true},
"StatementProblem":{"type":"object","properties":{"status":{"type":"integer"},
"code":{"type":"string"},"detail":{"type":"string"},"line":{"type":"integer"},
"column":{"type":"integer"},"found":{"type":"string"},"expected":{"type":"string"},
"nearest":{"type":"string"}}},
"TraceOrder":{"type":"object","properties":{"clientid":{"type":"string"},
"topic":{"type":"string"},"events":{"type":"integer","default":100},
"duration":{"type":"string","default":"1m"}}},
"Traces":{"type":"object","properties":{"running":{"type":"boolean"},
"left":{"type":"integer","description":"Events still to follow"},
"until":{"type":["string","null"],"format":"date-time"},
"traces":{"type":"array","items":{"type":"object","properties":{"number":{"type":"integer"},
"rule":{"type":"string"},"time":{"type":"string","format":"date-time"},
"steps":{"type":"array","items":{"type":"object","properties":{
"at":{"type":"string"},"outcome":{"type":"string"},"data":{"type":"string"},
"operator":{"type":"integer","description":"Number in the plan"},
"rows":{"type":"array","description":"The first that left it","items":{"type":"object"}}}}}}}}}},
"FunctionList":{"type":"object","properties":{"items":{"type":"array","items":{"type":"object",
"properties":{"name":{"type":"string"},"type":{"type":"string"},"group":{"type":"string"},
"origin":{"type":"string"},"signature":{"type":"string"},"help":{"type":"string"},
"example":{"type":"string"},"example_result":{"type":"string"}}}}}},
"StreamSpec":{"type":"object","required":["sql"],"properties":{"sql":{"type":"string"}}},
"MessageSchema":{"type":"object","required":["type","schema"],"properties":{
"name":{"type":"string"},"type":{"type":"string","enum":["avro","protobuf","json"]},
"schema":{"description":"The text; of avro and json also as JSON"}}},
"MessageSchemaList":{"type":"object","properties":{"items":{"type":"array","items":{
"$ref":"#/components/schemas/MessageSchema"}}}},
"Stream":{"type":"object","properties":{"name":{"type":"string"},"table":{"type":"boolean"},
"sql":{"type":"string"}}},
"StreamList":{"type":"object","properties":{"items":{"type":"array","items":{
"$ref":"#/components/schemas/Stream"}}}},
"Connector":{"type":"object","required":["kind"],"properties":{"name":{"type":"string"},
"kind":{"type":"string"},"description":{"type":"string"}},"additionalProperties":true},
"ConnectorList":{"type":"object","properties":{"items":{"type":"array","items":{
"$ref":"#/components/schemas/Connector"}}}},
"ConnectorKindList":{"type":"object","properties":{"items":{"type":"array","items":{
"type":"object","additionalProperties":true}}}}
)json";

}  // namespace

std::string_view rules_schemas() {
    return schemas;
}

}  // namespace hw::api

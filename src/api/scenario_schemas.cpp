#include "api/scenario_operations.h"

namespace hw::api {

namespace {

// Kept as it is served: JSON Schema (2020-12) of what the operations of scenarios take and give.
constexpr std::string_view schemas = R"json(
"ScenarioOverride":{"type":"object","required":["twin","path","value"],"properties":{
"twin":{"type":"string","description":"Id of a twin of the site"},
"path":{"type":"string","description":"A slot, or an input that the model names"},
"value":{"description":"In the slot's unit"},
"from":{"type":"string","description":"\"+2h\" after the start, or a time; default: the start"},
"to":{"type":"string","description":"Not included; default: the end"}}},
"ScenarioSpec":{"type":"object","required":["site"],"properties":{
"id":{"type":"string","maxLength":128},"name":{"type":"string"},
"description":{"type":"string"},
"site":{"type":"string","description":"Id of the twin at the root"},
"model":{"type":"string","default":"waterworks"},
"start":{"type":"string","default":"now","description":"now, or a time that was"},
"horizon":{"type":"string","default":"1d"},
"step":{"type":"string","default":"5m"},
"overrides":{"type":"array","maxItems":1000,
"items":{"$ref":"#/components/schemas/ScenarioOverride"}},
"parameters":{"type":"object","description":"Of the model","additionalProperties":true}}},
"Scenario":{"allOf":[{"$ref":"#/components/schemas/ScenarioSpec"},{"type":"object","properties":{
"created_at":{"type":"string","format":"date-time"},
"updated_at":{"type":"string","format":"date-time"},"updated_by":{"type":"string"},
"state":{"type":"string","enum":["none","queued","running","done","failed","cancelled"]},
"run":{"type":"integer"},"progress":{"type":"number","minimum":0,"maximum":1},
"error":{"type":"string"},"started_at":{"type":"string","format":"date-time"},
"ended_at":{"type":"string","format":"date-time"}}}]},
"ScenarioList":{"type":"object","properties":{
"items":{"type":"array","items":{"$ref":"#/components/schemas/Scenario"}}}},
"ScenarioResult":{"type":"object","properties":{
"start":{"type":"string","format":"date-time"},"step":{"type":"string"},
"rows":{"type":"integer"},
"figures":{"type":"array","items":{"type":"object","properties":{
"name":{"type":"string"},"label":{"type":"string"},"unit":{"type":"string"},
"value":{"type":["number","null"]},"at":{"type":"string","format":"date-time"}}}},
"quality":{"type":"object","properties":{"quality":{"type":"string"},
"residual":{"type":"number"},"confidence":{"type":"number"},
"notes":{"type":"array","items":{"type":"string"}}}},
"warnings":{"type":"array","items":{"type":"string"}},
"events":{"type":"array","items":{"type":"object","properties":{
"time":{"type":"string","format":"date-time"},"text":{"type":"string"}}}},
"series":{"type":"array","items":{"type":"object","properties":{
"key":{"type":"string"},"twin":{"type":"string"},"path":{"type":"string"},
"unit":{"type":"string"},"of_moment":{"type":"boolean"},
"values":{"type":"array","items":{"type":["number","null"]}}}}}}},
"ScenarioComparison":{"type":"object","properties":{
"scenarios":{"type":"array","items":{"type":"string"}},
"start":{"type":"string","format":"date-time"},"step":{"type":"string"},
"warnings":{"type":"array","items":{"type":"string"}},
"figures":{"type":"array","items":{"type":"object","properties":{
"name":{"type":"string"},"label":{"type":"string"},"unit":{"type":"string"},
"values":{"type":"array","items":{"type":["number","null"]}},
"differences":{"type":"array","items":{"type":["number","null"]}}}}},
"series":{"type":"array","items":{"type":"object","properties":{
"key":{"type":"string"},"twin":{"type":"string"},"path":{"type":"string"},
"unit":{"type":"string"},"greatest":{"type":"number"},"greatest_after":{"type":"string"},
"differences":{"type":"array","items":{"type":"array","items":{"type":"number"}}}}}}}},
"ScenarioCalibrationOrder":{"type":"object","required":["site"],"properties":{
"site":{"type":"string"},"model":{"type":"string","default":"waterworks"},
"from":{"type":"string","description":"Default: seven days before to"},
"to":{"type":"string","description":"Default: now"},
"parameters":{"type":"object","additionalProperties":true}}},
"ScenarioCalibration":{"type":"object","properties":{
"site":{"type":"string"},"model":{"type":"string"},
"time":{"type":"string","format":"date-time"},"confidence":{"type":"number"},
"calibration":{"type":"object","additionalProperties":true}}},
"ScenarioModelList":{"type":"object","properties":{"items":{"type":"array","items":{
"type":"object","properties":{"name":{"type":"string"},"help":{"type":"string"},
"parameters":{"type":"array","items":{"type":"object"}},
"inputs":{"type":"array","items":{"type":"object"}},
"bound":{"type":"object","additionalProperties":true}}}}}})json";

}  // namespace

std::string_view scenario_schemas() {
    return schemas;
}

}  // namespace hw::api

#include "api/operations.h"

namespace hw::api {

namespace {

// Kept as it is served: JSON Schema (2020-12) of what the operations of twins take and give.
constexpr std::string_view schemas = R"json(
"TwinValue":{"type":"object","properties":{
"value":{"description":"As the model's schema says; null: nothing known yet"},
"time":{"type":"string","format":"date-time"},"quality":{"type":"string"},
"stale":{"type":"boolean","description":"Older than the model allows, or made of such"},
"origin":{"type":"string","enum":["none","fixed","point","derived"]},
"unit":{"type":"string"},"point":{"type":"string","description":"That feeds it"}}},
"Relationship":{"type":"object","required":["source","name","target"],"properties":{
"source":{"type":"string"},"name":{"type":"string"},"target":{"type":"string"},
"properties":{"type":"object","additionalProperties":true}}},
"RelationshipProperties":{"type":"object","properties":{
"properties":{"type":"object","additionalProperties":true}}},
"RelationshipList":{"type":"object","properties":{
"items":{"type":"array","items":{"$ref":"#/components/schemas/Relationship"}},
"next":{"type":["string","null"]}}},
"TwinSpec":{"type":"object","required":["model"],"properties":{
"id":{"type":"string","maxLength":1024},
"model":{"type":"string","description":"DTMI, e.g. dtmi:headworks:water:Pump;1"},
"name":{"$ref":"#/components/schemas/LocalText"},
"properties":{"type":"object","additionalProperties":true,
"description":"Values set by hand; components are members"},
"bindings":{"type":"object","additionalProperties":{"type":"string"},
"description":"Property path to point; an empty text cuts it off"}}},
"Twin":{"type":"object","properties":{"id":{"type":"string"},"model":{"type":"string"},
"name":{"$ref":"#/components/schemas/LocalText"},"revision":{"type":"integer"},
"created_at":{"type":"string","format":"date-time"},
"updated_at":{"type":"string","format":"date-time"},"updated_by":{"type":"string"},
"properties":{"type":"object",
"additionalProperties":{"$ref":"#/components/schemas/TwinValue"}},
"relationships":{"type":"array","items":{"$ref":"#/components/schemas/Relationship"}},
"relationships_more":{"type":"integer",
"description":"Beyond the first 1,000; listRelationships pages through all"}}},
"TwinList":{"type":"object","properties":{
"items":{"type":"array","items":{"$ref":"#/components/schemas/Twin"}},
"next":{"type":["string","null"]}}},
"TwinVersionList":{"type":"object","properties":{"items":{"type":"array","items":{
"type":"object","properties":{"revision":{"type":"integer"},
"from":{"type":"string","format":"date-time"},"to":{"type":"string","format":"date-time"},
"actor":{"type":"string"},"description":{"$ref":"#/components/schemas/TwinSpec"}}}}}},
"TwinFigures":{"type":"object","additionalProperties":{"type":"integer"}},
"TwinImport":{"type":"object","properties":{"applied":{"type":"boolean"},
"twins":{"$ref":"#/components/schemas/TwinCounts"},
"relationships":{"$ref":"#/components/schemas/TwinCounts"},
"errors_total":{"type":"integer"},
"errors":{"type":"array","items":{"type":"object","properties":{
"line":{"type":"integer"},"what":{"type":"string"},"text":{"type":"string"}}}},
"template":{"type":"object","additionalProperties":true,
"description":"Of a template: points that no rule takes, points without a property"}}},
"TwinCounts":{"type":"object","properties":{"created":{"type":"integer"},
"changed":{"type":"integer"},"unchanged":{"type":"integer"}}},
"TwinTemplate":{"type":"object","required":["rules"],"additionalProperties":true,
"properties":{"name":{"type":"string"},"description":{"type":"string"},
"twins":{"type":"array","items":{"type":"object"}},
"rules":{"type":"array","items":{"type":"object"}}}},
"Model":{"type":"object","properties":{"id":{"type":"string"},
"displayName":{"type":"string"},"description":{"type":"string"},
"extends":{"type":"array","items":{"type":"string"}},
"contents":{"type":"integer"},"slots":{"type":"integer"}}},
"ModelList":{"type":"object","properties":{
"items":{"type":"array","items":{"$ref":"#/components/schemas/Model"}},
"next":{"type":["string","null"]}}},
"ModelChanges":{"type":"object","properties":{"items":{"type":"array","items":{
"type":"object","properties":{"id":{"type":"string"},
"result":{"type":"string","enum":["created","updated","unchanged"]}}}},
"warnings":{"type":"array","items":{"type":"string"},
"description":"Of a Thing Model: what DTDL has no place for"}}},
"ModelProblem":{"allOf":[{"$ref":"#/components/schemas/Problem"},{"type":"object",
"properties":{"errors":{"type":"array","items":{"type":"object","properties":{
"document":{"type":"integer"},"line":{"type":"integer"},"column":{"type":"integer"},
"field":{"type":"string","description":"JSON pointer"},"element":{"type":"string"},
"text":{"type":"string"}}}}}}]}
)json";

}  // namespace

std::string_view twin_schemas() {
    return schemas;
}

}  // namespace hw::api

#include "api/twin_past.h"

namespace hw::api {

namespace {

// Kept as it is served: JSON Schema (2020-12) of what the operations of the twins' past give.
constexpr std::string_view schemas = R"json(
"DifferenceList":{"type":"object","properties":{
"from":{"type":"string","format":"date-time"},"to":{"type":"string","format":"date-time"},
"items":{"type":"array","items":{"type":"object","description":
"Of one twin: added, removed or changed; values before and after, relationships","properties":{
"twin":{"type":"string"},"what":{"type":"string","enum":["added","removed","changed"]}},
"additionalProperties":true}},
"next":{"type":["string","null"]}}},
"TwinEvent":{"type":"object","properties":{
"time":{"type":"string","format":"date-time"},"twin":{"type":"string"},
"kind":{"type":"string","description":"twin.create, twin.update, twin.delete, relationship.*,
twin.desired.*, twin.command.* or point.write"},
"path":{"type":["string","null"],"description":"Of the property, command or relationship"},
"actor":{"type":["string","null"]},"before":{},"after":{},
"result":{"type":"string","description":"ok, or the code of the error"},
"detail":{"type":["string","null"]}}},
"TwinEventList":{"type":"object","properties":{
"items":{"type":"array","items":{"$ref":"#/components/schemas/TwinEvent"}},
"next":{"type":["string","null"]}}},
"WhenInterval":{"type":"object","properties":{
"from":{"type":"string","format":"date-time"},"to":{"type":"string","format":"date-time"},
"seconds":{"type":"number"}}},
"WhenAnswer":{"type":"object","properties":{"condition":{"type":"string"},
"from":{"type":"string","format":"date-time"},"to":{"type":"string","format":"date-time"},
"count":{"type":"integer","description":"Of intervals, also of those that are not listed"},
"seconds":{"type":"number","description":"How long it held in all"},
"held_before":{"type":"boolean","description":"It held already when the range began"},
"still_holds":{"type":"boolean","description":"It held when the range ended"},
"first":{"anyOf":[{"$ref":"#/components/schemas/WhenInterval"},{"type":"null"}]},
"last":{"anyOf":[{"$ref":"#/components/schemas/WhenInterval"},{"type":"null"}]},
"samples":{"type":"integer","description":"Of history that were read"},
"error":{"type":["string","null"],"description":"The first evaluation that failed"},
"intervals":{"type":"array","items":{"$ref":"#/components/schemas/WhenInterval"}}}})json";

}  // namespace

std::string_view twin_past_schemas() {
    return schemas;
}

}  // namespace hw::api

#include "api/twin_watch.h"

namespace hw::api {

namespace {

// Kept as it is served: JSON Schema (2020-12) of what the operations take and give.
constexpr std::string_view schemas = R"json(
"TwinSubscriptionFilter":{"type":"object","properties":{
"twins":{"type":"string","default":"#","description":"MQTT filter of ids"},
"model":{"type":"string","description":"DTMI; those that extend it too"},
"root":{"type":"string","description":"This twin and what is reached from it"},
"along":{"type":"array","items":{"type":"string"},"description":"Relationships; default all"},
"incoming":{"type":"boolean","default":false},
"where":{"type":"string","description":"An expression over the twin's properties"},
"properties":{"type":"array","items":{"type":"string"},"description":"Filters of paths"},
"events":{"type":"array","items":{"type":"string","enum":["property","stale","twin",
"relationship","desired","command"]},"default":["property"]}},"additionalProperties":false},
"TwinSubscriptionSpec":{"type":"object","properties":{
"id":{"type":"string","maxLength":128},"description":{"type":"string"},
"enabled":{"type":"boolean","default":true},
"filter":{"$ref":"#/components/schemas/TwinSubscriptionFilter"},
"when":{"type":"string","enum":["on_change","every_update"],"default":"on_change"},
"deadband":{"type":"number","minimum":0},
"min_interval":{"type":"string","description":"Of each property; the newest value goes out"},
"initial":{"type":"boolean","default":false,"description":"Streams begin with the present state"},
"enrich":{"type":"array","items":{"type":"string"},
"description":"Paths of properties, name, model"},
"deliver":{"oneOf":[{"const":"none"},{"type":"object","properties":{"mqtt":{"type":"object",
"required":["topic"],"properties":{"topic":{"type":"string",
"description":"Places: ${twin}, ${path}, ${event}, ${subscription}"},
"qos":{"type":"integer","minimum":0,"maximum":1,"default":0},
"retain":{"type":"boolean","default":false}}}}}]},
"queue":{"type":"integer","description":"Events that wait; default twin.subscription_queue"}}},
"TwinSubscription":{"allOf":[{"$ref":"#/components/schemas/TwinSubscriptionSpec"},
{"type":"object","properties":{"revision":{"type":"integer"},
"created_at":{"type":"string","format":"date-time"},
"updated_at":{"type":"string","format":"date-time"},"updated_by":{"type":"string"},
"status":{"type":"string","enum":["working","disabled","failed"]},
"problem":{"type":"string","description":"Why it does not work"}}}]},
"TwinSubscriptionList":{"type":"object","properties":{
"items":{"type":"array","items":{"$ref":"#/components/schemas/TwinSubscription"}},
"next":{"type":["string","null"]}}},
"TwinSubscriptionFigures":{"type":"object","properties":{
"matched":{"type":"integer","description":"Updates and happenings it follows"},
"delivered":{"type":"integer"},"dropped":{"type":"integer"},"throttled":{"type":"integer"},
"suppressed":{"type":"integer","description":"No change, or within the deadband"},
"rejected":{"type":"integer","description":"where said no"},
"failed":{"type":"integer","description":"where could not be computed"},
"refused":{"type":"integer","description":"By the broker"},
"slots":{"type":"integer","description":"Properties followed now"},
"queued":{"type":"integer"},"readers":{"type":"integer"},
"last_event_at":{"type":["string","null"],"format":"date-time"},
"last_error":{"type":"string"}}},
"TwinSubscriptionsFigures":{"type":"object",
"additionalProperties":{"$ref":"#/components/schemas/TwinSubscriptionFigures"}},
"TwinSubscriptionTest":{"type":"object","properties":{
"id":{"type":"string"},"enabled":{"type":"boolean"},"twins":{"type":"integer"},
"slots":{"type":"object","additionalProperties":{"type":"integer"}},
"points":{"type":"object","additionalProperties":true},
"where":{"type":"object","additionalProperties":true},
"test_event":{"type":"object","additionalProperties":true},
"figures":{"$ref":"#/components/schemas/TwinSubscriptionFigures"},
"findings":{"type":"array","items":{"type":"string"},
"description":"In plain words what is amiss; empty: nothing"}}}
)json";

}  // namespace

std::string_view twin_watch_schemas() {
    return schemas;
}

}  // namespace hw::api

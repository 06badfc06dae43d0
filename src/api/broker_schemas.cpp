#include "api/broker_operations.h"

namespace hw::api {

namespace {

// Kept as it is served: JSON Schema (2020-12) of what the operations take and give.
constexpr std::string_view schemas = R"json(
"MqttOverview":{"type":"object","required":["time","since","totals","rates","counts","listeners"],
"properties":{"time":{"type":"string","format":"date-time"},
"since":{"type":"string","format":"date-time","description":"When the broker started"},
"totals":{"type":"object","required":["connections","connected","sessions","subscriptions",
"shared_groups","retained","retained_bytes","recent_topics","paused"],"properties":{
"connections":{"type":"integer","description":"Sockets, greeted or not"},
"connected":{"type":"integer"},"sessions":{"type":"integer"},"subscriptions":{"type":"integer"},
"shared_groups":{"type":"integer"},"retained":{"type":"integer"},
"retained_bytes":{"type":"integer"},"recent_topics":{"type":"integer"},
"paused":{"type":"integer","description":"Publishers that wait for history"}}},
"rates":{"type":"object","required":["seconds","messages_in","messages_out","bytes_in",
"bytes_out","dropped","connections"],"description":"Per second, over the last seconds",
"properties":{"seconds":{"type":"number","description":"That they cover; 0: nothing yet"},
"messages_in":{"type":"number"},"messages_out":{"type":"number"},"bytes_in":{"type":"number"},
"bytes_out":{"type":"number"},"dropped":{"type":"number"},"connections":{"type":"number"}}},
"counts":{"type":"object","description":"Since the broker started","required":["messages_in",
"messages_out","bytes_in","bytes_out","dropped"],"properties":{
"messages_in":{"type":"integer"},"messages_out":{"type":"integer"},
"messages_in_by_qos":{"type":"array","items":{"type":"integer"}},
"messages_out_by_qos":{"type":"array","items":{"type":"integer"}},
"bytes_in":{"type":"integer"},"bytes_out":{"type":"integer"},"kept":{"type":"integer"},
"keep_failed":{"type":"integer"},"unmatched":{"type":"integer",
"description":"Messages for which there was no subscriber"},
"connections_opened":{"type":"integer"},"connects_refused":{"type":"integer"},
"takeovers":{"type":"integer"},"protocol_errors":{"type":"integer"},
"keep_alive_timeouts":{"type":"integer"},"publishes_denied":{"type":"integer"},
"dropped":{"type":"object","required":["total"],"properties":{"total":{"type":"integer"},
"slow":{"type":"integer"},"queue_full":{"type":"integer"},"expired":{"type":"integer"},
"too_large":{"type":"integer"},"offline":{"type":"integer"}}}}},
"listeners":{"type":"array","items":{"type":"object","required":["name","address"],
"properties":{"name":{"type":"string"},"address":{"type":"string"}}}}}},
"MqttClient":{"type":"object","required":["client_id","connected","session_expiry_s",
"subscriptions","inflight","queued","queued_bytes","dropped"],"properties":{
"client_id":{"type":"string"},"connected":{"type":"boolean"},
"user_name":{"type":"string","description":"This and the next: of one that is connected"},
"peer":{"type":"string"},"protocol":{"type":"string","enum":["3.1","3.1.1","5.0"]},
"clean_start":{"type":"boolean"},"keep_alive_s":{"type":"integer"},
"paused":{"type":"boolean","description":"Not read, since history is behind"},
"output_bytes":{"type":"integer","description":"That wait for its socket"},
"messages_in":{"type":"integer","description":"From the client, in this connection"},
"messages_out":{"type":"integer"},"bytes_in":{"type":"integer"},"bytes_out":{"type":"integer"},
"connected_at":{"type":"string","format":"date-time"},
"expires_at":{"type":"string","format":"date-time","description":"When its session ends"},
"session_expiry_s":{"type":"integer"},"will_topic":{"type":"string"},
"subscriptions":{"type":"integer"},"inflight":{"type":"integer"},"queued":{"type":"integer"},
"queued_bytes":{"type":"integer"},
"dropped":{"type":"integer","description":"Messages it did not get since its session began"}}},
"MqttClientList":{"type":"object","required":["items","next"],"properties":{
"items":{"type":"array","items":{"$ref":"#/components/schemas/MqttClient"}},
"next":{"type":["string","null"]}}},
"MqttClientDetail":{"type":"object","required":["client","subscriptions"],"properties":{
"client":{"$ref":"#/components/schemas/MqttClient"},
"subscriptions":{"type":"array","items":{"$ref":"#/components/schemas/MqttSubscription"}}}},
"MqttSubscription":{"type":"object","required":["client_id","filter","qos","no_local",
"retain_as_published","shared"],"properties":{"client_id":{"type":"string"},
"filter":{"type":"string"},"qos":{"type":"integer"},"no_local":{"type":"boolean"},
"retain_as_published":{"type":"boolean"},"identifier":{"type":"integer"},
"shared":{"type":"boolean"},
"members":{"type":"integer","description":"Of its shared group"}}},
"MqttSubscriptionList":{"type":"object","required":["items","next"],"properties":{
"items":{"type":"array","items":{"$ref":"#/components/schemas/MqttSubscription"}},
"next":{"type":["string","null"]}}},
"RetainedMessage":{"type":"object","required":["topic","qos","payload_bytes"],"properties":{
"topic":{"type":"string"},"qos":{"type":"integer"},"content_type":{"type":"string"},
"expires_in_s":{"type":"number"},
"payload":{"type":"string","description":"Its beginning, where it is a text"},
"payload_base64":{"type":"string","description":"Its beginning, where it is none"},
"payload_bytes":{"type":"integer","description":"Of all of it"}}},
"RetainedMessageList":{"type":"object","required":["items","next"],"properties":{
"items":{"type":"array","items":{"$ref":"#/components/schemas/RetainedMessage"}},
"next":{"type":["string","null"]}}},
"TopicLevel":{"type":"object","required":["name","topic","has_below","is_point","is_retained",
"is_recent","points","retained","recent"],"properties":{"name":{"type":"string"},
"topic":{"type":"string"},"has_below":{"type":"boolean"},"is_point":{"type":"boolean"},
"is_retained":{"type":"boolean"},"is_recent":{"type":"boolean"},
"points":{"type":"integer","description":"Here and below; the others too"},
"retained":{"type":"integer"},"recent":{"type":"integer"}}},
"TopicLevelList":{"type":"object","required":["prefix","items","all_points","next"],
"properties":{"prefix":{"type":"string"},
"items":{"type":"array","items":{"$ref":"#/components/schemas/TopicLevel"}},
"all_points":{"type":"boolean","description":"false: there are more points than were looked at"},
"next":{"type":["string","null"]}}},
"MqttBanSpec":{"type":"object","required":["kind","value"],"properties":{
"kind":{"type":"string","enum":["client","user","address"]},
"value":{"type":"string","description":"Id, name, or address; an address may be a network"},
"until":{"type":["string","null"],"description":"Default: for good"},
"for":{"type":["string","null"],"description":"A duration, instead of until"},
"reason":{"type":["string","null"]}},"additionalProperties":false},
"MqttBan":{"type":"object","required":["kind","value","until","reason","created_by",
"created_at"],"properties":{"kind":{"type":"string","enum":["client","user","address"]},
"value":{"type":"string"},"until":{"type":["string","null"],"format":"date-time"},
"reason":{"type":"string"},"created_by":{"type":"string"},
"created_at":{"type":"string","format":"date-time"}}},
"MqttBanList":{"type":"object","required":["items"],"properties":{
"items":{"type":"array","items":{"$ref":"#/components/schemas/MqttBan"}}}},
"MqttBanned":{"type":"object","required":["ban","kicked"],"properties":{
"ban":{"$ref":"#/components/schemas/MqttBan"},"kicked":{"type":"integer"}}},
"MqttTraceSpec":{"type":"object","required":["name","kind","value"],"properties":{
"name":{"type":"string","maxLength":128},
"kind":{"type":"string","enum":["client","topic","address"]},
"value":{"type":"string","description":"Client id, topic filter, or address"},
"until":{"type":["string","null"],"description":"At most a day ahead"},
"for":{"type":["string","null"],"description":"A duration, instead of until; default 10m"}},
"additionalProperties":false},
"MqttTrace":{"type":"object","required":["name","kind","value","until","running","records",
"kept","bytes","created_by","created_at"],"properties":{"name":{"type":"string"},
"kind":{"type":"string","enum":["client","topic","address"]},"value":{"type":"string"},
"until":{"type":"string","format":"date-time"},"running":{"type":"boolean"},
"records":{"type":"integer","description":"All that there were"},
"kept":{"type":"integer","description":"The newest of them"},"bytes":{"type":"integer"},
"created_by":{"type":"string"},"created_at":{"type":"string","format":"date-time"}}},
"MqttTraceList":{"type":"object","required":["items"],"properties":{
"items":{"type":"array","items":{"$ref":"#/components/schemas/MqttTrace"}}}},
"MqttTraceRecord":{"type":"object","required":["number","time","event"],"properties":{
"number":{"type":"integer"},"time":{"type":"string","format":"date-time"},
"event":{"type":"string","enum":["connected","disconnected","connack","ping","denied",
"subscribed","unsubscribed","published","delivered","dropped","delivery_dropped"]},
"client_id":{"type":"string"},"user_name":{"type":"string"},"peer":{"type":"string"},
"topic":{"type":"string","description":"Or the filter"},"from_client_id":{"type":"string"},
"reason":{"type":"string"},"qos":{"type":"integer"},"retain":{"type":"boolean"},
"payload":{"type":"string"},"payload_base64":{"type":"string"},
"payload_bytes":{"type":"integer"}}},
"MqttTraceRecords":{"type":"object","required":["items","last"],"properties":{
"items":{"type":"array","items":{"$ref":"#/components/schemas/MqttTraceRecord"}},
"last":{"type":"integer","description":"Number of the last; pass it as 'after'"}}}
)json";

}  // namespace

std::string_view broker_schemas() {
    return schemas;
}

}  // namespace hw::api

#include "api/broker_json.h"

#include <fmt/format.h>

#include "base/base64.h"
#include "model/point_path.h"

namespace hw::api {

namespace {

// Payloads of other bytes would not come back from JSON as they are.
bool is_text(std::string_view bytes) {
    return bytes.find('\0') == std::string_view::npos && model::is_mqtt_text(bytes);
}

void optional_time(JsonWriter& json, std::string_view name, const std::optional<Time>& time) {
    if (time) json.member(name, *time);
}

}  // namespace

void write_client(JsonWriter& json, const broker::ClientView& client) {
    json.begin_object();
    json.member("client_id", client.client_id);
    json.member("connected", client.connected);
    if (client.connected) {
        json.member("user_name", client.user_name);
        json.member("peer", client.peer);
        json.member("protocol", client.protocol == 3   ? "3.1"
                                : client.protocol == 4 ? "3.1.1"
                                                       : "5.0");
        json.member("clean_start", client.clean_start);
        json.member("keep_alive_s", client.keep_alive_s);
        json.member("paused", client.paused);
        json.member("output_bytes", client.output_bytes);
        json.member("messages_in", client.messages_in);
        json.member("messages_out", client.messages_out);
        json.member("bytes_in", client.bytes_in);
        json.member("bytes_out", client.bytes_out);
    }
    optional_time(json, "connected_at", client.connected_at);
    optional_time(json, "expires_at", client.expires_at);
    json.member("session_expiry_s", client.session_expiry_s);
    if (!client.will_topic.empty()) json.member("will_topic", client.will_topic);
    json.member("subscriptions", client.subscriptions);
    json.member("inflight", client.inflight);
    json.member("queued", client.queued);
    json.member("queued_bytes", client.queued_bytes);
    json.member("dropped", client.dropped);
    json.end_object();
}

void write_subscription(JsonWriter& json, const broker::SubscriptionView& subscription) {
    json.begin_object();
    json.member("client_id", subscription.client_id);
    json.member("filter", subscription.filter);
    json.member("qos", subscription.qos);
    json.member("no_local", subscription.no_local);
    json.member("retain_as_published", subscription.retain_as_published);
    if (subscription.identifier != 0) json.member("identifier", subscription.identifier);
    json.member("shared", subscription.members > 0);
    if (subscription.members > 0) json.member("members", subscription.members);
    json.end_object();
}

void write_payload(JsonWriter& json, std::string_view payload, size_t bytes) {
    // A text that was cut may end within a character.
    std::string_view text = payload;
    for (int i = 0; i < 3 && payload.size() < bytes && !text.empty() && !is_text(text); ++i)
        text.remove_suffix(1);
    if (is_text(text))
        json.member("payload", text);
    else
        json.member("payload_base64", base64(payload));
    json.member("payload_bytes", bytes);
}

void write_retained(JsonWriter& json, const broker::RetainedView& message) {
    json.begin_object();
    json.member("topic", message.topic);
    json.member("qos", message.qos);
    if (!message.content_type.empty()) json.member("content_type", message.content_type);
    if (message.expires_in)
        json.member("expires_in_s", static_cast<double>(message.expires_in->ns) / 1e9);
    write_payload(json, message.payload, message.payload_bytes);
    json.end_object();
}

void write_ban(JsonWriter& json, const Ban& ban) {
    json.begin_object();
    json.member("kind", to_string(ban.kind));
    json.member("value", ban.value);
    json.key("until");
    if (ban.until)
        json.value(*ban.until);
    else
        json.null();
    json.member("reason", ban.reason);
    json.member("created_by", ban.created_by);
    json.member("created_at", ban.created_at);
    json.end_object();
}

void write_trace(JsonWriter& json, const TraceView& trace) {
    json.begin_object();
    json.member("name", trace.spec.name);
    json.member("kind", to_string(trace.spec.kind));
    json.member("value", trace.spec.value);
    json.member("until", trace.spec.until);
    json.member("running", trace.running);
    json.member("records", trace.records);
    json.member("kept", trace.kept);
    json.member("bytes", trace.bytes);
    json.member("created_by", trace.spec.created_by);
    json.member("created_at", trace.created_at);
    json.end_object();
}

void write_record(JsonWriter& json, const TraceRecord& record) {
    const auto text = [&](std::string_view name, const std::string& value) {
        if (!value.empty()) json.member(name, value);
    };
    json.begin_object();
    json.member("number", record.number);
    json.member("time", record.time);
    json.member("event", record.event);
    text("client_id", record.client_id);
    text("user_name", record.user_name);
    text("peer", record.peer);
    text("topic", record.topic);
    text("from_client_id", record.from_client_id);
    text("reason", record.reason);
    if (!record.topic.empty()) json.member("qos", record.qos);
    if (record.retain) json.member("retain", true);
    if (record.payload_bytes > 0) write_payload(json, record.payload, record.payload_bytes);
    json.end_object();
}

}  // namespace hw::api

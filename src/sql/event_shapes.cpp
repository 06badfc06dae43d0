#include <array>
#include <string>
#include <utility>

#include "sql/record.h"

namespace hw::sql {

namespace {

using Columns = std::vector<Shape::Column>;

// What all events have, at the end.
Columns with_common(std::string_view event, Columns columns) {
    columns.push_back({"event", "the event's name: " + std::string(event)});
    columns.push_back({"timestamp", "when it happened, in ms since 1970"});
    columns.push_back({"node", "the name of this server"});
    return columns;
}

Columns joined(Columns first, const Columns& second) {
    first.insert(first.end(), second.begin(), second.end());
    return first;
}

const Columns client = {{"clientid", "the client's id"},
                        {"username", "the client's user name, null where it gave none"},
                        {"client_attrs", "attributes of the client; empty"}};

const Columns connection = {{"peername", "the client's address and port"},
                            {"sockname", "our address and port"},
                            {"proto_name", "MQTT or MQIsdp"},
                            {"proto_ver", "3, 4 or 5"}};

const Columns session = {{"keepalive", "in seconds"},
                         {"clean_start", "whether the client asked for a new session"},
                         {"expiry_interval", "of the session, in seconds"},
                         {"conn_props", "CONNECT's MQTT 5 properties by name"}};

const Columns peer = {{"peerhost", "the client's address without the port"},
                      {"peername", "the client's address and port"}};

// The message that an event is about; its payload comes first.
const Columns message = {{"payload", "its payload: its JSON, or the text or bytes as they came"},
                         {"id", "a number of the message, as text"},
                         {"topic", "the topic it was published to"},
                         {"qos", "0, 1 or 2"},
                         {"flags", "an object of its MQTT flags: retain, dup"},
                         {"pub_props", "its MQTT 5 properties by name; User-Property an object"},
                         {"publish_received_at", "when it arrived, in ms since 1970"}};

const Columns sender = {{"from_clientid", "the publisher's client id"},
                        {"from_username", "the publisher's user name, null where it gave none"}};

Shape plain(std::string_view event, Columns columns) {
    return {std::string(event), with_common(event, std::move(columns))};
}

// The columns of the message first, so that bare names mean members of its payload.
Shape about_message(std::string_view event, const Columns& columns) {
    return {std::string(event), with_common(event, joined(message, columns)), 0, true};
}

Columns subscription(std::string_view properties, std::string_view help) {
    return joined(joined(client, peer), {{"topic", "the topic filter"},
                                         {"qos", "0, 1 or 2"},
                                         {std::string(properties), std::string(help)}});
}

Columns alarm() {
    return {{"name", "which alarm"},
            {"message", "what is wrong"},
            {"details", "an object of figures"},
            {"activated_at", "when it began, in ms since 1970"}};
}

Columns link(std::string_view reason) {
    return {{"device", "the device's name"},
            {"driver", "what it is spoken to with: modbus, s7 ..."},
            {"address", "its host and port, or its line"},
            {"reason", std::string(reason)},
            {"since", "since when its link had been as it was, in ms since 1970"}};
}

Columns sink(std::string_view reason) {
    return {{"sink", "the sink's or action's name"},
            {"type", "http, kafka ..."},
            {"rule", "the rule it belongs to, null where it is shared"},
            {"reason", std::string(reason)},
            {"buffered", "how many rows wait for it"}};
}

using Shapes = std::vector<Shape>;

void add_client_events(Shapes& shapes) {
    shapes.push_back(
        plain("client/connected",
              joined(joined(client, connection),
                     joined(session, {{"mountpoint", "null"},
                                      {"receive_maximum", "how many it takes at a time"},
                                      {"is_bridge", "whether it said to be a bridge"},
                                      {"connected_at", "when it connected, in ms since 1970"}}))));
    shapes.push_back(plain("client/disconnected",
                           joined(joined(client, connection),
                                  {{"reason", "normal, kicked, keepalive_timeout, takenover ..."},
                                   {"disconn_props", "DISCONNECT's MQTT 5 properties by name"},
                                   {"connected_at", "when it connected, in ms since 1970"},
                                   {"disconnected_at", "when it went, in ms since 1970"}})));
    shapes.push_back(plain("client/connack",
                           joined(joined(client, connection),
                                  joined(session, {{"reason_code", "success, not_authorized ..."},
                                                   {"connected_at", "in ms since 1970"}}))));
    shapes.push_back(plain("client/ping", joined(joined(client, connection), session)));
    shapes.push_back(plain("auth/check_authn_complete",
                           joined(client, {{"peername", "the client's address and port"},
                                           {"reason_code", "success, bad_username_or_password ..."},
                                           {"is_superuser", "whether it may do everything"},
                                           {"is_anonymous", "whether it gave no name"}})));
    shapes.push_back(plain("auth/check_authz_complete",
                           joined(joined(client, peer), {{"topic", "the topic or filter"},
                                                         {"action", "publish or subscribe"},
                                                         {"authz_source", "what decided"},
                                                         {"result", "allow or deny"}})));
    shapes.push_back(plain("session/subscribed",
                           subscription("sub_props", "SUBSCRIBE's MQTT 5 properties by name")));
    shapes.push_back(plain("session/unsubscribed",
                           subscription("unsub_props", "UNSUBSCRIBE's MQTT 5 properties by name")));
}

void add_message_events(Shapes& shapes) {
    const Columns receiver = joined(joined(sender, client), peer);
    const Columns publisher = joined(client, peer);
    shapes.push_back(about_message("message/delivered", receiver));
    shapes.push_back(
        about_message("message/acked",
                      joined(receiver, {{"puback_props", "PUBACK's MQTT 5 properties by name"}})));
    shapes.push_back(about_message(
        "message/dropped", joined(publisher, {{"reason", "no_subscribers, quota_exceeded ..."}})));
    shapes.push_back(about_message(
        "message/delivery_dropped",
        joined(receiver, {{"reason", "queue_full, no_local, expired, qos0_msg ..."}})));
    shapes.push_back(about_message("schema_validation/failed",
                                   joined(publisher, {{"validation", "which validation"}})));
    shapes.push_back(about_message("message_transformation/failed",
                                   joined(publisher, {{"transformation", "which one"},
                                                      {"validation", "the same: EMQX's name"}})));
}

void add_server_events(Shapes& shapes) {
    shapes.push_back(plain("sys/alarm_activated", alarm()));
    shapes.push_back(
        plain("sys/alarm_deactivated",
              joined(alarm(), {{"deactivated_at", "when it ended, in ms since 1970"}})));
    shapes.push_back(plain("device/link_up", link("null")));
    shapes.push_back(plain("device/link_down", link("why, in words")));
    shapes.push_back(
        plain("rule/failed", {{"rule", "the rule's id"},
                              {"reason", "why its row or the rule failed, in words"},
                              {"count", "how many rows failed so since the last event"}}));
    shapes.push_back(plain("sink/down", sink("why, in words")));
    shapes.push_back(plain("sink/up", sink("null")));
}

struct AllShapes {
    Shapes owned;
    std::vector<const Shape*> listed;

    AllShapes() {
        add_client_events(owned);
        add_message_events(owned);
        add_server_events(owned);
        for (const auto& shape : owned)
            listed.push_back(&shape);
    }
};

const AllShapes& all_shapes() {
    static const AllShapes shapes;
    return shapes;
}

// EMQX's names before 6, and those that this server would write with an underscore.
constexpr std::pair<std::string_view, std::string_view> old_names[] = {
    {"client_connected", "client/connected"},
    {"client_disconnected", "client/disconnected"},
    {"client_connack", "client/connack"},
    {"client_ping", "client/ping"},
    {"client_check_authn_complete", "auth/check_authn_complete"},
    {"client_check_authz_complete", "auth/check_authz_complete"},
    {"session_subscribed", "session/subscribed"},
    {"session_unsubscribed", "session/unsubscribed"},
    {"message_delivered", "message/delivered"},
    {"message_acked", "message/acked"},
    {"message_dropped", "message/dropped"},
    {"delivery_dropped", "message/delivery_dropped"},
    {"message_delivery_dropped", "message/delivery_dropped"},
    {"schema_validation_failed", "schema_validation/failed"},
    {"message_transformation_failed", "message_transformation/failed"},
    {"alarm_activated", "sys/alarm_activated"},
    {"alarm_deactivated", "sys/alarm_deactivated"},
    {"sys_alarm_activated", "sys/alarm_activated"},
    {"sys_alarm_deactivated", "sys/alarm_deactivated"},
};

}  // namespace

const Shape* event_shape(std::string_view event) {
    for (const auto& [old, name] : old_names)
        if (old == event) event = name;
    for (const Shape* shape : event_shapes())
        if (shape->name == event) return shape;
    return nullptr;
}

std::span<const Shape* const> event_shapes() {
    return all_shapes().listed;
}

}  // namespace hw::sql

#include <algorithm>
#include <array>
#include <deque>
#include <initializer_list>
#include <string>
#include <utility>
#include <vector>

#include "sql/record.h"

namespace hw::sql {

namespace {

using Columns = std::vector<Shape::Column>;

Columns joined(std::initializer_list<Columns> parts) {
    Columns all;
    for (const auto& part : parts)
        all.insert(all.end(), part.begin(), part.end());
    return all;
}

const Columns of_client = {{"clientid", "the client's id"},
                           {"username", "the client's user name, null where it gave none"}};
const Columns of_connection = {{"peername", "the client's address with its port"},
                               {"sockname", "our address with its port"},
                               {"proto_name", "the protocol's name, MQTT"},
                               {"proto_ver", "the protocol's version: 3, 4 or 5"},
                               {"keepalive", "the keep-alive interval in s"},
                               {"clean_start", "whether the session began anew"},
                               {"expiry_interval", "how long the session outlives it, in s"}};
const Columns of_event = {{"timestamp", "when it happened, in ms since 1970"},
                          {"node", "the name of this server"}};
const Columns of_sender = {{"from_clientid", "the publisher's client id"},
                           {"from_username", "the publisher's user name"}};
// The payload comes first: it is the body.
const Columns of_message = {{"payload", "the payload as it came"},
                            {"id", "a number of this message, as text"},
                            {"topic", "the topic it was published to"},
                            {"qos", "0, 1 or 2"},
                            {"flags", "an object of the MQTT flags: retain, dup"},
                            {"peerhost", "the client's address without the port"},
                            {"pub_props", "its MQTT 5 properties by name"},
                            {"publish_received_at", "when it arrived, in ms since 1970"}};
const Columns of_reason = {{"reason", "why, as a word"}};
const Columns of_attributes = {{"client_attrs", "attributes of the client; empty"}};
const Columns of_subscription = {{"peerhost", "the client's address without the port"},
                                 {"topic", "the topic filter"},
                                 {"qos", "0, 1 or 2"}};

struct Event {
    Shape shape;
    std::string old_name;
};

// Shapes are pointed to: they never move.
const std::deque<Event>& events() {
    static const std::deque<Event> all = [] {
        std::deque<Event> made;
        const auto add = [&](std::string name, std::string old_name, Columns columns,
                             bool message = false) {
            made.push_back({{std::move(name), std::move(columns), message ? 0 : -1, message},
                            std::move(old_name)});
        };
        add("client/connected", "client_connected",
            joined({of_client, of_connection, of_attributes,
                    {{"mountpoint", "always null"},
                     {"is_bridge", "whether the client says that it is a bridge"},
                     {"connected_at", "when it connected, in ms since 1970"},
                     {"conn_props", "CONNECT's MQTT 5 properties by name"}},
                    of_event}));
        add("client/disconnected", "client_disconnected",
            joined({of_client, of_reason, of_attributes,
                    {{"peername", "the client's address with its port"},
                     {"sockname", "our address with its port"},
                     {"disconnected_at", "when it went, in ms since 1970"},
                     {"disconn_props", "DISCONNECT's MQTT 5 properties by name"}},
                    of_event}));
        add("client/connack", "client_connack",
            joined({of_client, of_connection,
                    {{"reason_code", "success, or why the client was refused"},
                     {"conn_props", "CONNECT's MQTT 5 properties by name"}},
                    of_event}));
        add("client/ping", "client_ping", joined({of_client, of_connection, of_event}));
        add("auth/check_authn_complete", "client_check_authn_complete",
            joined({of_client, of_attributes,
                    {{"peername", "the client's address with its port"},
                     {"reason_code", "success, or why the client was refused"},
                     {"is_superuser", "whether everything is allowed to it"},
                     {"is_anonymous", "whether nobody asked who it is"}},
                    of_event}));
        add("auth/check_authz_complete", "client_check_authz_complete",
            joined({of_client, of_attributes,
                    {{"peerhost", "the client's address without the port"},
                     {"topic", "the topic or filter asked for"},
                     {"action", "publish or subscribe"},
                     {"result", "allow or deny"},
                     {"authz_source", "which list of rights said so"}},
                    of_event}));
        add("session/subscribed", "session_subscribed",
            joined({of_client, of_subscription, of_attributes,
                    {{"sub_props", "SUBSCRIBE's MQTT 5 properties by name"}}, of_event}));
        add("session/unsubscribed", "session_unsubscribed",
            joined({of_client, of_subscription, of_attributes,
                    {{"unsub_props", "UNSUBSCRIBE's MQTT 5 properties by name"}}, of_event}));
        add("message/delivered", "message_delivered",
            joined({of_message, of_sender, of_client, of_event}), true);
        add("message/acked", "message_acked",
            joined({of_message, of_sender, of_client,
                    {{"puback_props", "PUBACK's MQTT 5 properties by name"}}, of_event}),
            true);
        add("message/dropped", "message_dropped",
            joined({of_message, of_reason, of_client, of_event}), true);
        add("message/delivery_dropped", "delivery_dropped",
            joined({of_message, of_reason, of_sender, of_client, of_event}), true);
        const Columns device = {{"device", "the device's path"},
                                {"driver", "its protocol: modbus, s7 ..."},
                                {"address", "where it is reached"}};
        add("device/link_up", "device_link_up", joined({device, of_event}));
        add("device/link_down", "device_link_down", joined({device, of_reason, of_event}));
        return made;
    }();
    return all;
}

}  // namespace

const Shape* event_shape(std::string_view event) {
    for (const auto& one : events())
        if (one.shape.name == event || one.old_name == event) return &one.shape;
    return nullptr;
}

std::span<const Shape* const> event_shapes() {
    static const std::vector<const Shape*> all = [] {
        std::vector<const Shape*> shapes;
        for (const auto& one : events())
            shapes.push_back(&one.shape);
        return shapes;
    }();
    return all;
}

}  // namespace hw::sql

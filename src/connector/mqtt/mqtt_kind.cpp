#include "connector/mqtt/mqtt_kind.h"

#include "connector/mqtt/parts.h"

namespace hw::connector::mqtt {

namespace {

using enum PropertyType;

constexpr Property connection[] = {
    {"server", text, "mqtt://127.0.0.1:1883", "The broker: mqtt://host:port, or mqtts:// for TLS.",
     0, 0, false},
    {"client_id", text, "", "Client id; empty: the broker gives one.", 0, 0, false},
    {"username", text, "", "User name; empty: none.", 0, 0, false},
    {"password_file", text, "", "File whose first line is the password.", 0, 0, false},
    {.key = "protocol_version",
     .type = text,
     .default_value = "5",
     .help = "MQTT version.",
     .needs_restart = false,
     .choices = "3.1.1|5"},
    {"clean_start", boolean, "true", "Whether the broker forgets an earlier session.", 0, 0, false},
    {"keep_alive", duration, "60s",
     "Silence after which each side asks whether the other is there.", 5, 65'535, false},
    {"ca_file", text, "", "Certificates of authorities, PEM; empty: the system's.", 0, 0, false},
    {"certificate_file", text, "", "Own certificate, PEM, where the broker asks for one.", 0, 0,
     false},
    {"key_file", text, "", "Private key of the certificate, PEM.", 0, 0, false},
    {"verify", boolean, "true", "Whether the broker's name must be that of its certificate.", 0, 0,
     false},
    {"connect_timeout", duration, "10s", "Time for connecting.", 1, 300, false},
    {"request_timeout", duration, "30s", "Time until a batch must be acknowledged.", 1, 900, false},
};

constexpr Property sink[] = {
    {"topic", text, "", "Topic to publish to; a template, e.g. site1/${topic}.", 0, 0, false},
    {"payload", text, "${.}", "Payload, a template.", 0, 0, false},
    {"qos", integer, "1", "Quality of service.", 0, 2, false},
    {"retain", boolean, "false", "Whether the broker keeps the message for later subscribers.", 0,
     0, false},
    {"content_type", text, "", "MQTT 5 content type, a template; empty: none.", 0, 0, false},
    {"user_properties", text_list, "", "MQTT 5 user properties as name=template.", 0, 0, false},
};

constexpr Property source[] = {
    {"topic", text_list, "", "Filters to subscribe to, by commas.", 0, 0, false},
    {"qos", integer, "1", "Quality of service of the subscription.", 0, 2, false},
    {"buffer_messages", integer, "10000",
     "Messages taken in and not yet handed over, at most; then the broker must wait.", 1,
     10'000'000, false},
};

constexpr Kind the_kind = {
    "mqtt",     "MQTT",    "Publishes to and reads from another MQTT broker, 3.1.1 or 5.0.",
    connection, sink,      source,
    {},         make_sink, make_source,
    nullptr,
};

}  // namespace

const Kind& kind() {
    return the_kind;
}

}  // namespace hw::connector::mqtt

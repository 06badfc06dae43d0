#include "broker/settings.h"

namespace hw::broker {

namespace {

using enum PropertyType;

constexpr double gib = 1024.0 * 1024 * 1024;

}  // namespace

const std::vector<Property> properties = {
    {"mqtt.host", text, "127.0.0.1",
     "Address to listen on for MQTT; 0.0.0.0 for all, who then need a key (access.mqtt)"},
    {"mqtt.port", integer, "1883", "TCP port to listen on for MQTT, 0 for any free one", 0, 65'535},
    {"mqtt.packet_bytes_limit", bytes, "1MiB",
     "Largest packet a client may send; a larger one closes its connection", 1024, 268'435'455},
    {"mqtt.sessions_limit", integer, "200000",
     "Sessions kept at most, connected or not; beyond it new clients are refused", 1, 1e7},
    {"mqtt.connections_limit", integer, "110000", "Connections open at once at most", 1, 1e7},
    {"mqtt.session_expiry_limit", duration, "1d",
     "How long a session outlives its connection at most, and for 3.1.1 clients without clean "
     "session exactly; longer wishes are cut",
     0, 4'294'967'294},
    {"mqtt.receive_maximum", integer, "65535",
     "QoS 1 and 2 messages a 5.0 client may have unacknowledged towards us", 1, 65'535},
    {"mqtt.inflight_limit", integer, "8192",
     "QoS 1 and 2 messages sent to one session and unacknowledged at most; a 5.0 client's receive "
     "maximum may lower it",
     1, 65'535},
    {"mqtt.queue_messages_limit", integer, "20000",
     "QoS 1 and 2 messages queued for one slow or offline session at most; beyond it the oldest "
     "are dropped and counted",
     0, 1e7},
    {"mqtt.queue_bytes_limit", bytes, "8MiB", "The same in bytes", 0, 64 * gib},
    {"mqtt.topic_levels_limit", integer, "128", "Levels of a topic or filter at most", 1, 1000},
    {"mqtt.topic_alias_limit", integer, "64",
     "Topic aliases a 5.0 client may use towards us, 0 for none", 0, 65'535},
    {"mqtt.topic_alias_limit_out", integer, "16",
     "Topic aliases we use towards a 5.0 client that allows them, 0 for none", 0, 65'535},
    {"mqtt.retained_messages_limit", integer, "1000000",
     "Retained messages at most; beyond it new topics are not retained, and counted", 0, 1e9},
    {"mqtt.retained_bytes_limit", bytes, "256MiB", "The same in bytes", 0, 1024 * gib},
    {"mqtt.subscriptions_limit", integer, "1000",
     "Subscriptions of one session at most; beyond it SUBSCRIBE is answered with quota exceeded", 1,
     1e7},
    {"mqtt.keep_alive_limit", duration, "0s",
     "Longest keep-alive granted; 5.0 clients are told. 0 grants what they ask for", 0, 65'535},
    {"mqtt.connect_timeout", duration, "10s",
     "How long a new connection may take to send its CONNECT", 0.1, 3600},
    {"mqtt.output_bytes_limit", bytes, "16MiB",
     "Bytes waiting for one slow subscriber's socket at most; beyond it QoS 0 messages to it are "
     "dropped and counted, QoS 1 and 2 are queued",
     4096, 64 * gib},
    {"mqtt.route_topics_limit", integer, "200000",
     "Topics whose subscribers are kept resolved at most", 16, 1e9},
    {"mqtt.route_deliveries_limit", integer, "4000000",
     "Subscribers in all resolved topics together at most (16 bytes each)", 16, 1e10},
    {"mqtt.sys_interval", duration, "10s", "How often $SYS topics are published, 0 for never", 0,
     86'400},
    {"mqtt.pause_publishers", boolean, "true",
     "Stop reading the sockets of publishers while history cannot keep up; with false their "
     "messages are taken and wait in memory"},
    {"mqtt.sparkplug_aware", boolean, "true",
     "Keep the birth certificates of Sparkplug edge nodes and devices as retained messages on "
     "$sparkplug/certificates/"},
};

Result<Settings> settings_from(const Config& config) {
    const auto u16 = [&](std::string_view key) {
        return static_cast<uint16_t>(config.integer(key));
    };
    const auto u64 = [&](std::string_view key) {
        return static_cast<uint64_t>(config.integer(key));
    };
    Settings settings;
    settings.host = config.text("mqtt.host");
    settings.port = u16("mqtt.port");
    settings.packet_bytes_limit = config.bytes("mqtt.packet_bytes_limit");
    settings.sessions_limit = u64("mqtt.sessions_limit");
    settings.connections_limit = u64("mqtt.connections_limit");
    settings.session_expiry_limit = config.duration("mqtt.session_expiry_limit");
    settings.receive_maximum = u16("mqtt.receive_maximum");
    settings.inflight_limit = u16("mqtt.inflight_limit");
    settings.queue_messages_limit = u64("mqtt.queue_messages_limit");
    settings.queue_bytes_limit = config.bytes("mqtt.queue_bytes_limit");
    settings.topic_levels_limit = u64("mqtt.topic_levels_limit");
    settings.topic_alias_limit = u16("mqtt.topic_alias_limit");
    settings.topic_alias_limit_out = u16("mqtt.topic_alias_limit_out");
    settings.retained_messages_limit = u64("mqtt.retained_messages_limit");
    settings.retained_bytes_limit = config.bytes("mqtt.retained_bytes_limit");
    settings.subscriptions_limit = u64("mqtt.subscriptions_limit");
    settings.keep_alive_limit = config.duration("mqtt.keep_alive_limit");
    settings.connect_timeout = config.duration("mqtt.connect_timeout");
    settings.output_bytes_limit = config.bytes("mqtt.output_bytes_limit");
    settings.route_topics_limit = u64("mqtt.route_topics_limit");
    settings.route_deliveries_limit = u64("mqtt.route_deliveries_limit");
    settings.sys_interval = config.duration("mqtt.sys_interval");
    settings.pause_publishers = config.boolean("mqtt.pause_publishers");
    settings.sparkplug_aware = config.boolean("mqtt.sparkplug_aware");
    return settings;
}

}  // namespace hw::broker

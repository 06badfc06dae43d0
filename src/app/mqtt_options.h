#pragma once

#include <optional>
#include <span>
#include <string>
#include <vector>

#include "base/error.h"
#include "upstream/mqtt_link.h"
#include "wire/mqtt/client_connection.h"

namespace CLI {
class App;
}

namespace hw::app {

// The flags that pub and sub share, by mosquitto's names and with its meaning.
struct MqttOptions {
    std::string host = "127.0.0.1";
    int port = 0;  // 0: 1883, or the URL's
    std::string url;
    std::string user, password_file, refused_password;
    std::string client_id, id_prefix;
    std::string version = "mqttv311";
    int keep_alive_s = 60;
    int qos = 0;
    bool keep_session = false;
    std::string session_expiry;
    std::vector<std::string> properties;
    std::string will_topic, will_payload;
    int will_qos = 0;
    bool will_retain = false;
    bool debug = false;
    bool quiet = false;
    std::string url_topic;  // from -L
};
void add_mqtt_options(CLI::App& app, MqttOptions& options);

enum class PropertyUse { connect, publish, subscribe, unsubscribe, disconnect, will };

// All of -D, sorted by the packet they go with.
struct CommandProperties {
    mqtt::PropertyList connect, publish, subscribe, unsubscribe, will;
};

// "-D <command> <property> <value> [<value>]", flat: "publish", "content-type", "text/plain",
// "connect", "user-property", "a", "b". Numbers are checked against their kind, properties against
// the packet (MQTT 5.0, 2.2.2.2).
Result<CommandProperties> parse_properties(std::span<const std::string> words);

// What those flags say, checked. `role` is "pub" or "sub", for the client id.
struct MqttSetup {
    upstream::BrokerAddress address;
    mqtt::ClientOptions client;
    CommandProperties properties;
    std::string topic;  // from -L
};
Result<MqttSetup> read_mqtt_options(const MqttOptions& options, std::string_view role);

// HEADWORKS_PASSWORD, or the file's first line.
Result<std::optional<std::string>> read_password(const std::string& file);

}  // namespace hw::app

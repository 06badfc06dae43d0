#include "app/mqtt_options.h"

#include <fmt/format.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <charconv>
#include <fstream>

#include "app/terminal.h"

namespace hw::app {

void add_mqtt_options(CLI::App& app, MqttOptions& options) {
    // -h is the host, as with mosquitto's tools.
    app.set_help_flag("--help", "Print this help and exit");
    app.add_option("-h,--host", options.host, "The broker")->capture_default_str();
    app.add_option("-p,--port", options.port, "Its port (1883)")->check(CLI::Range(1, 65'535));
    app.add_option("-L,--url", options.url, "Broker and topic at once: mqtt://host[:port]/topic");
    app.add_option("-u,--username", options.user, "User name");
    app.add_option("--password-file", options.password_file,
                   "File whose first line is the password; else HEADWORKS_PASSWORD");
    app.add_option("-P,--pw", options.refused_password,
                   "Refused, since all on this machine could read it: see --password-file");
    app.add_option("-i,--id", options.client_id, "Client id");
    app.add_option("-I,--id-prefix", options.id_prefix, "Client id: this and the process id");
    app.add_option("-V,--protocol-version", options.version, "mqttv5, mqttv311 or mqttv31")
        ->check(CLI::IsMember({"mqttv5", "mqttv311", "mqttv31", "5", "311", "31"}))
        ->capture_default_str();
    app.add_option("-k,--keepalive", options.keep_alive_s, "Keep alive in seconds, 0 for none")
        ->check(CLI::Range(0, 65'535))
        ->capture_default_str();
    app.add_option("-q,--qos", options.qos, "Quality of service")
        ->check(CLI::Range(0, 2))
        ->capture_default_str();
    app.add_flag("-c,--disable-clean-session", options.keep_session,
                 "Keep the session when the client goes; wants -i");
    app.add_option("-x,--session-expiry-interval", options.session_expiry,
                   "mqttv5: seconds that the session is kept, -1 for ever");
    app.add_option("-D,--property", options.properties,
                   "mqttv5: <command> <property> <value>, e.g. publish content-type text/plain")
        ->expected(3, 3000);
    app.add_option("--will-topic", options.will_topic, "Topic of the will");
    app.add_option("--will-payload", options.will_payload, "Its payload");
    app.add_option("--will-qos", options.will_qos, "Its QoS")->check(CLI::Range(0, 2));
    app.add_flag("--will-retain", options.will_retain, "Keep the will as retained message");
    app.add_flag("-d,--debug", options.debug, "Tell on standard error what happens");
    app.add_flag("--quiet", options.quiet, "No error texts");
}

Result<std::optional<std::string>> read_password(const std::string& file) {
    if (file.empty()) return environment("HEADWORKS_PASSWORD");
    std::ifstream stream(file);
    std::string line;
    if (!std::getline(stream, line))
        return fail(ErrorCode::not_found,
                    fmt::format("password file '{}' cannot be read or is empty", file));
    if (line.ends_with('\r')) line.pop_back();
    return line;
}

namespace {

mqtt::Version version_of(const std::string& text) {
    if (text.ends_with("311")) return mqtt::Version::v3_1_1;
    return text.ends_with("31") ? mqtt::Version::v3_1 : mqtt::Version::v5;
}

Result<void> read_url(const MqttOptions& options, MqttSetup& setup) {
    std::string url = options.url;
    const size_t scheme = url.find("://");
    const size_t slash = url.find('/', scheme == std::string::npos ? 0 : scheme + 3);
    if (slash != std::string::npos) {
        setup.topic = url.substr(slash + 1);
        url.resize(slash);
    }
    setup.address = HW_TRY(upstream::parse_broker(url));
    return {};
}

Result<void> read_session(const MqttOptions& options, std::string_view role, MqttSetup& setup) {
    auto& client = setup.client;
    client.version = version_of(options.version);
    client.clean_start = !options.keep_session;
    client.keep_alive_s = static_cast<uint16_t>(options.keep_alive_s);
    client.client_id = options.client_id;
    if (options.keep_session && options.client_id.empty())
        return fail(ErrorCode::invalid_argument,
                    "-c keeps a session under a client id; give one with -i");
    if (client.client_id.empty())
        client.client_id = options.id_prefix.empty()
                               ? fmt::format("headworks-{}-{}", role, ::getpid())
                               : options.id_prefix + std::to_string(::getpid());
    if (client.version != mqtt::Version::v5) {
        if (!options.properties.empty() || !options.session_expiry.empty())
            return fail(ErrorCode::invalid_argument, "-D and -x are of MQTT 5; add -V mqttv5");
        return {};
    }
    std::vector<std::string> words = options.properties;
    std::string expiry = options.session_expiry;
    if (expiry.empty() && options.keep_session) expiry = "-1";
    if (!expiry.empty())
        words.insert(words.end(), {"connect", "session-expiry-interval", std::move(expiry)});
    setup.properties = HW_TRY(parse_properties(words));
    client.properties = setup.properties.connect;
    return {};
}

Result<void> read_will(const MqttOptions& options, MqttSetup& setup) {
    if (options.will_topic.empty()) {
        if (!options.will_payload.empty() || options.will_retain || options.will_qos != 0)
            return fail(ErrorCode::invalid_argument, "a will wants --will-topic");
        return {};
    }
    if (!mqtt::valid_topic_name(options.will_topic) ||
        options.will_payload.size() > mqtt::text_bytes_max)
        return fail(ErrorCode::invalid_argument,
                    "--will-topic is a topic without wildcards, --will-payload at most 65535 "
                    "bytes");
    setup.client.will = mqtt::ClientWill{options.will_topic, options.will_payload,
                                         static_cast<mqtt::Qos>(options.will_qos),
                                         options.will_retain, setup.properties.will};
    return {};
}

}  // namespace

Result<MqttSetup> read_mqtt_options(const MqttOptions& options, std::string_view role) {
    MqttSetup setup;
    if (!options.refused_password.empty())
        return fail(ErrorCode::invalid_argument,
                    "-P shows the password to all on this machine; put it in a file and give "
                    "--password-file, or set HEADWORKS_PASSWORD");
    if (options.url.empty()) {
        setup.address.host = options.host;
    } else {
        HW_TRY(read_url(options, setup));
    }
    if (options.port != 0) setup.address.port = static_cast<uint16_t>(options.port);
    HW_TRY(read_session(options, role, setup));
    HW_TRY(read_will(options, setup));
    if (!options.user.empty()) {
        setup.client.user_name = options.user;
        setup.client.password = HW_TRY(read_password(options.password_file));
    }
    return setup;
}

}  // namespace hw::app

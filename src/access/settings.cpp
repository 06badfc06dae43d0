#include "access/settings.h"

#include <fmt/format.h>

namespace hw::access {

namespace {

using enum PropertyType;

}  // namespace

const std::vector<Property> properties = {
    {"access.mode", text, "users",
     "users: people sign in and programs have keys; open: everybody may do everything, on loopback "
     "only",
     0, 0, true, "users|open"},
    {"access.mqtt", text, "auto",
     "Who may use MQTT: anonymous, or programs with a key as their password; auto: anonymous where "
     "mqtt.host and http.host are loopback, else keys",
     0, 0, true, "auto|anonymous|keys"},
    {"access.metrics", text, "auto",
     "Who may read /metrics: public, or viewer and more; auto: public where http.host is loopback "
     "and no proxy is named",
     0, 0, true, "auto|public|viewer"},
    {"access.trusted_proxies", text_list, "",
     "Addresses of proxies whose X-Forwarded-For and X-Forwarded-Proto are believed"},
    {"access.session_idle", duration, "12h", "A session that is not used for so long ends", 60,
     365 * 86'400.0},
    {"access.session_longest", duration, "7d", "A session ends after this at the latest", 60,
     365 * 86'400.0},
    {"access.sessions_per_user", integer, "20",
     "Sessions of one user at once; beyond it the one that was used longest ago ends", 1, 1000},
    {"access.password_length_least", integer, "12", "Characters that a password needs", 8, 64},
    {"access.hash_memory", bytes, "19MiB", "Memory of one Argon2id hash of a password",
     19.0 * (1 << 20), 1 << 30},
    {"access.hash_passes", integer, "2", "Passes of one Argon2id hash", 2, 100},
    {"access.hash_workers", integer, "1", "Passwords that are hashed at once", 1, 64},
    {"access.attempts_user", integer, "5",
     "Wrong passwords in a row for one user before the next must wait, each time twice as long", 1,
     1000},
    {"access.attempts_peer", integer, "20", "The same from one address", 1, 100'000},
    {"access.users_limit", integer, "1000", "Users at most", 1, 100'000},
    {"access.keys_limit", integer, "1000", "API keys at most", 1, 100'000},
};

bool is_loopback(std::string_view host) {
    if (host == "localhost" || host == "::1" || host == "[::1]") return true;
    // Not "127.0.0.1.example", which is anybody's name.
    return host.starts_with("127.") &&
           host.find_first_not_of("0123456789.") == std::string_view::npos;
}

Result<Settings> settings_from(const Config& config) {
    Settings settings;
    settings.open = config.text("access.mode") == "open";
    settings.http_loopback = is_loopback(config.text("http.host"));
    const bool all_loopback = settings.http_loopback && is_loopback(config.text("mqtt.host"));
    if (settings.open && !all_loopback)
        return fail(ErrorCode::invalid_argument,
                    fmt::format("access.mode=open lets everybody do everything, so it needs "
                                "http.host and mqtt.host on loopback; they are '{}' and '{}'",
                                config.text("http.host"), config.text("mqtt.host")));
    settings.trusted_proxies = config.text_list("access.trusted_proxies");
    if (settings.open && !settings.local_only())
        return fail(
            ErrorCode::invalid_argument,
            "access.mode=open lets everybody do everything, and access.trusted_proxies says "
            "that a proxy brings others; take access.mode=users, or name no proxy");
    const auto& mqtt = config.text("access.mqtt");
    settings.mqtt = mqtt == "keys" || (mqtt == "auto" && !all_loopback) ? MqttAccess::keys
                                                                        : MqttAccess::anonymous;
    const auto& metrics = config.text("access.metrics");
    settings.metrics_public = metrics == "public" || (metrics == "auto" && settings.local_only());
    settings.session_idle = config.duration("access.session_idle");
    settings.session_longest = config.duration("access.session_longest");
    settings.sessions_per_user = static_cast<size_t>(config.integer("access.sessions_per_user"));
    settings.password_length_least =
        static_cast<size_t>(config.integer("access.password_length_least"));
    settings.hash.memory_kib = static_cast<uint32_t>(config.bytes("access.hash_memory") >> 10);
    settings.hash.passes = static_cast<uint32_t>(config.integer("access.hash_passes"));
    settings.hash_workers = static_cast<uint32_t>(config.integer("access.hash_workers"));
    settings.attempts_user = static_cast<uint32_t>(config.integer("access.attempts_user"));
    settings.attempts_peer = static_cast<uint32_t>(config.integer("access.attempts_peer"));
    settings.users_limit = static_cast<size_t>(config.integer("access.users_limit"));
    settings.keys_limit = static_cast<size_t>(config.integer("access.keys_limit"));
    return settings;
}

}  // namespace hw::access

#include "api/settings.h"

namespace hw::api {

const std::vector<Property> properties = {
    {"http.host", PropertyType::text, "127.0.0.1",
     "Address that HTTP listens on; anything but loopback must be set on purpose"},
    {"http.port", PropertyType::integer, "8080", "TCP port of HTTP; 0 takes any free one", 0,
     65535},
    {"http.connections_limit", PropertyType::integer, "4096", "Open HTTP connections at once", 1,
     1e6},
    {"http.connections_per_address_limit", PropertyType::integer, "512",
     "Open HTTP connections of one address (IPv6: of one /64), WebSockets too; 0: no limit. This "
     "machine and access.trusted_proxies have none",
     0, 1e6},
    {"http.body_bytes_limit", PropertyType::bytes, "64MiB",
     "Largest request body, also after inflating", 1024, 4e9},
    {"http.header_bytes_limit", PropertyType::bytes, "64KiB", "Largest request head", 1024, 1e7},
    {"http.idle_timeout", PropertyType::duration, "75s",
     "An HTTP connection without a request is closed after this", 1, 86400},
    {"http.body_timeout", PropertyType::duration, "30s",
     "A request's body must be there after this, and a second more for each 16 KiB that came; 0: "
     "no limit",
     0, 86400},
    {"http.workers", PropertyType::integer, "2", "Threads that answer queries", 1, 256},
    {"http.worker_queue_limit", PropertyType::integer, "256",
     "Queries waiting for a thread; more are answered 503", 1, 1e6},
    {"http.page_limit_default", PropertyType::integer, "1000",
     "Rows in a page where limit is absent", 1, 1e6},
    {"http.page_limit_max", PropertyType::integer, "1000000", "Largest limit that may be asked for",
     1, 1e8},
    {"http.points_per_query_limit", PropertyType::integer, "100000",
     "Points that one query may cover", 1, 1e8},
    {"http.live_clients_limit", PropertyType::integer, "1000", "Live streams at once", 1, 1e6},
    {"http.live_buffer_bytes", PropertyType::bytes, "16MiB",
     "Recent samples kept so that live streams can resume", 65536, 1e10},
    {"http.live_queue_bytes", PropertyType::bytes, "1MiB",
     "Unsent bytes of one live stream before it falls back to the buffer", 4096, 1e9},
    {"http.websocket_origins", PropertyType::text_list, "",
     "Origins of pages that may use MQTT over WebSocket beside the server's own; * for any"},
};

Settings settings_from(const Config& config) {
    Settings settings;
    settings.http.host = config.text("http.host");
    settings.http.port = static_cast<uint16_t>(config.integer("http.port"));
    settings.http.connections_limit = static_cast<size_t>(config.integer("http.connections_limit"));
    settings.http.connections_per_address_limit =
        static_cast<size_t>(config.integer("http.connections_per_address_limit"));
    settings.http.body_timeout = config.duration("http.body_timeout");
    settings.http.body_bytes_limit = config.bytes("http.body_bytes_limit");
    settings.http.header_bytes_limit = config.bytes("http.header_bytes_limit");
    settings.http.idle_timeout = config.duration("http.idle_timeout");
    settings.workers = static_cast<uint32_t>(config.integer("http.workers"));
    settings.worker_queue_limit = static_cast<uint32_t>(config.integer("http.worker_queue_limit"));
    settings.page_limit_default = static_cast<uint32_t>(config.integer("http.page_limit_default"));
    settings.page_limit_max = static_cast<uint32_t>(config.integer("http.page_limit_max"));
    settings.points_per_query_limit =
        static_cast<uint32_t>(config.integer("http.points_per_query_limit"));
    settings.live_clients_limit = static_cast<uint32_t>(config.integer("http.live_clients_limit"));
    settings.live_buffer_bytes = config.bytes("http.live_buffer_bytes");
    settings.live_queue_bytes = config.bytes("http.live_queue_bytes");
    settings.http.websocket_origins = config.text_list("http.websocket_origins");
    return settings;
}

}  // namespace hw::api

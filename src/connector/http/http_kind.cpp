#include "connector/http/http_kind.h"

#include "connector/http/client.h"
#include "connector/http/parts.h"

namespace hw::connector::http {

namespace {

using enum PropertyType;

constexpr Property address[] = {
    {"url", text, "", "Address, http:// or https://; a template, with what is put in encoded", 0, 0,
     false},
    {"follow_redirects", boolean, "false", "Whether answers may lead elsewhere, five times at most",
     0, 0, false},
};

constexpr Property sink[] = {
    {"path", text, "", "What follows the url; a template, e.g. /v1/${topic}?t=${@time_ms}", 0, 0,
     false},
    {"method", text, "POST", "HTTP method", 0, 0, false, "POST|PUT|PATCH|GET|DELETE"},
    {"headers", text_list, "", "Headers as name=template", 0, 0, false},
    {"content_type", text, "application/json", "Header Content-Type; empty: none", 0, 0, false},
    {"body", text, "${.}", "Body, a template", 0, 0, false},
    {"batch_format", text, "each",
     "Rows that wait together as one request each, as one JSON array, or as lines", 0, 0, false,
     "each|array|lines"},
    {"undefined_as", text, "undefined", "What stands for a value that a row does not have", 0, 0,
     false, "undefined|null|empty|reject"},
};

constexpr Property pull[] = {
    {"method", text, "GET", "HTTP method", 0, 0, false, "GET|POST|PUT"},
    {"headers", text_list, "", "Headers as name=value", 0, 0, false},
    {"body", text, "", "Body of the request", 0, 0, false},
    {"interval", duration, "10s", "From one request to the next", 0.01, 86'400, false},
    {"incremental", boolean, "false", "Whether an answer equal to the one before is left out", 0, 0,
     false},
    {"split", boolean, "true", "Whether each element of a JSON array is a message of its own", 0, 0,
     false},
};

constexpr Property push[] = {
    {"path", text, "", "What is sent to this server's /api/v1/push followed by it, e.g. /plant1", 0,
     0, false},
};

constexpr Property lookup[] = {
    {"headers", text_list, "", "Headers as name=template", 0, 0, false},
    {"cache_ttl", duration, "60s", "How long an answer is used again; 0: never", 0, 31e6, false},
    {"cache_missing_ttl", duration, "10s",
     "How long it is remembered that there was no row; 0: not at all", 0, 31e6, false},
    {"cache_size", integer, "10000", "Answers that are kept, at most", 0, 10'000'000, false},
};

}  // namespace

const Kind& kind() {
    static const std::vector<Property> connection = joined({address, client_properties()});
    static const Kind made = {
        "http",
        "HTTP",
        "Sends rows as HTTP requests, pulls messages from an address, and looks rows up there.",
        connection,
        sink,
        pull,
        lookup,
        make_sink,
        make_pull,
        make_lookup,
    };
    return made;
}

const Kind& push_kind() {
    static const Kind made = {
        "http_push",
        "HTTP, pushed",
        "Takes messages that others send to this server's HTTP port.",
        {},
        {},
        push,
        {},
        nullptr,
        make_push,
        nullptr,
    };
    return made;
}

}  // namespace hw::connector::http

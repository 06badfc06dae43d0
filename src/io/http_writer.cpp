#include "io/http_writer.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cctype>

#include "io/compression.h"

namespace hw::io {
namespace {

constexpr size_t least_packed_bytes = 1024;

bool equal_names(std::string_view a, std::string_view b) {
    return std::equal(a.begin(), a.end(), b.begin(), b.end(), [](unsigned char x, unsigned char y) {
        return std::tolower(x) == std::tolower(y);
    });
}

const std::string* find_header(const HttpResponse& response, std::string_view name) {
    for (const auto& [key, value] : response.headers)
        if (equal_names(key, name)) return &value;
    return nullptr;
}

void append_header(std::string& out, std::string_view name, std::string_view value) {
    for (const char c : name)
        if (c > ' ' && c != ':' && c != '\x7f') out += c;
    out += ": ";
    for (const char c : value)
        if (c != '\r' && c != '\n' && c != '\0') out += c;
    out += "\r\n";
}

bool is_text(std::string_view type) {
    if (type.starts_with("text/event-stream")) return false;
    if (type.starts_with("text/")) return true;
    constexpr std::array<std::string_view, 5> words = {"json", "xml", "javascript", "csv", "yaml"};
    return std::any_of(words.begin(), words.end(), [&](std::string_view word) {
        return type.find(word) != std::string_view::npos;
    });
}

void append_json_text(std::string& out, std::string_view text) {
    out += '"';
    for (const char c : text) {
        if (c == '"' || c == '\\') {
            out += '\\';
            out += c;
        } else if (static_cast<unsigned char>(c) < ' ') {
            out += fmt::format("\\u{:04x}", static_cast<unsigned>(c));
        } else {
            out += c;
        }
    }
    out += '"';
}

// The names and phrases of RFC 9110 section 15 that we or the rooms above use.
struct Reason {
    unsigned status;
    std::string_view text;
};
constexpr auto reasons = std::to_array<Reason>({
    {100, "Continue"},
    {101, "Switching Protocols"},
    {200, "OK"},
    {201, "Created"},
    {202, "Accepted"},
    {204, "No Content"},
    {206, "Partial Content"},
    {301, "Moved Permanently"},
    {302, "Found"},
    {303, "See Other"},
    {304, "Not Modified"},
    {307, "Temporary Redirect"},
    {308, "Permanent Redirect"},
    {400, "Bad Request"},
    {401, "Unauthorized"},
    {403, "Forbidden"},
    {404, "Not Found"},
    {405, "Method Not Allowed"},
    {406, "Not Acceptable"},
    {408, "Request Timeout"},
    {409, "Conflict"},
    {410, "Gone"},
    {412, "Precondition Failed"},
    {413, "Content Too Large"},
    {414, "URI Too Long"},
    {415, "Unsupported Media Type"},
    {422, "Unprocessable Content"},
    {426, "Upgrade Required"},
    {429, "Too Many Requests"},
    {431, "Request Header Fields Too Large"},
    {499, "Client Closed Request"},
    {500, "Internal Server Error"},
    {501, "Not Implemented"},
    {502, "Bad Gateway"},
    {503, "Service Unavailable"},
    {504, "Gateway Timeout"},
    {505, "HTTP Version Not Supported"},
    {507, "Insufficient Storage"},
});

}  // namespace

std::string_view http_reason(unsigned status) {
    for (const Reason& reason : reasons)
        if (reason.status == status) return reason.text;
    return "";
}

HttpResponse http_problem(unsigned status, std::string_view detail) {
    HttpResponse response;
    response.status = status;
    response.headers.emplace_back("Content-Type", "application/problem+json");
    response.body = R"({"type":"about:blank","title":)";
    append_json_text(response.body, http_reason(status));
    response.body += fmt::format(R"(,"status":{},"detail":)", status);
    append_json_text(response.body, detail);
    response.body += "}\n";
    return response;
}

std::string http_date(Time now) {
    return format_http_date(now);
}

std::string response_head(const HttpResponse& response, BodyFraming framing, bool keep_alive,
                          std::string_view date) {
    std::string out;
    out.reserve(256);
    fmt::format_to(std::back_inserter(out), "HTTP/1.1 {} {}\r\n", response.status,
                   http_reason(response.status));
    append_header(out, "Date", date);
    for (const auto& [name, value] : response.headers)
        append_header(out, name, value);
    // RFC 9110 section 8.6: neither 1xx nor 204 carry a length.
    const bool bodiless = response.status < 200 || response.status == 204;
    if (framing == BodyFraming::chunked) {
        out += "Transfer-Encoding: chunked\r\n";
    } else if (framing == BodyFraming::length && !bodiless) {
        fmt::format_to(std::back_inserter(out), "Content-Length: {}\r\n", response.body.size());
    }
    if (response.status != 101)
        out += keep_alive ? "Connection: keep-alive\r\n" : "Connection: close\r\n";
    out += "\r\n";
    return out;
}

std::string chunk(std::string_view bytes) {
    std::string out;
    out.reserve(bytes.size() + 12);
    fmt::format_to(std::back_inserter(out), "{:x}\r\n", bytes.size());
    out.append(bytes).append("\r\n");
    return out;
}

bool accepts_gzip(std::string_view accept_encoding) {
    while (!accept_encoding.empty()) {
        const size_t comma = accept_encoding.find(',');
        std::string_view item = accept_encoding.substr(0, comma);
        accept_encoding = comma == std::string_view::npos ? std::string_view()
                                                          : accept_encoding.substr(comma + 1);
        item.remove_prefix(std::min(item.find_first_not_of(" \t"), item.size()));
        const size_t name_end = std::min(item.find_first_of("; \t"), item.size());
        if (!equal_names(item.substr(0, name_end), "gzip")) continue;
        const size_t weight = item.find("q=");
        return weight == std::string_view::npos ||
               item.substr(weight + 2).find_first_of("123456789") != std::string_view::npos;
    }
    return false;
}

void pack_body(HttpResponse& response) {
    if (response.body.size() <= least_packed_bytes) return;
    const std::string* type = find_header(response, "content-type");
    if (type == nullptr || !is_text(*type)) return;
    if (find_header(response, "content-encoding") != nullptr) return;
    std::string packed = gzip(response.body);
    if (packed.size() >= response.body.size()) return;
    response.body = std::move(packed);
    response.headers.emplace_back("Content-Encoding", "gzip");
    response.headers.emplace_back("Vary", "Accept-Encoding");
}

}  // namespace hw::io

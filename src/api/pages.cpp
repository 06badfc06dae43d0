#include "api/pages.h"

#include <fmt/format.h>
#include <sys/random.h>

#include <array>
#include <utility>

#include "base/assert.h"

namespace hw::api {

namespace {

constexpr std::string_view index_name = "index.html";
constexpr std::string_view packed_suffix = ".br";
// Where vite.config.ts lets the nonce stand.
constexpr std::string_view nonce_place = "HEADWORKS_NONCE";

std::string_view media_of(std::string_view name) {
    constexpr std::array<std::pair<std::string_view, std::string_view>, 8> known = {{
        {".html", "text/html; charset=utf-8"},
        {".js", "text/javascript; charset=utf-8"},
        {".css", "text/css; charset=utf-8"},
        {".svg", "image/svg+xml"},
        {".png", "image/png"},
        {".json", "application/json"},
        {".woff2", "font/woff2"},
        {".wasm", "application/wasm"},
    }};
    for (const auto& [ending, media] : known)
        if (name.ends_with(ending)) return media;
    return "application/octet-stream";
}

bool takes_brotli(const io::HttpRequest& request) {
    const std::string_view header = request.header("accept-encoding").value_or("");
    const size_t at = header.find("br");
    if (at == std::string_view::npos) return false;
    // "br;q=0" refuses it.
    return !header.substr(at + 2).starts_with(";q=0,") && header.substr(at + 2) != ";q=0";
}

// An address of the console, not of something that could be downloaded or asked by a program.
bool is_place(const io::HttpRequest& request) {
    if (request.path.starts_with("/api/") || request.path.starts_with("/assets/")) return false;
    return request.header("accept").value_or("").find("text/html") != std::string_view::npos;
}

std::string policy(std::string_view nonce) {
    return fmt::format(
        "default-src 'self'; style-src 'self' 'nonce-{}'; img-src 'self' data: blob:; "
        "worker-src 'self' blob:; object-src 'none'; frame-ancestors 'none'; base-uri 'none'; "
        "form-action 'self'",
        nonce);
}

using Headers = std::vector<std::pair<std::string, std::string>>;

Headers common_headers(std::string_view name, std::string_view cache) {
    return {{"content-type", std::string(media_of(name))},
            {"cache-control", std::string(cache)},
            {"x-content-type-options", "nosniff"},
            {"referrer-policy", "no-referrer"},
            {"cross-origin-resource-policy", "same-origin"}};
}

}  // namespace

std::string page_nonce() {
    std::array<unsigned char, 16> bytes;
    HW_ASSERT(getentropy(bytes.data(), bytes.size()) == 0);
    std::string text;
    for (const unsigned char byte : bytes)
        text += fmt::format("{:02x}", byte);
    return text;
}

ConsolePages::ConsolePages(std::span<const EmbeddedFile> files, std::function<std::string()> nonce)
    : nonce_(std::move(nonce)) {
    for (const auto& file : files) {
        std::string_view name = file.name;
        const bool packed = name.ends_with(packed_suffix);
        if (packed) name.remove_suffix(packed_suffix.size());
        auto& entry = files_[std::string(name)];
        (packed ? entry.packed : entry.plain) = file.bytes;
    }
}

bool ConsolePages::answer(Exchange& exchange) const {
    const auto& request = exchange.request;
    if (request.method != "GET" && request.method != "HEAD") return false;
    const auto file = files_.find(std::string_view(request.path).substr(1));
    if (file == files_.end() || file->first == index_name) {
        if (!is_place(request)) return false;
        answer_index(exchange);
        return true;
    }
    const auto& [name, bytes] = *file;
    // Vite's names carry a digest of the content.
    const bool forever = name.starts_with("assets/");
    auto headers = common_headers(
        name, forever ? "public, max-age=31536000, immutable" : "public, max-age=3600");
    const bool packed = !bytes.packed.empty() && takes_brotli(request);
    if (packed) headers.emplace_back("content-encoding", "br");
    if (!bytes.packed.empty()) headers.emplace_back("vary", "accept-encoding");
    exchange.respond({200, std::move(headers), std::string(packed ? bytes.packed : bytes.plain)});
    return true;
}

void ConsolePages::answer_index(Exchange& exchange) const {
    const auto file = files_.find(index_name);
    if (file == files_.end())
        return exchange.respond(
            {200, common_headers(".html", "no-store"),
             "<!doctype html><title>Headworks</title><p>This program was built without its "
             "console (HEADWORKS_CONSOLE=OFF). Its API is described at "
             "<a href=\"/openapi.json\">/openapi.json</a>.\n"});
    const std::string nonce = nonce_();
    std::string page(file->second.plain);
    for (size_t at = 0; (at = page.find(nonce_place, at)) != std::string::npos;)
        page.replace(at, nonce_place.size(), nonce);
    auto headers = common_headers(index_name, "no-store");
    headers.emplace_back("content-security-policy", policy(nonce));
    headers.emplace_back("cross-origin-opener-policy", "same-origin");
    headers.emplace_back("permissions-policy", "camera=(), microphone=(), geolocation=()");
    exchange.respond({200, std::move(headers), std::move(page)});
}

}  // namespace hw::api

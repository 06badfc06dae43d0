#include "io/websocket_handshake.h"

#include <fmt/format.h>
#include <openssl/evp.h>

#include <algorithm>
#include <array>
#include <cctype>

#include "base/assert.h"

namespace hw::io {
namespace {

constexpr size_t key_length = 24;  // base64 of 16 bytes

bool equal_words(std::string_view a, std::string_view b) {
    return std::equal(a.begin(), a.end(), b.begin(), b.end(), [](unsigned char x, unsigned char y) {
        return std::tolower(x) == std::tolower(y);
    });
}

// The items of every header of that name: "a, b" and repeated headers are the same thing.
std::vector<std::string_view> items(const HttpRequest& request, std::string_view name) {
    std::vector<std::string_view> found;
    for (const auto& [key, value] : request.headers) {
        if (key != name) continue;
        std::string_view rest = value;
        while (!rest.empty()) {
            const size_t comma = std::min(rest.find(','), rest.size());
            std::string_view item = rest.substr(0, comma);
            rest.remove_prefix(std::min(comma + 1, rest.size()));
            item.remove_prefix(std::min(item.find_first_not_of(" \t"), item.size()));
            item.remove_suffix(item.size() -
                               std::min(item.find_last_not_of(" \t") + 1, item.size()));
            if (!item.empty()) found.push_back(item);
        }
    }
    return found;
}

bool has_word(const HttpRequest& request, std::string_view name, std::string_view word) {
    const auto found = items(request, name);
    return std::any_of(found.begin(), found.end(),
                       [&](std::string_view item) { return equal_words(item, word); });
}

}  // namespace

bool asks_for_websocket(const HttpRequest& request) {
    return has_word(request, "upgrade", "websocket");
}

namespace {

// Browsers let any page open a WebSocket to a loopback server, and say which page it is.
bool may_connect(const HttpRequest& request, const std::vector<std::string>& origins) {
    const auto origin = *request.header("origin");
    const size_t scheme = origin.find("://");
    if (scheme != std::string_view::npos &&
        origin.substr(scheme + 3) == request.header("host").value_or(""))
        return true;
    return std::any_of(origins.begin(), origins.end(), [&](const std::string& allowed) {
        return allowed == "*" || allowed == origin;
    });
}

}  // namespace

std::expected<HttpResponse, HttpResponse> accept_websocket(
    const HttpRequest& request, const std::vector<std::string>& subprotocols,
    const std::vector<std::string>& origins) {
    const auto refuse = [](unsigned status, std::string_view detail) {
        return std::unexpected(http_problem(status, detail));
    };
    if (request.method != "GET" || !has_word(request, "connection", "upgrade"))
        return refuse(400, "a WebSocket upgrade is a GET with 'Connection: Upgrade'");
    if (request.header("sec-websocket-version") != "13") {
        auto problem = http_problem(426, "only WebSocket version 13 is served");
        problem.headers.emplace_back("Sec-WebSocket-Version", "13");
        return std::unexpected(std::move(problem));
    }
    const auto key = request.header("sec-websocket-key").value_or("");
    if (key.size() != key_length || !key.ends_with("=="))
        return refuse(400, "Sec-WebSocket-Key must be 16 bytes in base64");
    if (const auto origin = request.header("origin"); origin && !may_connect(request, origins))
        return refuse(403, fmt::format("pages of the origin '{}' may not connect; allow it in "
                                       "http.websocket_origins",
                                       *origin));
    HttpResponse response;
    response.status = 101;
    response.headers = {{"Upgrade", "websocket"},
                        {"Connection", "Upgrade"},
                        {"Sec-WebSocket-Accept", websocket_accept_key(key)}};
    if (subprotocols.empty()) return response;
    const auto offered = items(request, "sec-websocket-protocol");
    for (const auto& wanted : subprotocols) {
        if (std::find(offered.begin(), offered.end(), wanted) == offered.end()) continue;
        response.headers.emplace_back("Sec-WebSocket-Protocol", wanted);
        return response;
    }
    return refuse(400, fmt::format("the WebSocket subprotocol '{}' must be offered "
                                   "(Sec-WebSocket-Protocol)",
                                   subprotocols.front()));
}

std::string websocket_accept_key(std::string_view key) {
    std::string text(key);
    text += "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";
    std::array<unsigned char, EVP_MAX_MD_SIZE> digest;
    unsigned size = 0;
    HW_ASSERT(EVP_Digest(text.data(), text.size(), digest.data(), &size, EVP_sha1(), nullptr) == 1);
    std::array<unsigned char, 2 * EVP_MAX_MD_SIZE> base64;
    const int length = EVP_EncodeBlock(base64.data(), digest.data(), static_cast<int>(size));
    return {reinterpret_cast<const char*>(base64.data()), static_cast<size_t>(length)};
}

}  // namespace hw::io

#include "api/api.h"
#include "base/embedded.h"

namespace hw::api {

namespace {

std::string_view media_of(std::string_view name) {
    if (name.ends_with(".html")) return "text/html; charset=utf-8";
    if (name.ends_with(".js")) return "text/javascript; charset=utf-8";
    if (name.ends_with(".css")) return "text/css; charset=utf-8";
    return "image/svg+xml";
}

// The page asks this server only, and says so to the browser.
constexpr std::string_view policy =
    "default-src 'self'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'";

}  // namespace

void Api::add_pages() {
    for (const auto& file : api_files()) {
        const std::string path = file.name == "index.html" ? "/" : "/" + std::string(file.name);
        operations_.push_back({"GET",
                               path,
                               file.name,
                               "The built-in page",
                               {},
                               "",
                               "",
                               "200 text/html The page or a part of it",
                               false,
                               [&file](Exchange exchange) {
                                   exchange.respond(
                                       {200,
                                        {{"content-type", std::string(media_of(file.name))},
                                         {"content-security-policy", std::string(policy)},
                                         {"x-content-type-options", "nosniff"},
                                         {"cache-control", "no-cache"}},
                                        std::string(file.bytes)});
                               }});
    }
}

}  // namespace hw::api

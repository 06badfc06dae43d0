#include "api/access_guard.h"

#include <fmt/format.h>

#include <algorithm>

#include "access/secret.h"
#include "base/assert.h"
#include "model/point_path.h"

namespace hw::api {

namespace {

using access::GrantPtr;
using access::Principal;
using access::Role;

constexpr size_t actor_bytes_limit = 128;

// "127.0.0.1:50211" and "[::1]:50211" without the port and brackets.
std::string_view without_port(std::string_view address) {
    if (address.starts_with('[')) return address.substr(1, address.find(']') - 1);
    const size_t colon = address.rfind(':');
    // More than one colon and no bracket: an IPv6 address alone.
    if (colon == std::string_view::npos || address.find(':') != colon) return address;
    return address.substr(0, colon);
}

bool is_loopback_name(std::string_view host) {
    return access::is_loopback(without_port(host));
}

std::string_view host_of_origin(std::string_view origin) {
    const size_t scheme = origin.find("://");
    return scheme == std::string_view::npos ? std::string_view() : origin.substr(scheme + 3);
}

// What the client says of itself, or the proxy that asked it.
std::string said_name(const io::HttpRequest& request) {
    std::string name(request.header("x-forwarded-user").value_or("").substr(0, actor_bytes_limit));
    if (!model::is_mqtt_text(name)) name.clear();
    return name;
}

// Proxies add theirs behind what the client has sent, in a header of its own too (HAProxy does).
std::optional<std::string_view> last_header(const io::HttpRequest& request, std::string_view name) {
    for (auto at = request.headers.rbegin(); at != request.headers.rend(); ++at)
        if (at->first == name) return at->second;
    return std::nullopt;
}

bool is_safe(const io::HttpRequest& request) {
    return request.method == "GET" || request.method == "HEAD" || request.method == "OPTIONS";
}

// Browsers tell since 2023 whose page asks: images, scripts and the like come without an Origin.
// A link that was followed shows its answer to nobody but the person.
bool asked_by_other_page(const io::HttpRequest& request) {
    const auto site = request.header("sec-fetch-site").value_or("none");
    return site != "none" && site != "same-origin" &&
           request.header("sec-fetch-mode") != "navigate";
}

io::HttpResponse forbidden(std::string_view code, std::string_view detail) {
    return problem(403, code, detail);
}

io::HttpResponse too_little(const Principal& principal, Role needed) {
    return forbidden("permission_denied",
                     fmt::format("this needs the role {}, and {} has {}", access::to_string(needed),
                                 principal.name.empty() ? "you" : principal.actor(),
                                 access::to_string(principal.role)));
}

io::HttpResponse out_of_scope(const Principal& principal, std::string_view what) {
    return forbidden("out_of_scope", fmt::format("{}; {} may see and touch '{}' only", what,
                                                 principal.actor(), principal.scope));
}

// Of a path, or of several by commas.
std::optional<std::string_view> first_outside(std::string_view paths, bool several,
                                              const Principal& principal) {
    for (;;) {
        const size_t end = several ? std::min(paths.find(','), paths.size()) : paths.size();
        const auto path = paths.substr(0, end);
        if (!path.empty() && !principal.may(access::Verb::read, path)) return path;
        if (end == paths.size()) return std::nullopt;
        paths.remove_prefix(end + 1);
    }
}

// The parameters that choose by path are narrowed to what the principal may see.
std::optional<io::HttpResponse> narrow(io::HttpRequest& request, const Operation& operation,
                                       const Principal& principal) {
    const auto has = [&](std::string_view name) {
        return std::any_of(operation.parameters.begin(), operation.parameters.end(),
                           [&](const Parameter& one) { return one.name == name; });
    };
    // These look at related twins too.
    for (const std::string_view name : {"where", "when", "enrich"})
        if (request.parameter(name))
            return out_of_scope(principal, fmt::format("'{}' leads out of it", name));
    const std::string_view filter_name = has("filter") ? "filter" : "twins";
    bool chosen = false;
    for (auto& [name, value] : request.query) {
        // What the operation does not know chooses nothing.
        if (!has(name)) continue;
        if (name == "point" || name == "points") {
            chosen = chosen || value.find_first_not_of(',') != std::string::npos;
            if (const auto path = first_outside(value, name == "points", principal))
                return out_of_scope(principal, fmt::format("'{}' is outside", *path));
        } else if (name == filter_name) {
            chosen = true;
            if (!model::check_filter(value)) continue;  // the operation says what is wrong
            auto common = access::common_filter(principal.scope, value);
            if (!common) return out_of_scope(principal, fmt::format("'{}' is outside", value));
            value = std::move(*common);
        }
    }
    if (!chosen && has(filter_name)) request.query.emplace_back(filter_name, principal.scope);
    return std::nullopt;
}

std::optional<io::HttpResponse> check_place(const Exchange& exchange, const Principal& principal) {
    // Along relationships one comes to others.
    if (exchange.request.parameter("along"))
        return out_of_scope(principal, "'along' leads out of it");
    for (const std::string_view wanted : {"id", "path", "name"})
        for (const auto& [name, value] : exchange.places) {
            if (name != wanted) continue;
            if (model::matches(principal.scope, value)) return std::nullopt;
            return out_of_scope(principal, fmt::format("'{}' is outside", value));
        }
    HW_UNREACHABLE();
}

std::optional<io::HttpResponse> check_scope(Exchange& exchange, const Operation& operation) {
    const auto& principal = exchange.principal();
    if (!principal.scoped()) return std::nullopt;
    switch (operation.scoping) {
        case Scoping::free:
        case Scoping::own:
            return std::nullopt;
        case Scoping::filter:
            return narrow(exchange.request, operation, principal);
        case Scoping::place:
            return check_place(exchange, principal);
        case Scoping::whole:
            return out_of_scope(principal, "this reaches all paths");
    }
    HW_UNREACHABLE();
}

}  // namespace

bool came_by_proxy(const io::HttpRequest& request) {
    constexpr std::string_view headers[] = {"x-forwarded-for", "x-real-ip", "forwarded", "via"};
    return std::any_of(std::begin(headers), std::end(headers),
                       [&](std::string_view name) { return request.header(name).has_value(); });
}

bool Guard::from_trusted_proxy(const io::HttpRequest& request) const {
    if (!access_) return false;
    const auto& proxies = access_->settings().trusted_proxies;
    return std::find(proxies.begin(), proxies.end(), without_port(request.peer)) != proxies.end();
}

bool Guard::is_secure(const io::HttpRequest& request) const {
    return from_trusted_proxy(request) && last_header(request, "x-forwarded-proto") == "https";
}

std::string Guard::client_address(const io::HttpRequest& request) const {
    std::string_view address = without_port(request.peer);
    if (const auto header = last_header(request, "x-forwarded-for");
        header && from_trusted_proxy(request)) {
        // The last one is what the proxy saw itself; those before are hearsay.
        const size_t comma = header->rfind(',');
        auto last = comma == std::string_view::npos ? *header : header->substr(comma + 1);
        while (last.starts_with(' '))
            last.remove_prefix(1);
        if (!last.empty() && last.size() < 64) address = without_port(last);
    }
    // One customer of a provider has a /64.
    constexpr int network_groups = 4;
    if (address.find(':') == std::string_view::npos) return std::string(address);
    size_t end = 0;
    for (int i = 0; i < network_groups && end != std::string_view::npos; ++i)
        end = address.find(':', end + (i > 0 ? 1 : 0));
    return std::string(address.substr(0, end));
}

bool Guard::is_local(const io::HttpRequest& request, bool any_origin) const {
    if (access_ && !access_->settings().http_loopback) return false;
    if (came_by_proxy(request)) return false;
    if (!access::is_loopback(without_port(request.peer)) ||
        !is_loopback_name(request.header("host").value_or("")))
        return false;
    if (any_origin) return true;
    const auto origin = request.header("origin");
    return !asked_by_other_page(request) && (!origin || is_loopback_name(host_of_origin(*origin)));
}

io::HttpResponse Guard::not_local() {
    auto response = problem(401, "not_local",
                            "this server is open to this machine alone: ask it there, by the name "
                            "127.0.0.1 or localhost, without a proxy or another page between");
    response.headers.emplace_back("www-authenticate", "Bearer");
    return response;
}

std::string_view Guard::session_token(const io::HttpRequest& request) const {
    const auto name = is_secure(request) ? secure_cookie_name : cookie_name;
    for (const auto& [key, value] : request.headers)
        if (key == "cookie")
            if (const auto token = access::cookie_value(value, name)) return *token;
    return {};
}

access::Asker Guard::asker_of(const Exchange& exchange) const {
    const auto& request = exchange.request;
    return {request.user, "http " + request.peer, client_address(request),
            std::string(request.header("user-agent").value_or(""))};
}

Guard::Found Guard::identify(const io::HttpRequest& request, bool with_token) const {
    Found found;
    std::optional<std::string> secret;
    if (const auto header = request.header("authorization"))
        secret = access::authorization_secret(*header).value_or("");
    if (const auto header = request.header("x-api-key")) secret = std::string(*header);
    if (secret) {
        found.presented = true;
        found.grant = access_->by_key(*secret);
        if (!found.grant && with_token) found.grant = access_->by_token(*secret);
        return found;
    }
    if (with_token)
        if (const auto token = request.parameter("token")) {
            found.presented = true;
            found.grant = access_->by_token(*token);
            return found;
        }
    if (const auto token = session_token(request); !token.empty()) {
        found.presented = found.by_cookie = true;
        found.grant = access_->by_session(token);
    }
    return found;
}

io::HttpResponse Guard::unauthenticated(const Found& found) const {
    if (access_->open_to_local()) return not_local();
    auto response =
        access_->unclaimed()
            ? problem(401, "unclaimed",
                      "this server has no administrator yet; open its page, or POST "
                      "/api/v1/setup")
            : problem(401, "unauthenticated",
                      !found.presented  ? "sign in, or send an API key as 'Authorization: Bearer'"
                      : found.by_cookie ? "the session has ended; sign in again"
                                        : "the API key is not known, has expired or is disabled");
    response.headers.emplace_back("www-authenticate", "Bearer");
    return response;
}

std::optional<io::HttpResponse> Guard::admit(Exchange& exchange, const Operation& operation) const {
    auto& request = exchange.request;
    if (!access_) {
        request.user = said_name(request);
        return std::nullopt;
    }
    Found found;
    if (access_->open_to_local() && is_local(request)) {
        request.user = said_name(request);
        exchange.grant = access_->open_grant(request.user);
    } else {
        found = identify(request, false);
        if (!found.grant) {
            exchange.grant =
                std::make_shared<access::Grant>(Principal{}, access::Grant::Limits{}, Time{});
            return operation.open ? std::nullopt : std::optional(unauthenticated(found));
        }
        exchange.grant = found.grant;
        const auto& principal = found.grant->principal();
        request.user = principal.actor();
        // Who can read the data folder could write the audit too: their word is taken.
        if (principal.kind == Principal::Kind::key && principal.name == access::Access::local_name)
            if (const auto name = said_name(request); !name.empty())
                request.user = fmt::format("local:{}", name);
    }
    if (operation.open) return std::nullopt;
    if (found.by_cookie && !is_safe(request) &&
        !access::equal_secrets(request.header("x-csrf-token").value_or(""),
                               access::Access::csrf_of(session_token(request))))
        return forbidden("csrf_token_needed",
                         "the header X-CSRF-Token must be the csrf_token of GET /api/v1/session");
    const auto& principal = exchange.principal();
    if (principal.must_change && !operation.self)
        return forbidden("password_change_needed",
                         "the password must be changed first: POST /api/v1/session/password");
    const Role needed = role_of(operation);
    auto refused = principal.role < needed ? std::optional(too_little(principal, needed))
                                           : check_scope(exchange, operation);
    if (refused && !is_safe(request))
        access_->note_refused(
            asker_of(exchange), operation.id,
            exchange.places.empty() ? std::string_view() : exchange.places.front().second,
            principal.role < needed ? fmt::format("needs the role {}", access::to_string(needed))
                                    : fmt::format("reaches beyond '{}'", principal.scope));
    return refused;
}

std::expected<GrantPtr, io::HttpResponse> Guard::admit_upgrade(
    const io::HttpRequest& request) const {
    if (!access_) return GrantPtr();
    if (access_->open_to_local() && is_local(request, true)) return access_->open_grant("");
    // Browsers send cookies along from anywhere; the handshake has looked at the Origin.
    const auto found = identify(request, true);
    if (request.path == "/mqtt") {
        // With keys, CONNECT shows one; without, those of this machine are known by coming from it.
        if (access_->settings().mqtt == access::MqttAccess::keys || is_local(request, true))
            return found.grant;
    }
    if (!found.grant) return std::unexpected(unauthenticated(found));
    const auto& principal = found.grant->principal();
    const Role needed = request.path == "/mqtt" ? Role::engineer : Role::viewer;
    if (principal.must_change || principal.role < needed)
        return std::unexpected(too_little(principal, needed));
    if (principal.scoped())
        return std::unexpected(out_of_scope(principal, "this reaches all paths"));
    return found.grant;
}

}  // namespace hw::api

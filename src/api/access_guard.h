#pragma once

#include <expected>
#include <optional>
#include <string>
#include <string_view>

#include "access/access.h"
#include "api/exchange.h"
#include "api/operations.h"
#include "io/http.h"

namespace hw::api {

// Finds out who a request comes from and whether they may. One SHA-256 and one look-up a request;
// nothing waits. The HTTP reactor's thread.
//
// Who asks: a key in Authorization (Bearer, Token, or Basic's password) or X-API-Key, else the
// session of the cookie, whose changes need the header X-CSRF-Token as well. On a server that is
// open (access.mode=open, or unclaimed on loopback) nobody is asked, as long as the request comes
// from this machine and is meant for it.
class Guard {
  public:
    // null: everybody may everything.
    explicit Guard(access::Access* access) : access_(access) {}

    // The answer that refuses it; else the exchange has its grant, its request the user.
    std::optional<io::HttpResponse> admit(Exchange& exchange, const Operation& operation) const;
    // WebSockets of values, and of MQTT.
    std::expected<access::GrantPtr, io::HttpResponse> admit_upgrade(
        const io::HttpRequest& request) const;
    bool goes_on(access::Grant& grant) const { return !access_ || access_->goes_on(grant); }

    // The cookie's text; empty: none.
    std::string_view session_token(const io::HttpRequest& request) const;
    // Whether the client's side of the connection is TLS, as a trusted proxy says.
    bool is_secure(const io::HttpRequest& request) const;
    // The client's address without its port; behind a trusted proxy, the one that it names.
    std::string client_address(const io::HttpRequest& request) const;
    // Comes from this machine, and is meant for it by name: no proxy in front, no page of a foreign
    // name that was made to point here (DNS rebinding), no page of elsewhere that lets the browser
    // ask. `any_origin`: the page was looked at already.
    bool is_local(const io::HttpRequest& request, bool any_origin = false) const;
    access::Asker asker_of(const Exchange& exchange) const;
    static io::HttpResponse not_local();

  private:
    struct Found {
        access::GrantPtr grant;
        bool by_cookie = false;
        bool presented = false;  // something that should have been one
    };
    Found identify(const io::HttpRequest& request, bool with_token) const;
    bool from_trusted_proxy(const io::HttpRequest& request) const;
    io::HttpResponse unauthenticated(const Found& found) const;

    access::Access* const access_;
};

// A proxy says that it stands between.
bool came_by_proxy(const io::HttpRequest& request);

// The names of the session's cookie.
inline constexpr std::string_view cookie_name = "headworks_session";
inline constexpr std::string_view secure_cookie_name = "__Host-headworks_session";

}  // namespace hw::api

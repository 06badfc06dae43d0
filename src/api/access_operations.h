#pragma once

#include <expected>
#include <string>
#include <string_view>
#include <vector>

#include "access/access.h"
#include "api/access_guard.h"
#include "api/exchange.h"
#include "api/operations.h"
#include "api/workers.h"
#include "base/clock.h"

namespace hw::api {

// Signing in, users, sessions and API keys over HTTP. What hashes a password or waits for the disk
// runs on threads of its own, so that a storm of sign-ins holds up nothing else.
class AccessOperations {
  public:
    struct Rooms {
        access::Access& access;
        const Guard& guard;
        const Clock& clock;
        std::string version;
    };
    explicit AccessOperations(Rooms rooms);

    void add_to(std::vector<Operation>& operations);
    // Writes down when sessions were used, soon; about once a minute. Any thread.
    void flush();
    // Waits for what is under way; refuses what comes.
    void stop();

  private:
    void add_session(std::vector<Operation>& operations);
    void add_users(std::vector<Operation>& operations);
    void add_keys(std::vector<Operation>& operations);
    Operation& add(std::vector<Operation>& operations, std::string_view method, std::string path,
                   std::string_view id, std::string_view summary, std::string responses,
                   void (AccessOperations::*run)(Exchange&), std::string_view body = "",
                   std::string_view body_help = "");

    void get_session(Exchange& exchange);
    void sign_in(Exchange& exchange);
    void sign_out(Exchange& exchange);
    void set_up(Exchange& exchange);
    void change_password(Exchange& exchange);
    void put_preferences(Exchange& exchange);
    void mqtt_token(Exchange& exchange);
    void list_sessions(Exchange& exchange);
    void end_session(Exchange& exchange);

    void list_users(Exchange& exchange);
    void create_user(Exchange& exchange);
    void get_user(Exchange& exchange);
    void patch_user(Exchange& exchange);
    void remove_user(Exchange& exchange);
    void set_password(Exchange& exchange);

    void list_keys(Exchange& exchange);
    void create_key(Exchange& exchange);
    void get_key(Exchange& exchange);
    void patch_key(Exchange& exchange);
    void remove_key(Exchange& exchange);

    std::string session_body(const access::Principal& principal, std::string_view token) const;
    void answer_signed_in(Exchange& exchange, std::expected<access::SignedIn, access::Refusal> done,
                          unsigned status) const;
    std::string cookie_of(const io::HttpRequest& request, std::string_view token) const;

    const Rooms rooms_;
    Workers workers_;
};

}  // namespace hw::api

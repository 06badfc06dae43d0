#pragma once

#include <atomic>
#include <memory>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "base/config.h"
#include "base/error.h"
#include "base/time.h"
#include "connector/connector.h"

namespace hw::connector::http {

struct Request {
    std::string method = "GET";
    std::string url;
    std::vector<std::pair<std::string, std::string>> headers;  // names and values of one line
    std::string body;
};

struct Response {
    long status = 0;
    std::string body;  // up to the limit
    std::string etag;  // as sent, with its quotes
};

struct ClientSettings {
    std::string username, password;  // basic, where the name is not empty
    std::string token;               // bearer, where not empty
    std::string ca_file, certificate_file, key_file;
    bool verify = true;
    Duration connect_timeout = seconds(5);
    Duration request_timeout = seconds(15);
    bool follow_redirects = false;
    size_t body_limit = 16 << 20;
};

// One connection to a peer at a time, kept open: libcurl behind a wall. One thread, but cancel().
class Client {
  public:
    explicit Client(ClientSettings settings);
    ~Client();

    // Any status is a success here. Errors: unavailable (nobody there, the line broke), timed_out,
    // invalid_argument (the URL), permission_denied (TLS says no), limit_exceeded (the answer is
    // longer than the limit), cancelled.
    Result<Response> perform(const Request& request);
    // Any thread: a call under way ends within a second with `cancelled`, as do later ones until
    // resume().
    void cancel() { cancelled_ = true; }
    void resume() { cancelled_ = false; }

  private:
    struct Handle;
    const ClientSettings settings_;
    const std::unique_ptr<Handle> handle_;
    std::atomic<bool> cancelled_{false};
};

// username, password_file, token_file, ca_file, certificate_file, key_file, verify,
// connect_timeout, request_timeout: what kinds that speak HTTP declare beside their own.
std::span<const Property> client_properties();
// Errors: a file of a secret.
Result<ClientSettings> client_settings(const Config::Table& settings, const Rooms& rooms);

// What an answer means for the rows that were sent: 2xx sent; 401, 403, 407, 408, 425, 429 and 5xx
// retry, since the next may fare better with the same rows; all others rejected.
Sent sent_of(const Response& response);
Sent sent_of(const Error& error);
// The status, and the beginning of the body on one line.
std::string response_text(const Response& response);

}  // namespace hw::connector::http

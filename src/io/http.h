#pragma once

#include <cstdint>
#include <expected>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/error.h"
#include "base/metrics.h"
#include "io/reactor.h"

namespace hw::io {

struct HttpRequest {
    std::string method;                                        // upper case
    std::string target;                                        // as sent
    std::string path;                                          // percent-decoded, before '?'
    std::vector<std::pair<std::string, std::string>> query;    // decoded, in order, repeats kept
    std::vector<std::pair<std::string, std::string>> headers;  // names in lower case
    std::string body;  // inflated where Content-Encoding was gzip or deflate
    std::string peer;
    std::string user;  // who asks, where the handler has found that out; never from the wire

    // The first value of that name, or nullopt.
    std::optional<std::string_view> parameter(std::string_view name) const;
    std::optional<std::string_view> header(std::string_view lower_case_name) const;
};

struct HttpResponse {
    unsigned status = 200;
    std::vector<std::pair<std::string, std::string>> headers;
    std::string body;
};

// A response sent in pieces (chunked). Any thread may write; calls are passed to the connection's
// reactor. Destroying it without finish() aborts the connection.
class HttpStream {
  public:
    virtual ~HttpStream() = default;
    // False when the client has gone. Blocks the caller (never call on a reactor thread with
    // `wait`) while more than the limit is queued.
    virtual bool write(std::string bytes) = 0;
    virtual size_t queued_bytes() const = 0;
    virtual void finish() = 0;
    // Called once on the reactor's thread when the client goes away first.
    virtual void on_gone(std::move_only_function<void()> call) = 0;
};

// The one answer of one request; movable to any thread. Dropped without an answer: 500.
class HttpResponder {
  public:
    virtual ~HttpResponder() = default;
    virtual void respond(HttpResponse response) = 0;
    virtual std::unique_ptr<HttpStream> stream(HttpResponse head) = 0;
    // Called once on the reactor's thread when the client goes away before the answer has ended,
    // streamed ones too; at once where it has gone already. Any thread; before the answer.
    virtual void on_gone(std::move_only_function<void()> call) { (void)call; }
};

using HttpHandler = std::function<void(HttpRequest, std::unique_ptr<HttpResponder>)>;

// Asked before a WebSocket upgrade: the answer that refuses it, or what says every few seconds, on
// the stream's own reactor, whether it may go on (none: it may).
using UpgradeGuard =
    std::function<std::expected<std::function<bool()>, HttpResponse>(const HttpRequest&)>;

struct HttpSettings {
    std::string host = "127.0.0.1";
    uint16_t port = 8080;
    size_t connections_limit = 4096;
    // Of one address (of IPv6 one /64), WebSockets too; 0: no limit. This machine has none, nor
    // have the addresses named, which bring others.
    size_t connections_per_address_limit = 512;
    std::vector<std::string> unlimited_addresses;
    size_t body_bytes_limit = 64 << 20;  // also after inflating
    size_t header_bytes_limit = 64 << 10;
    size_t stream_queue_bytes_limit = 4 << 20;  // HttpStream::write waits above this
    Duration idle_timeout = seconds(75);
    Duration header_timeout = seconds(10);  // from the first byte of a request to its last header
    // From a request's head to the end of its body, and a second more for each 16 KiB that came: a
    // body may be long, but it must come at that pace. 0: no limit.
    Duration body_timeout = seconds(30);
    size_t pipeline_bytes_limit = 64 << 10;  // read ahead while a request is being answered
    size_t websocket_frame_bytes_limit = 16 << 20;
    // Pages that may open a WebSocket beside the server's own, by Origin; "*": any. Programs that
    // send no Origin always may.
    std::vector<std::string> websocket_origins;
};

// HTTP/1.1 with keep-alive and pipelining in order, request gzip/deflate, response gzip where the
// client accepts it and the body is text over 1 KiB, HEAD, 100-continue. A WebSocket upgrade on a
// registered path with the registered subprotocol becomes a Stream of binary frames.
// The handler runs on the reactor's thread and must not block it. The server is destroyed on that
// thread, or when the reactor no longer runs. Responders and streams must not outlive the reactor.
class HttpServer {
  public:
    static Result<std::unique_ptr<HttpServer>> open(Reactor& reactor, const HttpSettings& settings,
                                                    Metrics& metrics, HttpHandler handler);
    virtual ~HttpServer() = default;
    // Before run() of the reactor. The stream lives on `target`, which may be another reactor, and
    // `accept` is called there. `subprotocol` may name several, in order of preference, by commas.
    virtual void websocket(std::string path, std::string subprotocol, Reactor& target,
                           Accept accept) = 0;
    // The same for text frames without a subprotocol: each message is one call of on_bytes and one
    // send of the stream, and must be UTF-8 of at most so many bytes.
    virtual void websocket_text(std::string path, size_t message_bytes_limit, Reactor& target,
                                Accept accept) = 0;
    // Before run(). The reactor's thread calls it.
    virtual void guard_upgrades(UpgradeGuard guard) = 0;
    virtual uint16_t port() const = 0;
    // Stops accepting, lets running requests end (at most `grace`), then closes. The reactor's
    // thread.
    virtual void close(Duration grace) = 0;
};

// An RFC 9457 body, application/problem+json: type, title, status, detail.
HttpResponse http_problem(unsigned status, std::string_view detail);

// The reason phrase of a status, "Not Found"; empty if unknown.
std::string_view http_reason(unsigned status);

// Bytes for %XX (and a space for '+' if asked). Nullopt for an escape that is cut or not hex.
std::optional<std::string> percent_decode(std::string_view text, bool plus_is_space);

}  // namespace hw::io

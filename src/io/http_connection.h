#pragma once

#include <array>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_set>
#include <vector>

#include "base/metrics.h"
#include "io/http.h"
#include "io/http_exchange.h"
#include "io/http_parser.h"
#include "io/stream.h"
#include "io/websocket_codec.h"

namespace hw::io {

class HttpConnection;

struct HttpCounters {
    explicit HttpCounters(Metrics& metrics);
    void count(unsigned status) { by_class[status / 100 - 1]->add(); }

    std::array<Counter*, 5> by_class;
    LatencyHistogram& latency;
    Counter& time_outs;
    Counter& slow_bodies;  // of time_outs
};

// What is registered for WebSocket upgrades on one path.
struct WebSocketRoute {
    std::vector<std::string> subprotocols;
    Reactor* target;
    Accept accept;
    WebSocketMode mode;
    size_t bytes_limit;
};

// What the connections of one server share. The reactor's thread.
struct HttpShared {
    HttpShared(Reactor& own_reactor, HttpSettings own_settings, Metrics& metrics,
               HttpHandler own_handler);
    const std::string& date();

    Reactor& reactor;
    HttpSettings settings;
    HttpHandler handler;
    HttpCounters counters;
    std::map<std::string, WebSocketRoute> routes;
    UpgradeGuard upgrade_guard;
    std::unordered_set<std::shared_ptr<HttpConnection>> connections;
    bool closing = false;

  private:
    std::string date_;
    int64_t date_s_ = -1;
};

// One client: requests are read and answered one after another; what comes meanwhile waits in the
// parser. Lives in HttpShared::connections until its stream closes; responders keep it longer. The
// reactor's thread.
class HttpConnection final : public StreamHandler,
                             public std::enable_shared_from_this<HttpConnection> {
  public:
    HttpConnection(std::shared_ptr<HttpShared> shared, std::unique_ptr<Stream> stream);

    void start();
    void on_bytes(BytesView bytes) override;
    void on_drained() override;
    void on_closed(const Error& why) override;

    // From the responder.
    void answer(HttpResponse response);
    void begin_stream(HttpResponse head, std::shared_ptr<HttpOutlet> outlet);
    void stream_bytes(HttpOutlet& outlet, std::string bytes);
    void end_stream(HttpOutlet& outlet);
    void abort();
    // The call to make when the client goes while that request is being answered.
    void on_gone(uint64_t request, std::move_only_function<void()> call);
    uint64_t request_number() const { return requests_; }

    // Once a second: closes what has been idle or stuck for too long.
    void check_time(Time now);
    // The server closes: at once when idle, else after the answer.
    void wind_down();
    Reactor& reactor() { return shared_->reactor; }

  private:
    void advance();
    bool too_slow(Time now) const;
    void begin_request();
    bool upgrade(const HttpRequest& request);
    void refuse(unsigned status, std::string_view detail);
    void end_answer(unsigned status);
    void send(std::string head, std::string body);
    void update_reading();
    void leave();
    bool gone() const { return stream_ == nullptr; }

    std::shared_ptr<HttpShared> shared_;
    std::unique_ptr<Stream> stream_;
    HttpParser parser_;
    std::shared_ptr<HttpOutlet> outlet_;
    Time last_bytes_;        // came from the client, or an answer went
    Time headers_began_;     // of the request being read
    Time body_began_;        // likewise
    size_t body_bytes_ = 0;  // that came of it, as sent
    Time request_began_;     // of the request being answered: its hand-over
    Time sent_some_;         // the queue of unsent bytes moved
    size_t queued_before_ = 0;
    bool in_headers_ = false;
    bool in_body_ = false;
    bool busy_ = false;  // a request is with the handler
    bool advancing_ = false;
    uint64_t requests_ = 0;  // begun so far
    std::move_only_function<void()> gone_call_;
    bool keep_alive_ = true;
    bool head_only_ = false;
    bool chunked_ = false;
    bool closing_ = false;
    unsigned stream_status_ = 0;
};

}  // namespace hw::io

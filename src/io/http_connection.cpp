#include "io/http_connection.h"

#include <fmt/format.h>

#include <utility>

#include "base/assert.h"
#include "io/http_writer.h"
#include "io/tcp_stream.h"
#include "io/watched_stream.h"
#include "io/websocket_handshake.h"
#include "io/websocket_stream.h"

namespace hw::io {
namespace {

// Below this, copying the body behind its head is cheaper than a second write.
constexpr size_t joined_body_bytes = 16 << 10;
// The pace at which a body must come once http.body_timeout is over, bytes a second.
constexpr size_t least_body_pace = 16 << 10;

}  // namespace

HttpCounters::HttpCounters(Metrics& metrics)
    : latency(metrics.latency("headworks_io_http_request_seconds",
                              "From the whole request to the end of its answer.")),
      time_outs(metrics.counter("headworks_io_http_timeouts_total",
                                "Connections closed because the client was too slow or idle.")),
      slow_bodies(metrics.counter("headworks_io_http_slow_bodies_total",
                                  "Of them those whose request's body came too slowly.")) {
    for (size_t i = 0; i < by_class.size(); ++i)
        by_class[i] = &metrics.counter("headworks_io_http_requests_total", "Requests answered.",
                                       {{"status", fmt::format("{}xx", i + 1)}});
}

HttpShared::HttpShared(Reactor& own_reactor, HttpSettings own_settings, Metrics& metrics,
                       HttpHandler own_handler)
    : reactor(own_reactor),
      settings(std::move(own_settings)),
      handler(std::move(own_handler)),
      counters(metrics) {}

const std::string& HttpShared::date() {
    const Time now = reactor.clock().now();
    if (now.ns / 1'000'000'000 != date_s_) {
        date_s_ = now.ns / 1'000'000'000;
        date_ = http_date(now);
    }
    return date_;
}

HttpConnection::HttpConnection(std::shared_ptr<HttpShared> shared, std::unique_ptr<Stream> stream)
    : shared_(std::move(shared)), stream_(std::move(stream)), parser_(shared_->settings) {}

void HttpConnection::start() {
    last_bytes_ = reactor().clock().monotonic();
    stream_->start(*this);
}

void HttpConnection::on_bytes(BytesView bytes) {
    const auto self = shared_from_this();
    if (closing_) return;
    last_bytes_ = reactor().clock().monotonic();
    if (in_body_) body_bytes_ += bytes.size();
    parser_.take(bytes);
    advance();
    parser_.keep();
    update_reading();
}

void HttpConnection::on_drained() {
    const auto self = shared_from_this();
    if (outlet_) outlet_->arrived(0, 0);
    advance();
    update_reading();
}

void HttpConnection::on_closed(const Error&) {
    leave();
}

// Reads on while a request is answered, to see the client go; but not without end.
void HttpConnection::update_reading() {
    if (gone() || closing_) return;
    const bool stuck =
        busy_ || stream_->queued_bytes() > shared_->settings.stream_queue_bytes_limit;
    stream_->set_reading(!stuck || parser_.held_bytes() <= shared_->settings.pipeline_bytes_limit);
}

void HttpConnection::advance() {
    if (std::exchange(advancing_, true)) return;
    while (!busy_ && !gone() && !closing_ &&
           stream_->queued_bytes() <= shared_->settings.stream_queue_bytes_limit) {
        const auto event = parser_.next();
        if (event == HttpParser::Event::need_more) break;
        if (event == HttpParser::Event::wants_continue) {
            stream_->send(as_bytes("HTTP/1.1 100 Continue\r\n\r\n"));
        } else if (event == HttpParser::Event::failed) {
            refuse(parser_.failed_status(), parser_.failed_detail());
        } else {
            begin_request();
        }
    }
    advancing_ = false;
    const bool in_headers = parser_.phase() == HttpParser::Phase::headers;
    if (in_headers && !in_headers_) headers_began_ = last_bytes_;
    in_headers_ = in_headers;
    const bool in_body = parser_.phase() == HttpParser::Phase::body;
    if (in_body && !in_body_) body_began_ = last_bytes_, body_bytes_ = 0;
    in_body_ = in_body;
}

void HttpConnection::begin_request() {
    HttpRequest request = parser_.request();
    request.peer = stream_->peer();
    in_headers_ = in_body_ = false;
    busy_ = true;
    ++requests_;
    keep_alive_ = parser_.keep_alive() && !shared_->closing;
    head_only_ = request.method == "HEAD";
    request_began_ = reactor().clock().monotonic();
    if (request.header("upgrade") && upgrade(request)) return;
    const bool pack = accepts_gzip(request.header("accept-encoding").value_or(""));
    shared_->handler(
        std::move(request),
        make_responder(shared_from_this(), pack, shared_->settings.stream_queue_bytes_limit));
}

// True when the request was answered here: the connection is no longer ours, or it was refused.
bool HttpConnection::upgrade(const HttpRequest& request) {
    const auto route = shared_->routes.find(request.path);
    if (route == shared_->routes.end() || !asks_for_websocket(request)) return false;
    auto accepted =
        accept_websocket(request, route->second.subprotocols, shared_->settings.websocket_origins);
    if (!accepted) {
        answer(std::move(accepted.error()));
        return true;
    }
    std::function<bool()> still;
    if (shared_->upgrade_guard) {
        auto admitted = shared_->upgrade_guard(request);
        if (!admitted) {
            answer(std::move(admitted.error()));
            return true;
        }
        still = std::move(*admitted);
    }
    stream_->send(as_bytes(response_head(*accepted, BodyFraming::length, true, shared_->date())));
    if (stream_->queued_bytes() > 0) {
        // The socket has no room for 200 bytes: the client never read its earlier answers.
        abort();
        return true;
    }
    shared_->counters.count(101);
    Reactor* target = route->second.target;
    auto hand_over = [target, tcp = release_tcp(*stream_), rest = parser_.take_rest(),
                      limit = route->second.bytes_limit, mode = route->second.mode,
                      to = route->second.accept, still = std::move(still)]() mutable {
        auto inner = adopt_tcp(*target, tcp.socket, std::move(tcp.peer), std::move(tcp.counters));
        auto stream =
            make_websocket_stream(*target, std::move(inner), std::move(rest), limit, mode);
        if (still) stream = watch_stream(*target, std::move(stream), std::move(still));
        to(std::move(stream));
    };
    stream_.reset();
    leave();
    target->post(std::move(hand_over));
    return true;
}

void HttpConnection::send(std::string head, std::string body) {
    if (body.size() <= joined_body_bytes) {
        stream_->send(std::move(head.append(body)));
        return;
    }
    stream_->send(std::move(head));
    stream_->send(std::move(body));
}

void HttpConnection::answer(HttpResponse response) {
    if (gone() || closing_ || !busy_) return;
    if (response.status < 200 || response.status > 599)
        response = http_problem(500, "the answer has no valid status");
    const bool bodiless = head_only_ || response.status == 204 || response.status == 304;
    std::string head = response_head(response, BodyFraming::length, keep_alive_, shared_->date());
    send(std::move(head), bodiless ? std::string() : std::move(response.body));
    end_answer(response.status);
}

void HttpConnection::begin_stream(HttpResponse head, std::shared_ptr<HttpOutlet> outlet) {
    if (gone() || closing_ || !busy_) {
        if (auto call = outlet->set_gone()) call();
        return;
    }
    chunked_ = parser_.version_11();
    if (!chunked_) keep_alive_ = false;
    outlet_ = std::move(outlet);
    stream_status_ = head.status;
    stream_->send(response_head(head, chunked_ ? BodyFraming::chunked : BodyFraming::until_close,
                                keep_alive_, shared_->date()));
    if (!head.body.empty()) {
        HW_ASSERT(outlet_->reserve(head.body.size(), false));
        stream_bytes(*outlet_, std::move(head.body));
    }
}

void HttpConnection::stream_bytes(HttpOutlet& outlet, std::string bytes) {
    const size_t size = bytes.size();
    if (gone() || outlet_.get() != &outlet) {
        outlet.arrived(size, 0);
        return;
    }
    if (!head_only_) {
        if (chunked_) {
            stream_->send(chunk(bytes));
        } else {
            stream_->send(std::move(bytes));
        }
    }
    outlet.arrived(size, stream_->queued_bytes());
}

void HttpConnection::end_stream(HttpOutlet& outlet) {
    if (gone() || outlet_.get() != &outlet) return;
    if (chunked_ && !head_only_) stream_->send(as_bytes(last_chunk));
    outlet_.reset();
    end_answer(stream_status_);
}

void HttpConnection::end_answer(unsigned status) {
    const Time now = reactor().clock().monotonic();
    shared_->counters.count(status);
    shared_->counters.latency.observe_ns((now - request_began_).ns);
    busy_ = false;
    gone_call_ = nullptr;
    last_bytes_ = now;
    if (!keep_alive_) {
        closing_ = true;
        stream_->close();
        return;
    }
    advance();
    update_reading();
}

void HttpConnection::refuse(unsigned status, std::string_view detail) {
    const HttpResponse problem = http_problem(status, detail);
    std::string head = response_head(problem, BodyFraming::length, false, shared_->date());
    send(std::move(head), problem.body);
    shared_->counters.count(status);
    closing_ = true;
    stream_->close();
}

void HttpConnection::abort() {
    const auto self = shared_from_this();
    stream_.reset();
    leave();
}

void HttpConnection::leave() {
    const auto self = shared_from_this();
    stream_.reset();
    shared_->connections.erase(self);
    if (const auto outlet = std::exchange(outlet_, nullptr))
        if (auto call = outlet->set_gone()) call();
    if (auto call = std::exchange(gone_call_, nullptr)) call();
}

void HttpConnection::on_gone(uint64_t request, std::move_only_function<void()> call) {
    if (gone()) return call();
    if (busy_ && request == requests_) gone_call_ = std::move(call);
}

// A body that comes byte by byte holds a connection and memory for as long as its sender likes.
bool HttpConnection::too_slow(Time now) const {
    const Duration timeout = shared_->settings.body_timeout;
    if (!in_body_ || timeout.ns == 0) return false;
    const auto paid = seconds(static_cast<int64_t>(body_bytes_ / least_body_pace));
    return now - body_began_ > timeout + paid;
}

void HttpConnection::check_time(Time now) {
    if (gone() || closing_) return;
    const HttpSettings& settings = shared_->settings;
    const size_t queued = stream_->queued_bytes();
    if (queued != queued_before_) sent_some_ = now;
    queued_before_ = queued;
    if (queued > 0) {
        if (now - sent_some_ <= settings.idle_timeout) return;
        shared_->counters.time_outs.add();
        return abort();
    }
    if (busy_) return;
    if (too_slow(now)) {
        shared_->counters.slow_bodies.add();
    } else if (parser_.phase() == HttpParser::Phase::headers) {
        if (now - headers_began_ <= settings.header_timeout) return;
    } else if (now - last_bytes_ <= settings.idle_timeout) {
        return;
    }
    shared_->counters.time_outs.add();
    if (parser_.phase() != HttpParser::Phase::between)
        return refuse(408, in_body_ ? "the request's body did not come in time"
                                    : "the rest of the request did not come in time");
    closing_ = true;
    stream_->close();
}

void HttpConnection::wind_down() {
    keep_alive_ = false;
    if (busy_ || gone() || closing_) return;
    closing_ = true;
    stream_->close();
}

}  // namespace hw::io

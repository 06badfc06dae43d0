#include "upstream/mqtt_link.h"

#include <fmt/format.h>

#include <charconv>
#include <optional>
#include <utility>

namespace hw::upstream {

namespace {

constexpr Duration connect_timeout = seconds(10);
constexpr Duration tick_period = milliseconds(200);

ErrorCode code_of(mqtt::Reason reason) {
    using enum mqtt::Reason;
    switch (reason) {
        case bad_user_name_or_password:
        case not_authorized:
        case banned:
        case bad_authentication_method:
            return ErrorCode::permission_denied;
        case client_identifier_not_valid:
            return ErrorCode::invalid_argument;
        case unsupported_protocol_version:
            return ErrorCode::unsupported;
        case session_taken_over:
            return ErrorCode::conflict;
        case keep_alive_timeout:
            return ErrorCode::timed_out;
        default:
            return ErrorCode::unavailable;
    }
}

}  // namespace

Result<BrokerAddress> parse_broker(std::string_view text) {
    const auto bad = [text] {
        return fail(ErrorCode::invalid_argument,
                    fmt::format("'{}' is not mqtt://<host>[:<port>]", text));
    };
    std::string_view rest = text;
    if (rest.starts_with("mqtt://")) rest.remove_prefix(7);
    if (rest.find("://") != std::string_view::npos) return bad();
    if (rest.find('@') != std::string_view::npos)
        return fail(ErrorCode::invalid_argument,
                    "a user or password in the address is seen by all on this machine; use -u, "
                    "and --password-file or HEADWORKS_PASSWORD");
    if (rest.ends_with('/')) rest.remove_suffix(1);
    BrokerAddress address;
    size_t host_end = rest.rfind(':');
    if (rest.starts_with('[')) {
        const size_t bracket = rest.find(']');
        if (bracket == std::string_view::npos) return bad();
        address.host = rest.substr(1, bracket - 1);
        host_end = bracket + 1;
        if (host_end < rest.size() && rest[host_end] != ':') return bad();
    } else {
        address.host = rest.substr(0, host_end);
    }
    if (address.host.empty() || address.host.find('/') != std::string::npos) return bad();
    if (host_end >= rest.size()) return address;
    const std::string_view digits = rest.substr(host_end + 1);
    const auto end = digits.data() + digits.size();
    const auto [at, error] = std::from_chars(digits.data(), end, address.port);
    if (error != std::errc() || at != end || address.port == 0) return bad();
    return address;
}

MqttLink::MqttLink(io::Reactor& reactor, BrokerAddress address, mqtt::ClientOptions options,
                   MqttListener& listener)
    : reactor_(reactor),
      address_(std::move(address)),
      connection_(std::move(options)),
      listener_(listener) {
    reactor_.on_round_end([this, alive = std::weak_ptr<bool>(alive_)] {
        if (!alive.expired()) flush();
    });
    reactor_.every(tick_period, [this, alive = std::weak_ptr<bool>(alive_)] {
        if (alive.expired() || closing_ || connection_.closed()) return;
        const auto deadline = connection_.deadline();
        const Time now = reactor_.clock().monotonic();
        if (deadline && now >= *deadline) connection_.tick(now, *this, out_);
    });
}

MqttLink::~MqttLink() = default;

void MqttLink::open() {
    const uint64_t attempt = ++attempt_;
    closing_ = false;
    io::connect_tcp(reactor_, address_.host, address_.port, connect_timeout,
                    [this, attempt, alive = std::weak_ptr<bool>(alive_)](
                        Result<std::unique_ptr<io::Stream>> stream) {
                        if (alive.expired() || attempt != attempt_) return;
                        opened(std::move(stream));
                    });
}

void MqttLink::opened(Result<std::unique_ptr<io::Stream>> stream) {
    if (!stream) return tell_lost(std::move(stream).error());
    stream_ = std::move(*stream);
    out_.clear();
    stream_->start(*this);
    connection_.connect(reactor_.clock().monotonic(), out_);
}

void MqttLink::close(mqtt::Reason reason) {
    ++attempt_;
    closing_ = true;
    if (!stream_) return;
    connection_.disconnect(out_, reason);
    flush();
    stream_->close();
}

size_t MqttLink::queued_bytes() const {
    return out_.size() + (stream_ ? stream_->queued_bytes() : 0);
}

void MqttLink::flush() {
    if (!stream_ || out_.empty()) return;
    stream_->send(as_bytes(out_));
    out_.clear();
}

void MqttLink::on_bytes(BytesView bytes) {
    if (closing_) return;
    connection_.feed(bytes, reactor_.clock().monotonic(), *this, out_);
}

void MqttLink::on_connected(const mqtt::Connack& packet) {
    listener_.on_connected(packet.session_present);
}

// The stream calls from within itself, so it goes away in a later round.
void MqttLink::drop_stream() {
    if (stream_) reactor_.post([old = std::shared_ptr<io::Stream>(std::move(stream_))] {});
}

void MqttLink::on_closed(const Error& why) {
    drop_stream();
    if (closing_) return;
    connection_.lost();
    tell_lost(Error(ErrorCode::unavailable,
                    fmt::format("{}:{} closed the connection{}{}", address_.host, address_.port,
                                why.text().empty() ? "" : ": ", why.text())));
}

void MqttLink::on_closed(const mqtt::ProtocolError& why) {
    Error error(code_of(why.reason), fmt::format("{}:{}: {} ({})", address_.host, address_.port,
                                                 why.why, mqtt::to_string(why.reason)));
    // What is left to say (a DISCONNECT of ours) goes out before the stream closes.
    closing_ = true;
    flush();
    if (stream_) stream_->close();
    reactor_.post([this, told = std::move(error), alive = std::weak_ptr<bool>(alive_)]() mutable {
        if (alive.expired()) return;
        drop_stream();
        closing_ = false;
        tell_lost(std::move(told));
    });
}

void MqttLink::tell_lost(Error why) {
    listener_.on_lost(why);
}

}  // namespace hw::upstream

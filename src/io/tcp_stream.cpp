#include "io/tcp_stream.h"

#include <arpa/inet.h>
#include <fmt/format.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <utility>

#include "base/assert.h"
#include "io/address.h"
#include "io/output_queue.h"
#include "io/reactor_native.h"

namespace hw::io {
namespace {

constexpr Duration flush_limit = seconds(1);

Error failure(std::string_view what, int number) {
    return Error(ErrorCode::io_failed,
                 fmt::format("{}: {}", what, std::generic_category().message(number)));
}

// The connection proper. Lives as long as its stream or a flush (its timer) needs it.
class TcpConnection final : public ReadyHandler,
                            public std::enable_shared_from_this<TcpConnection> {
  public:
    TcpConnection(Reactor& reactor, int socket, std::string peer,
                  std::shared_ptr<StreamCounters> counters)
        : reactor_(reactor),
          socket_(socket),
          peer_(std::move(peer)),
          counters_(std::move(counters)) {}
    ~TcpConnection() override { release_count(); }

    void start(StreamHandler& handler);
    void send(BytesView bytes);
    void send(std::string&& bytes);
    size_t queued_bytes() const { return queue_.size(); }
    void set_reading(bool on);
    void close();
    void abandon();
    ReleasedTcp release();
    void on_ready(uint32_t events) override;
    const std::string& peer() const { return peer_; }

  private:
    enum class State { open, flushing, lingering, closed };

    bool sendable() const { return state_ == State::open && !failing_; }
    size_t write_some(BytesView bytes);
    void watch(uint32_t events);
    void unwatch();
    void on_readable(bool broken);
    int socket_error() const;
    void on_writable();
    void finish_flush();
    void linger();
    void shut();
    void fail_later(Error why);
    void tell_closed(const Error& why);
    void release_count();

    Reactor& reactor_;
    Socket socket_;
    std::string peer_;
    std::shared_ptr<StreamCounters> counters_;
    StreamHandler* handler_ = nullptr;
    OutputQueue queue_;
    State state_ = State::open;
    bool reading_ = true;
    uint32_t watched_ = 0;  // what the reactor watches for; 0 before start()
    bool added_ = false;
    bool failing_ = false;  // a write failed; on_closed is on its way
    bool counted_ = true;
    Reactor::TimerId flush_timer_ = 0;
};

void TcpConnection::start(StreamHandler& handler) {
    HW_ASSERT(handler_ == nullptr);
    handler_ = &handler;
    if (state_ == State::closed || state_ == State::lingering) {
        // It broke, or was closed, before anybody listened.
        reactor_.post([self = shared_from_this()] {
            if (StreamHandler* waiting = std::exchange(self->handler_, nullptr))
                waiting->on_closed(Error(ErrorCode::cancelled, ""));
        });
    }
    if (state_ == State::open && !failing_) watch(watched_ | (reading_ ? uint32_t{EPOLLIN} : 0));
}

// Returns how many bytes the socket took; on an error all, since there is nobody to queue for.
size_t TcpConnection::write_some(BytesView bytes) {
    while (true) {
        const ssize_t sent =
            ::send(socket_.get(), bytes.data(), bytes.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
        if (sent >= 0) {
            if (counters_) counters_->sent_bytes.add(static_cast<uint64_t>(sent));
            return static_cast<size_t>(sent);
        }
        if (errno == EAGAIN || errno == EWOULDBLOCK) return 0;
        if (errno == EINTR) continue;
        fail_later(failure("write failed", errno));
        return bytes.size();
    }
}

void TcpConnection::send(BytesView bytes) {
    if (!sendable() || bytes.empty()) return;
    const size_t sent = queue_.empty() ? write_some(bytes) : 0;
    if (sent == bytes.size()) return;
    queue_.push(as_text(bytes.subspan(sent)));
    watch(watched_ | EPOLLOUT);
}

void TcpConnection::send(std::string&& bytes) {
    const size_t sent = sendable() && queue_.empty() ? write_some(as_bytes(bytes)) : 0;
    if (sendable() && sent < bytes.size()) {
        queue_.push(std::move(bytes), sent);
        watch(watched_ | EPOLLOUT);
    }
    // What went out at once leaves its storage with the caller, to be filled again.
    bytes.clear();
}

void TcpConnection::set_reading(bool on) {
    reading_ = on;
    if (on && handler_ != nullptr && state_ == State::open && !failing_) watch(watched_ | EPOLLIN);
}

// Tells the reactor what to watch for, if that is news. Errors are always watched for.
void TcpConnection::watch(uint32_t events) {
    if (added_ && events == watched_) return;
    ReadinessSet& set = reactor_.native().sockets;
    if (std::exchange(added_, true)) {
        set.change(socket_.get(), events, *this);
    } else {
        set.add(socket_.get(), events, *this);
    }
    watched_ = events;
}

void TcpConnection::unwatch() {
    if (std::exchange(added_, false)) reactor_.native().sockets.remove(socket_.get(), *this);
}

void TcpConnection::on_ready(uint32_t events) {
    const auto self = shared_from_this();
    const bool broken = (events & (EPOLLERR | EPOLLHUP)) != 0;
    if ((events & EPOLLOUT) != 0 || (broken && (watched_ & EPOLLOUT) != 0)) on_writable();
    if ((events & EPOLLIN) != 0 || broken) on_readable(broken);
}

void TcpConnection::on_readable(bool broken) {
    if (state_ == State::lingering) return linger();
    if (state_ != State::open || failing_) return;
    if (!reading_ || handler_ == nullptr) {
        // Nobody reads now. A broken connection is told all the same: it would be ready for ever.
        if (broken) return tell_closed(failure("the connection broke", socket_error()));
        return watch(watched_ & ~uint32_t{EPOLLIN});
    }
    const auto buffer = reactor_.native().read_buffer();
    const ssize_t got = ::recv(socket_.get(), buffer.data(), buffer.size(), MSG_DONTWAIT);
    if (got > 0) {
        if (counters_) counters_->received_bytes.add(static_cast<uint64_t>(got));
        handler_->on_bytes(BytesView(buffer.data(), static_cast<size_t>(got)));
    } else if (got == 0) {
        tell_closed(Error(ErrorCode::cancelled, ""));
    } else if (errno != EAGAIN && errno != EWOULDBLOCK && errno != EINTR) {
        tell_closed(failure("read failed", errno));
    }
}

int TcpConnection::socket_error() const {
    int error = 0;
    socklen_t size = sizeof(error);
    ::getsockopt(socket_.get(), SOL_SOCKET, SO_ERROR, &error, &size);
    return error != 0 ? error : ECONNRESET;
}

void TcpConnection::on_writable() {
    if (failing_ || (state_ != State::open && state_ != State::flushing)) return;
    while (!queue_.empty()) {
        const BytesView front = queue_.front();
        const size_t sent = write_some(front);
        if (failing_) return;
        queue_.pop(sent);
        if (sent < front.size()) return;
    }
    watch(watched_ & ~uint32_t{EPOLLOUT});
    if (state_ == State::flushing) return finish_flush();
    if (handler_ != nullptr) handler_->on_drained();
}

void TcpConnection::close() {
    if (state_ != State::open || failing_) return;
    state_ = State::flushing;
    // What comes now is not read before the linger, and would be ready all the while.
    if (added_) watch(watched_ & ~uint32_t{EPOLLIN});
    flush_timer_ = reactor_.after(flush_limit, [self = shared_from_this()] {
        self->flush_timer_ = 0;
        if (self->state_ == State::flushing)
            self->tell_closed(Error(ErrorCode::timed_out, "closed before all was sent"));
        self->shut();
    });
    if (queue_.empty()) reactor_.post([self = shared_from_this()] { self->finish_flush(); });
}

// All is sent. The end of our side is told and the peer's bytes are read and thrown away for the
// rest of the second: closing over unread bytes would reset the connection, and the peer might
// lose our last answer.
void TcpConnection::finish_flush() {
    if (state_ != State::flushing) return;
    state_ = State::lingering;
    ::shutdown(socket_.get(), SHUT_WR);
    watch(EPOLLIN);
    if (StreamHandler* handler = std::exchange(handler_, nullptr))
        handler->on_closed(Error(ErrorCode::cancelled, ""));
}

void TcpConnection::linger() {
    const auto buffer = reactor_.native().read_buffer();
    const ssize_t got = ::recv(socket_.get(), buffer.data(), buffer.size(), MSG_DONTWAIT);
    if (got > 0 || (got < 0 && (errno == EAGAIN || errno == EINTR))) return;
    shut();
}

void TcpConnection::shut() {
    if (state_ == State::closed) return;
    state_ = State::closed;
    if (flush_timer_ != 0) reactor_.cancel(std::exchange(flush_timer_, 0));
    unwatch();
    socket_ = Socket(-1);
    queue_.clear();
    release_count();
}

// The owner destroyed the stream. A close under way goes on.
void TcpConnection::abandon() {
    handler_ = nullptr;
    if (state_ == State::open) shut();
}

void TcpConnection::fail_later(Error why) {
    failing_ = true;
    reactor_.post(
        [self = shared_from_this(), error = std::move(why)] { self->tell_closed(error); });
}

void TcpConnection::tell_closed(const Error& why) {
    shut();
    if (StreamHandler* handler = std::exchange(handler_, nullptr)) handler->on_closed(why);
}

ReleasedTcp TcpConnection::release() {
    HW_ASSERT(state_ == State::open && queue_.empty());
    handler_ = nullptr;
    state_ = State::closed;
    counted_ = false;
    unwatch();
    return {socket_.release(), peer_, std::exchange(counters_, nullptr)};
}

void TcpConnection::release_count() {
    if (std::exchange(counted_, false) && counters_)
        counters_->open->fetch_sub(1, std::memory_order_relaxed);
}

class TcpStream final : public Stream {
  public:
    explicit TcpStream(std::shared_ptr<TcpConnection> connection)
        : connection_(std::move(connection)) {}
    ~TcpStream() override { connection_->abandon(); }

    void start(StreamHandler& handler) override { connection_->start(handler); }
    void send(BytesView bytes) override { connection_->send(bytes); }
    void send(std::string&& bytes) override { connection_->send(std::move(bytes)); }
    size_t queued_bytes() const override { return connection_->queued_bytes(); }
    void set_reading(bool on) override { connection_->set_reading(on); }
    void close() override { connection_->close(); }
    const std::string& peer() const override { return connection_->peer(); }
    ReleasedTcp release() { return connection_->release(); }

  private:
    std::shared_ptr<TcpConnection> connection_;
};

}  // namespace

StreamCounters::StreamCounters(Metrics& metrics, const std::string& listener)
    : accepted(metrics.counter("headworks_io_connections_accepted_total", "Connections accepted.",
                               {{"listener", listener}})),
      refused(metrics.counter("headworks_io_connections_refused_total",
                              "Connections closed at once, over the connections limit.",
                              {{"listener", listener}})),
      refused_address(metrics.counter("headworks_io_connections_refused_address_total",
                                      "Connections closed at once, over the limit of one address.",
                                      {{"listener", listener}})),
      accept_waits(metrics.counter("headworks_io_accept_waits_total",
                                   "Pauses of accepting, out of file descriptors.",
                                   {{"listener", listener}})),
      received_bytes(metrics.counter("headworks_io_received_bytes_total",
                                     "Bytes read from connections.", {{"listener", listener}})),
      sent_bytes(metrics.counter("headworks_io_sent_bytes_total", "Bytes written to connections.",
                                 {{"listener", listener}})),
      open(std::make_shared<std::atomic<int64_t>>(0)) {
    metrics.gauge(
        "headworks_io_connections", "Connections open.",
        [count = open] { return static_cast<double>(count->load(std::memory_order_relaxed)); },
        {{"listener", listener}});
}

std::unique_ptr<Stream> adopt_tcp(Reactor& reactor, int socket, std::string peer,
                                  std::shared_ptr<StreamCounters> counters) {
    return std::make_unique<TcpStream>(
        std::make_shared<TcpConnection>(reactor, socket, std::move(peer), std::move(counters)));
}

ReleasedTcp release_tcp(Stream& stream) {
    auto* tcp = dynamic_cast<TcpStream*>(&stream);
    HW_ASSERT(tcp != nullptr);
    return tcp->release();
}

std::string peer_text(int socket) {
    sockaddr_storage address{};
    socklen_t size = sizeof(address);
    char text[INET6_ADDRSTRLEN] = "";
    if (::getpeername(socket, reinterpret_cast<sockaddr*>(&address), &size) != 0) return "unknown";
    if (address.ss_family == AF_INET6) {
        sockaddr_in6 v6{};
        std::memcpy(&v6, &address, sizeof(v6));
        ::inet_ntop(AF_INET6, &v6.sin6_addr, text, sizeof(text));
        return fmt::format("[{}]:{}", text, ntohs(v6.sin6_port));
    }
    sockaddr_in v4{};
    std::memcpy(&v4, &address, sizeof(v4));
    ::inet_ntop(AF_INET, &v4.sin_addr, text, sizeof(text));
    return fmt::format("{}:{}", text, ntohs(v4.sin_port));
}

}  // namespace hw::io

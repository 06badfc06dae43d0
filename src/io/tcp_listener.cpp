#include "io/tcp_listener.h"

#include <fmt/format.h>
#include <unistd.h>

#include <boost/asio/io_context.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <cerrno>
#include <cstring>
#include <system_error>
#include <utility>

#include "base/log.h"
#include "io/address.h"
#include "io/reactor_native.h"

namespace hw::io {
namespace {

constexpr int listen_backlog = 4096;
// One wake-up takes at most so many, so that a storm of connections leaves time for the others.
constexpr int accepts_per_wake = 64;
constexpr Duration descriptors_pause = milliseconds(100);

std::string remedy(int number) {
    switch (number) {
        case EADDRINUSE:
            return "; another program holds it ('ss -ltnp' shows which): stop it or choose another "
                   "port";
        case EACCES:
            return "; ports below 1024 need root or CAP_NET_BIND_SERVICE: choose a higher port";
        case EADDRNOTAVAIL:
            return "; this machine has no such address ('ip address' lists them)";
        default:
            return "";
    }
}

std::unexpected<Error> listen_failure(const std::string& where, int number) {
    const auto code = number == EADDRINUSE ? ErrorCode::conflict
                      : number == EACCES   ? ErrorCode::permission_denied
                                           : ErrorCode::io_failed;
    return fail(code, fmt::format("cannot listen on {}: {}{}", where,
                                  std::generic_category().message(number), remedy(number)));
}

Result<Socket> listen_on(const std::string& host, uint16_t port) {
    const std::string where = endpoint_text(host, port);
    const auto addresses = HW_TRY(resolve(host, port, Resolve::names));
    const Address& address = addresses.front();
    Socket socket(::socket(address.storage.ss_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK,
                           IPPROTO_TCP));
    if (!socket.valid()) return listen_failure(where, errno);
    // A restart must not wait for old connections in TIME_WAIT.
    const int on = 1;
    ::setsockopt(socket.get(), SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
    if (::bind(socket.get(), address.get(), address.size) != 0 ||
        ::listen(socket.get(), listen_backlog) != 0)
        return listen_failure(where, errno);
    return socket;
}

uint16_t bound_port(int socket) {
    sockaddr_storage address{};
    socklen_t size = sizeof(address);
    ::getsockname(socket, reinterpret_cast<sockaddr*>(&address), &size);
    // sin_port and sin6_port lie at the same place.
    sockaddr_in v4{};
    std::memcpy(&v4, &address, sizeof(v4));
    return ntohs(v4.sin_port);
}

// Kept alive by its pending wait, so that close() and destruction may come in any callback.
class Acceptor : public std::enable_shared_from_this<Acceptor> {
  public:
    Acceptor(Reactor& reactor, Socket socket, ListenerLimits limits,
             std::shared_ptr<StreamCounters> counters, Accept accept)
        : reactor_(reactor),
          descriptor_(*reactor.native().context, socket.release()),
          limits_(std::move(limits)),
          counters_(std::move(counters)),
          accept_(std::move(accept)) {}

    void arm() {
        descriptor_.async_wait(boost::asio::posix::descriptor_base::wait_read,
                               [self = shared_from_this()](const boost::system::error_code& error) {
                                   if (!error && self->descriptor_.is_open()) self->accept_ready();
                               });
    }
    void close() {
        boost::system::error_code ignored;
        descriptor_.close(ignored);
        if (pause_ != 0) reactor_.cancel(std::exchange(pause_, 0));
    }

  private:
    void accept_ready();
    void pause();
    void take(Socket socket);

    Reactor& reactor_;
    boost::asio::posix::stream_descriptor descriptor_;
    const ListenerLimits limits_;
    std::shared_ptr<StreamCounters> counters_;
    Accept accept_;
    Reactor::TimerId pause_ = 0;
};

void Acceptor::accept_ready() {
    for (int i = 0; i < accepts_per_wake && descriptor_.is_open(); ++i) {
        Socket socket(
            ::accept4(descriptor_.native_handle(), nullptr, nullptr, SOCK_CLOEXEC | SOCK_NONBLOCK));
        if (socket.valid()) {
            take(std::move(socket));
            continue;
        }
        if (errno == EAGAIN || errno == EWOULDBLOCK) break;
        if (errno == EMFILE || errno == ENFILE || errno == ENOMEM || errno == ENOBUFS)
            return pause();
        // Others (ECONNABORTED, EPROTO, ...) concern the one connection only: accept(2).
    }
    if (descriptor_.is_open()) arm();
}

void Acceptor::pause() {
    counters_->accept_waits.add();
    log_warning("io", "Out of file descriptors: accepting pauses; raise the limit (ulimit -n)");
    pause_ = reactor_.after(descriptors_pause, [self = shared_from_this()] {
        self->pause_ = 0;
        self->arm();
    });
}

void Acceptor::take(Socket socket) {
    const auto turn_away = [&](Counter& counter, const std::string& refusal) {
        counter.add();
        if (!refusal.empty())
            ::send(socket.get(), refusal.data(), refusal.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
    };
    if (counters_->open->load(std::memory_order_relaxed) >=
        static_cast<int64_t>(limits_.connections))
        return turn_away(counters_->refused, limits_.refusal);
    std::string peer = peer_text(socket.get());
    auto counters = counters_;
    if (limits_.addresses) {
        auto place = limits_.addresses->take(peer);
        if (!place) return turn_away(counters_->refused_address, limits_.address_refusal);
        // The stream holds its counters for as long as it lives, on whatever reactor: and with
        // them its place among those of its address.
        struct Held {
            std::shared_ptr<StreamCounters> counters;
            AddressCounts::Place place;
        };
        auto held = std::make_shared<Held>(counters_, std::move(*place));
        counters = {held, held->counters.get()};
    }
    counters_->accepted.add();
    counters_->open->fetch_add(1, std::memory_order_relaxed);
    set_stream_options(socket.get());
    accept_(adopt_tcp(reactor_, socket.release(), std::move(peer), std::move(counters)));
}

class AcceptingListener final : public TcpListener {
  public:
    AcceptingListener(std::shared_ptr<Acceptor> acceptor, uint16_t port)
        : acceptor_(std::move(acceptor)), port_(port) {}
    ~AcceptingListener() override { acceptor_->close(); }

    uint16_t port() const override { return port_; }
    void close() override { acceptor_->close(); }

  private:
    std::shared_ptr<Acceptor> acceptor_;
    uint16_t port_;
};

}  // namespace

Result<std::unique_ptr<TcpListener>> open_listener(Reactor& reactor, const std::string& host,
                                                   uint16_t port, ListenerLimits limits,
                                                   Metrics& metrics, Accept accept) {
    Socket socket = HW_TRY(listen_on(host, port));
    const uint16_t bound = bound_port(socket.get());
    auto counters = std::make_shared<StreamCounters>(metrics, endpoint_text(host, bound));
    auto acceptor = std::make_shared<Acceptor>(reactor, std::move(socket), std::move(limits),
                                               std::move(counters), std::move(accept));
    acceptor->arm();
    return std::make_unique<AcceptingListener>(std::move(acceptor), bound);
}

Result<std::unique_ptr<TcpListener>> TcpListener::open(Reactor& reactor, const std::string& host,
                                                       uint16_t port, size_t connections_limit,
                                                       Metrics& metrics, Accept accept) {
    return open_listener(reactor, host, port, {connections_limit}, metrics, std::move(accept));
}

}  // namespace hw::io

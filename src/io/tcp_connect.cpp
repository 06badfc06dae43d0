#include <fmt/format.h>
#include <unistd.h>

#include <boost/asio/io_context.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <cerrno>
#include <system_error>
#include <thread>
#include <utility>

#include "io/address.h"
#include "io/reactor.h"
#include "io/reactor_native.h"
#include "io/tcp_stream.h"

namespace hw::io {
namespace {

using Done = std::move_only_function<void(Result<std::unique_ptr<Stream>>)>;

// One attempt to reach a host: its addresses one after another, within one time-out.
class Connector : public std::enable_shared_from_this<Connector> {
  public:
    Connector(Reactor& reactor, std::string host, uint16_t port, Done done)
        : reactor_(reactor),
          descriptor_(*reactor.native().context),
          host_(std::move(host)),
          port_(port),
          done_(std::move(done)) {}

    void begin(Duration timeout);

  private:
    void resolved(Result<std::vector<Address>> addresses);
    void try_next(int last_error);
    void connected();
    void succeed(Socket socket);
    void end(Result<std::unique_ptr<Stream>> result);

    Reactor& reactor_;
    boost::asio::posix::stream_descriptor descriptor_;
    std::string host_;
    uint16_t port_;
    Done done_;
    std::vector<Address> addresses_;
    size_t next_ = 0;
    Reactor::TimerId timer_ = 0;
};

void Connector::begin(Duration timeout) {
    timer_ = reactor_.after(timeout, [self = shared_from_this(), timeout] {
        self->timer_ = 0;
        self->end(
            fail(ErrorCode::timed_out,
                 fmt::format("no connection to {} within {} ms; is the host up, and does a "
                             "firewall drop the packets?",
                             endpoint_text(self->host_, self->port_), timeout.ns / 1'000'000)));
    });
    auto numeric = resolve(host_, port_, Resolve::numeric_only);
    if (numeric) {
        reactor_.post([self = shared_from_this(), found = std::move(numeric)]() mutable {
            self->resolved(std::move(found));
        });
        return;
    }
    // The library's name lookup blocks, so it has a thread of its own. The reactor waits for it in
    // its destructor.
    reactor_.native().lookup([self = shared_from_this()]() mutable {
        auto found = resolve(self->host_, self->port_, Resolve::names);
        Reactor& reactor = self->reactor_;
        reactor.post([mine = std::move(self), result = std::move(found)]() mutable {
            mine->resolved(std::move(result));
        });
    });
}

void Connector::resolved(Result<std::vector<Address>> addresses) {
    if (!done_) return;
    if (!addresses) return end(fail(std::move(addresses).error()));
    addresses_ = std::move(*addresses);
    try_next(0);
}

void Connector::try_next(int last_error) {
    if (next_ == addresses_.size())
        return end(fail(ErrorCode::unavailable,
                        fmt::format("cannot connect to {}: {}", endpoint_text(host_, port_),
                                    std::generic_category().message(last_error))));
    const Address& address = addresses_[next_++];
    Socket socket(::socket(address.storage.ss_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK,
                           IPPROTO_TCP));
    if (!socket.valid()) return try_next(errno);
    if (::connect(socket.get(), address.get(), address.size) == 0)
        return succeed(std::move(socket));
    if (errno != EINPROGRESS) return try_next(errno);
    descriptor_.assign(socket.release());
    descriptor_.async_wait(boost::asio::posix::descriptor_base::wait_write,
                           [self = shared_from_this()](const boost::system::error_code& error) {
                               if (!error) self->connected();
                           });
}

void Connector::connected() {
    if (!done_) return;
    Socket socket(descriptor_.release());
    int error = 0;
    socklen_t size = sizeof(error);
    ::getsockopt(socket.get(), SOL_SOCKET, SO_ERROR, &error, &size);
    if (error != 0) return try_next(error);
    succeed(std::move(socket));
}

void Connector::succeed(Socket socket) {
    set_stream_options(socket.get());
    std::string peer = peer_text(socket.get());
    end(adopt_tcp(reactor_, socket.release(), std::move(peer), nullptr));
}

void Connector::end(Result<std::unique_ptr<Stream>> result) {
    if (!done_) return;
    if (timer_ != 0) reactor_.cancel(std::exchange(timer_, 0));
    boost::system::error_code ignored;
    descriptor_.close(ignored);
    std::exchange(done_, nullptr)(std::move(result));
}

}  // namespace

void connect_tcp(Reactor& reactor, const std::string& host, uint16_t port, Duration timeout,
                 Done done) {
    std::make_shared<Connector>(reactor, host, port, std::move(done))->begin(timeout);
}

}  // namespace hw::io

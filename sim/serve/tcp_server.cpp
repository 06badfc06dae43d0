#include "sim/serve/tcp_server.h"

#include <algorithm>
#include <utility>

#include "base/log.h"
#include "sim/serve/outlet.h"

namespace hw::sim {

namespace {

constexpr size_t connections_limit = 64;
constexpr Duration tick_interval = milliseconds(200);

}  // namespace

class TcpServer::Connection final : public io::StreamHandler {
  public:
    Connection(TcpServer& server, std::unique_ptr<io::Stream> stream)
        : server_(server),
          stream_(std::move(stream)),
          session_(server.make_()),
          outlet_(server.faults_, server.device_, *session_) {}
    ~Connection() override {
        if (timer_ != 0) server_.reactor_.cancel(timer_);
    }

    void start() { stream_->start(*this); }
    void on_bytes(BytesView bytes) override { settle(outlet_.received(bytes, now())); }
    void on_closed(const Error& /*why*/) override {
        closed_ = true;
        server_.reactor_.post([this, &server = server_] { server.remove(this); });
    }
    void round() { settle(outlet_.round(now())); }
    void tick() { settle(outlet_.tick(now())); }

  private:
    Time now() const { return server_.reactor_.clock().monotonic(); }

    void settle(const Result<void>& done) {
        if (closed_) return;
        flush();
        if (done) return;
        closed_ = true;
        if (done.error().code() != ErrorCode::cancelled)
            log(LogLevel::warning, "sim",
                server_.device_ + ": closes " + stream_->peer() + ": " + done.error().text());
        stream_->close();
    }

    void flush() {
        auto bytes = outlet_.take(now());
        if (!bytes.empty()) stream_->send(std::move(bytes));
        const auto due = outlet_.due();
        if (!due || timer_ != 0) return;
        timer_ = server_.reactor_.after(*due - now(), [this] {
            timer_ = 0;
            if (!closed_) flush();
        });
    }

    TcpServer& server_;
    std::unique_ptr<io::Stream> stream_;
    std::unique_ptr<Session> session_;
    Outlet outlet_;
    io::Reactor::TimerId timer_ = 0;
    bool closed_ = false;
};

Result<std::unique_ptr<TcpServer>> TcpServer::open(io::Reactor& reactor, const Faults& faults,
                                                   Metrics& metrics, const Settings& settings,
                                                   MakeSession make) {
    std::unique_ptr<TcpServer> server(
        new TcpServer(reactor, faults, settings.device, std::move(make)));
    server->listener_ = HW_TRY(
        io::TcpListener::open(reactor, settings.host, settings.port, connections_limit, metrics,
                              [self = server.get()](std::unique_ptr<io::Stream> stream) {
                                  self->accept(std::move(stream));
                              }));
    return server;
}

TcpServer::TcpServer(io::Reactor& reactor, const Faults& faults, std::string device,
                     MakeSession make)
    : reactor_(reactor), faults_(faults), device_(std::move(device)), make_(std::move(make)) {
    ticker_ = reactor.every(tick_interval, [this] {
        for (const auto& connection : connections_)
            connection->tick();
    });
}

TcpServer::~TcpServer() {
    reactor_.cancel(ticker_);
}

void TcpServer::accept(std::unique_ptr<io::Stream> stream) {
    connections_.push_back(std::make_unique<Connection>(*this, std::move(stream)));
    connections_.back()->start();
}

void TcpServer::remove(const Connection* connection) {
    std::erase_if(connections_, [&](const auto& one) { return one.get() == connection; });
}

void TcpServer::round() {
    for (const auto& connection : connections_)
        connection->round();
}

}  // namespace hw::sim

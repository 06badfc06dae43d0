#include "gateway/link.h"

#include <fmt/format.h>

#include <map>
#include <utility>

#include "base/assert.h"
#include "io/serial_port.h"
#include "io/stream.h"

namespace hw::gateway {

namespace {

// The streams of a link, by connection.
class StreamLink : public Link {
  public:
    StreamLink(io::Reactor& reactor, LinkOwner& owner) : reactor_(reactor), owner_(owner) {}

    void send(ConnectionId connection, std::string bytes) override {
        const auto at = peers_.find(connection);
        if (at != peers_.end()) at->second->stream->send(std::move(bytes));
    }
    void close(ConnectionId connection) override {
        const auto at = peers_.find(connection);
        if (at == peers_.end()) return;
        at->second->stream->close();
        bury(at);
    }
    size_t queued_bytes() const override {
        size_t bytes = 0;
        for (const auto& [connection, peer] : peers_)
            bytes += peer->stream->queued_bytes();
        return bytes;
    }

  protected:
    void adopt(std::unique_ptr<io::Stream> stream) {
        const ConnectionId connection(++last_);
        auto peer = std::make_unique<Peer>(*this, connection);
        peer->stream = std::move(stream);
        Peer& started = *peers_.emplace(connection, std::move(peer)).first->second;
        owner_.on_connected(connection, started.stream->peer());
        // The owner may have closed it at once.
        if (peers_.contains(connection)) started.stream->start(started);
    }
    size_t connections() const { return peers_.size(); }

    io::Reactor& reactor_;
    LinkOwner& owner_;
    const std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);

  private:
    struct Peer final : io::StreamHandler {
        Peer(StreamLink& link, ConnectionId id) : link_(link), connection(id) {}
        void on_bytes(BytesView bytes) override {
            if (!closed) link_.owner_.on_bytes(connection, bytes);
        }
        void on_closed(const Error& why) override {
            if (!closed) link_.lost(connection, why);
        }
        StreamLink& link_;
        const ConnectionId connection;
        std::unique_ptr<io::Stream> stream;
        bool closed = false;
    };
    using Peers = std::map<ConnectionId, std::unique_ptr<Peer>>;

    // A stream may be in the middle of its own call.
    void bury(Peers::iterator at) {
        at->second->closed = true;
        std::shared_ptr<Peer> grave = std::move(at->second);
        peers_.erase(at);
        reactor_.post([grave] {});
    }
    void lost(ConnectionId connection, const Error& why) {
        const auto at = peers_.find(connection);
        HW_ASSERT(at != peers_.end());
        const std::string peer = at->second->stream->peer();
        bury(at);
        if (why.text().empty())
            owner_.on_lost(connection, Error(ErrorCode::unavailable,
                                             fmt::format("{} closed the connection", peer)));
        else
            owner_.on_lost(connection, why);
    }

    Peers peers_;
    uint32_t last_ = 0;
};

class TcpClientLink final : public StreamLink {
  public:
    TcpClientLink(io::Reactor& reactor, LinkOwner& owner, const DriverSettings& settings)
        : StreamLink(reactor, owner),
          host_(settings.at("host").as_text()),
          port_(static_cast<uint16_t>(settings.at("port").as_integer())),
          timeout_(settings.at("connect_timeout").as_duration()) {}

    void open() override {
        io::connect_tcp(reactor_, host_, port_, timeout_,
                        [this, alive = std::weak_ptr<bool>(alive_)](
                            Result<std::unique_ptr<io::Stream>> stream) {
                            if (alive.expired()) return;
                            if (!stream) return owner_.on_not_opened(stream.error());
                            adopt(std::move(*stream));
                        });
    }

  private:
    const std::string host_;
    const uint16_t port_;
    const Duration timeout_;
};

class SerialLink final : public StreamLink {
  public:
    SerialLink(io::Reactor& reactor, LinkOwner& owner, const DriverSettings& settings)
        : StreamLink(reactor, owner) {
        settings_.path = settings.at("serial_port").as_text();
        settings_.baud_rate = static_cast<uint32_t>(settings.at("baud_rate").as_integer());
        settings_.data_bits = static_cast<unsigned>(settings.at("data_bits").as_integer());
        settings_.stop_bits = static_cast<unsigned>(settings.at("stop_bits").as_integer());
        const std::string& parity = settings.at("parity").as_text();
        settings_.parity = parity == "even"  ? io::Parity::even
                           : parity == "odd" ? io::Parity::odd
                                             : io::Parity::none;
    }

    void open() override {
        // Later, as for the others: the owner is still in its own call.
        reactor_.post([this, alive = std::weak_ptr<bool>(alive_)] {
            if (alive.expired()) return;
            auto stream = io::open_serial(reactor_, settings_);
            if (!stream) return owner_.on_not_opened(stream.error());
            adopt(std::move(*stream));
        });
    }

  private:
    io::SerialSettings settings_;
};

class TcpServerLink final : public StreamLink {
  public:
    TcpServerLink(io::Reactor& reactor, Metrics& metrics, LinkOwner& owner,
                  const DriverSettings& settings)
        : StreamLink(reactor, owner),
          metrics_(metrics),
          host_(settings.at("listen_host").as_text()),
          port_(static_cast<uint16_t>(settings.at("listen_port").as_integer())),
          limit_(static_cast<size_t>(settings.at("connections_limit").as_integer())) {}

    void open() override {
        reactor_.post([this, alive = std::weak_ptr<bool>(alive_)] {
            if (alive.expired() || listener_) return;
            auto listener = io::TcpListener::open(
                reactor_, host_, port_, limit_, metrics_,
                [this](std::unique_ptr<io::Stream> stream) { adopt(std::move(stream)); });
            if (!listener) return owner_.on_not_opened(listener.error());
            listener_ = std::move(*listener);
        });
    }
    uint16_t listen_port() const override { return listener_ ? listener_->port() : 0; }

  private:
    Metrics& metrics_;
    const std::string host_;
    const uint16_t port_;
    const size_t limit_;
    std::unique_ptr<io::TcpListener> listener_;
};

}  // namespace

OpenLink links_of(io::Reactor& reactor, Metrics& metrics) {
    return [&reactor, &metrics](LinkKind kind, const DriverSettings& settings,
                                LinkOwner& owner) -> std::unique_ptr<Link> {
        switch (kind) {
            case LinkKind::tcp_client:
                return std::make_unique<TcpClientLink>(reactor, owner, settings);
            case LinkKind::serial:
                return std::make_unique<SerialLink>(reactor, owner, settings);
            case LinkKind::tcp_server:
                return std::make_unique<TcpServerLink>(reactor, metrics, owner, settings);
        }
        HW_UNREACHABLE();
    };
}

}  // namespace hw::gateway

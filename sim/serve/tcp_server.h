#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "base/error.h"
#include "base/metrics.h"
#include "io/reactor.h"
#include "sim/plant/faults.h"
#include "sim/serve/session.h"

namespace hw::sim {

// Serves one protocol over TCP: a session for each connection, at most 64. Reactor's thread.
class TcpServer {
  public:
    struct Settings {
        std::string device;  // as the faults name it; empty: none touches it
        std::string host;
        uint16_t port;
    };
    using MakeSession = std::function<std::unique_ptr<Session>()>;
    // The reactor, faults and metrics outlive the server.
    static Result<std::unique_ptr<TcpServer>> open(io::Reactor& reactor, const Faults& faults,
                                                   Metrics& metrics, const Settings& settings,
                                                   MakeSession make);
    ~TcpServer();
    TcpServer(const TcpServer&) = delete;
    TcpServer& operator=(const TcpServer&) = delete;

    uint16_t port() const { return listener_->port(); }
    // The plant has made a round.
    void round();

  private:
    class Connection;

    TcpServer(io::Reactor& reactor, const Faults& faults, std::string device, MakeSession make);
    void accept(std::unique_ptr<io::Stream> stream);
    void remove(const Connection* connection);

    io::Reactor& reactor_;
    const Faults& faults_;
    std::string device_;
    MakeSession make_;
    std::unique_ptr<io::TcpListener> listener_;
    std::vector<std::unique_ptr<Connection>> connections_;
    io::Reactor::TimerId ticker_ = 0;
};

}  // namespace hw::sim

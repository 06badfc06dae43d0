#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "base/bytes.h"
#include "base/error.h"
#include "gateway/driver.h"
#include "io/reactor.h"

namespace hw::gateway {

// Told of what happens on a device's link, on the reactor's thread, never from within a call to the
// link.
class LinkOwner {
  public:
    virtual ~LinkOwner() = default;
    virtual void on_connected(ConnectionId connection, std::string_view peer) = 0;
    virtual void on_bytes(ConnectionId connection, BytesView bytes) = 0;
    // The peer closed it or it broke. Not told for close().
    virtual void on_lost(ConnectionId connection, const Error& why) = 0;
    // open() came to nothing.
    virtual void on_not_opened(const Error& why) = 0;
};

// How bytes reach a device. One thread.
class Link {
  public:
    virtual ~Link() = default;
    // Connects, opens the line or listens; on_connected or on_not_opened follows. A listening link
    // that was opened stays open until destroyed.
    virtual void open() = 0;
    virtual void send(ConnectionId connection, std::string bytes) = 0;
    virtual void close(ConnectionId connection) = 0;
    // Not yet taken by the sockets.
    virtual size_t queued_bytes() const = 0;
    // The port listened on; 0 where nothing listens.
    virtual uint16_t listen_port() const { return 0; }
};

using OpenLink =
    std::function<std::unique_ptr<Link>(LinkKind, const DriverSettings&, LinkOwner& owner)>;

// Links over sockets and lines of that reactor, which outlives them.
OpenLink links_of(io::Reactor& reactor, Metrics& metrics);

}  // namespace hw::gateway

#pragma once

#include <memory>
#include <string>

#include "io/address_counts.h"
#include "io/reactor.h"
#include "io/tcp_stream.h"

namespace hw::io {

struct ListenerLimits {
    size_t connections;
    std::string refusal = {};  // sent to whom is turned away over it (HTTP: a 503)
    // Null: addresses are not counted.
    std::shared_ptr<AddressCounts> addresses = {};
    std::string address_refusal = {};
};

// As TcpListener::open.
Result<std::unique_ptr<TcpListener>> open_listener(Reactor& reactor, const std::string& host,
                                                   uint16_t port, ListenerLimits limits,
                                                   Metrics& metrics, Accept accept);

}  // namespace hw::io

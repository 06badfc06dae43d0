#pragma once

#include <memory>
#include <string>

#include "io/reactor.h"
#include "io/tcp_stream.h"

namespace hw::io {

// As TcpListener::open, and sends `refusal` to whom it turns away over the limit (HTTP: a 503).
Result<std::unique_ptr<TcpListener>> open_listener(Reactor& reactor, const std::string& host,
                                                   uint16_t port, size_t connections_limit,
                                                   Metrics& metrics, std::string refusal,
                                                   Accept accept);

}  // namespace hw::io

#pragma once

#include <memory>
#include <string>

#include "io/reactor.h"
#include "io/stream.h"
#include "io/websocket_codec.h"

namespace hw::io {

// The binary frames of an upgraded connection as one stream of bytes; or its text messages, each
// one call of on_bytes and one send. `first_bytes` came behind the upgrade request. The stream
// lives on `reactor`, as `inner` does.
std::unique_ptr<Stream> make_websocket_stream(Reactor& reactor, std::unique_ptr<Stream> inner,
                                              std::string first_bytes, size_t bytes_limit,
                                              WebSocketMode mode);

}  // namespace hw::io

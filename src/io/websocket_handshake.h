#pragma once

#include <expected>
#include <string>
#include <string_view>
#include <vector>

#include "io/http.h"

namespace hw::io {

// RFC 6455 section 4.2, without I/O.

bool asks_for_websocket(const HttpRequest& request);

// The 101 answer, or the answer that refuses: 400, 403 (origin), 426 (version). The client must
// offer one of `subprotocols` (unless that is empty); an empty `origins` allows any.
std::expected<HttpResponse, HttpResponse> accept_websocket(
    const HttpRequest& request, const std::vector<std::string>& subprotocols,
    const std::vector<std::string>& origins);

// Sec-WebSocket-Accept for a Sec-WebSocket-Key.
std::string websocket_accept_key(std::string_view key);

}  // namespace hw::io

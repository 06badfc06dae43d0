#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "base/bytes.h"
#include "base/error.h"

namespace hw::io {

// Told of what happens on a stream, on the stream's reactor thread.
class StreamHandler {
  public:
    virtual ~StreamHandler() = default;
    // Bytes are valid during the call only. Called with as much as one read brought (up to the
    // reactor's read buffer, 256 KiB), once per readiness.
    virtual void on_bytes(BytesView bytes) = 0;
    // The socket took all that was queued (after it had not).
    virtual void on_drained() {}
    // The last call: the peer closed (error empty text, code cancelled) or it failed.
    virtual void on_closed(const Error& why) = 0;
};

// A connected byte stream (TCP, WebSocket binary frames; TLS later). Lives on one reactor thread;
// all calls there. Sending never blocks: what the socket does not take is queued and counted.
class Stream {
  public:
    virtual ~Stream() = default;
    virtual void start(StreamHandler& handler) = 0;
    // Takes the bytes at once: writes what the socket takes, queues the rest.
    virtual void send(BytesView bytes) = 0;
    // As send, but swaps the caller's string away for an empty one where that saves a copy.
    virtual void send(std::string&& bytes) = 0;
    virtual size_t queued_bytes() const = 0;
    // Stops or resumes reading (back-pressure): the peer's TCP window closes by itself.
    virtual void set_reading(bool on) = 0;
    // Flushes what is queued (for at most a second), then closes. on_closed follows, later.
    virtual void close() = 0;
    // "127.0.0.1:50211"
    virtual const std::string& peer() const = 0;
};

}  // namespace hw::io

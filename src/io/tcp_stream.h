#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <string>

#include "base/metrics.h"
#include "io/reactor.h"
#include "io/stream.h"

namespace hw::io {

// What one listener's connections count. Outlives them; any thread.
struct StreamCounters {
    // `listener` is the label, "127.0.0.1:1883".
    StreamCounters(Metrics& metrics, const std::string& listener);

    Counter& accepted;
    Counter& refused;          // over the connections limit
    Counter& refused_address;  // over that of one address
    Counter& accept_waits;     // out of descriptors, accepting paused
    Counter& received_bytes;
    Counter& sent_bytes;
    std::shared_ptr<std::atomic<int64_t>> open;
};

// A stream on a connected, non-blocking TCP socket, which it takes over. `counters` may be null.
// Costs: each readiness one recv, each send one send; about 300 bytes a connection, and no buffer
// while nothing is queued. Destroying the stream without close() aborts
// the connection; after close() the flush goes on without it.
std::unique_ptr<Stream> adopt_tcp(Reactor& reactor, int socket, std::string peer,
                                  std::shared_ptr<StreamCounters> counters);

// Takes the socket back out of a stream of adopt_tcp, to live on another reactor. The stream is
// then of no more use; it must have nothing queued. The handler is not called again.
struct ReleasedTcp {
    int socket = -1;
    std::string peer;
    std::shared_ptr<StreamCounters> counters;
};
ReleasedTcp release_tcp(Stream& stream);

// "127.0.0.1:50211", "[::1]:50211"
std::string peer_text(int socket);

}  // namespace hw::io

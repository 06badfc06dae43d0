#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <string>

#include "base/mutex.h"
#include "io/http.h"

namespace hw::io {

class HttpConnection;

// The state that the writer of a streamed response shares with its connection. Any thread.
class HttpOutlet {
  public:
    explicit HttpOutlet(size_t queue_limit) : queue_limit_(queue_limit) {}

    // Waits for room if `wait`. False when the client has gone.
    bool reserve(size_t bytes, bool wait);
    // A posted piece has reached the connection, whose socket has this much queued now.
    void arrived(size_t bytes, size_t socket_queue);
    size_t queued() const;
    // Whether nothing is on its way through the reactor's task queue.
    bool nothing_posted() const;
    void posted();
    void unposted();

    // The client has gone: wakes the writer, yields the call to make, once.
    [[nodiscard]] std::move_only_function<void()> set_gone();
    // Hands the call back if the client has gone already.
    std::move_only_function<void()> on_gone(std::move_only_function<void()> call);

  private:
    const size_t queue_limit_;
    mutable Mutex mutex_;
    Condition room_;
    size_t on_the_way_ HW_LOCKING(guarded_by(mutex_)) = 0;
    size_t socket_queue_ HW_LOCKING(guarded_by(mutex_)) = 0;
    size_t posts_ HW_LOCKING(guarded_by(mutex_)) = 0;
    bool gone_ HW_LOCKING(guarded_by(mutex_)) = false;
    std::move_only_function<void()> on_gone_ HW_LOCKING(guarded_by(mutex_));
};

// The responder handed to the HTTP handler. `pack`: the client accepts gzip.
std::unique_ptr<HttpResponder> make_responder(std::shared_ptr<HttpConnection> connection, bool pack,
                                              size_t stream_queue_limit);

}  // namespace hw::io

#pragma once

#include <functional>
#include <map>
#include <string>
#include <string_view>

#include "base/error.h"
#include "base/mutex.h"
#include "connector/connector.h"

namespace hw::connector {

// Where requests that are pushed to this server find the sources that want them, by path. The
// server's HTTP side calls push(), sources of the kind http_push come and go. Thread-safe.
class PushHub {
  public:
    // Errors: conflict (another source has the path), invalid_argument.
    Result<void> add(const std::string& path, Receiver& receiver);
    // When it returns the receiver is not being called.
    void remove(const std::string& path);

    // `kept` once, on any thread, as soon as the message is as safe as the rules ask: the time to
    // answer. Errors, and then `kept` is never called: not_found (nobody reads that path),
    // unavailable (full; the sender tries again).
    Result<void> push(Received message, std::function<void()> kept);

  private:
    Mutex mutex_;
    std::map<std::string, Receiver*, std::less<>> receivers_ HW_LOCKING(guarded_by(mutex_));
};

}  // namespace hw::connector

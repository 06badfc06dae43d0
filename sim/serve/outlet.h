#pragma once

#include <deque>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "base/error.h"
#include "base/time.h"
#include "sim/plant/faults.h"
#include "sim/serve/session.h"

namespace hw::sim {

// What stands between a session and its wire: a device that has gone silent hears nothing, a slow
// network hands over later what was said. Without I/O; one thread.
class Outlet {
  public:
    // `device`: a target of silent-device and slow-network. All outlive this.
    Outlet(const Faults& faults, std::string_view device, Session& session)
        : faults_(faults), device_(device), session_(session) {}

    // An error closes the connection.
    Result<void> received(BytesView bytes, Time now);
    Result<void> round(Time now);
    Result<void> tick(Time now);

    // What goes out now; to be called after each call above and at due().
    std::string take(Time now);
    // When the next delayed answer leaves.
    std::optional<Time> due() const;

    static constexpr size_t delayed_limit = 1 << 20;  // bytes that wait

  private:
    bool silent() const;
    // `done`: how the session took it; what it said before an error still goes out.
    Result<void> say(std::string bytes, Time now, const Result<void>& done);

    struct Delayed {
        Time due;
        std::string bytes;
    };
    const Faults& faults_;
    std::string device_;
    Session& session_;
    std::deque<Delayed> delayed_;
    size_t delayed_bytes_ = 0;
};

}  // namespace hw::sim

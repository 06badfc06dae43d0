#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <string_view>

#include "base/error.h"
#include "base/time.h"
#include "ingest/edge_origins.h"
#include "model/point_directory.h"
#include "upstream/commands.h"

namespace hw::upstream {

// The centre's side of writes to points of its edges: finds the edge that sends the point,
// publishes the command for it and matches the reply. No I/O; one thread.
class CommandRouter {
  public:
    struct Publication {
        std::string topic;
        std::string payload;
        std::string response_topic;
        std::string correlation_data;
        Duration expiry;  // of the message: an edge that comes late must not do it any more
    };
    using Publish = std::function<void(const Publication&)>;
    using Done = std::move_only_function<void(const Result<void>&)>;
    static constexpr size_t pending_limit = 10'000;

    // Replies come on `reply_topic`, to which somebody must be subscribed who calls replied(); one
    // that no earlier run has used.
    CommandRouter(const ingest::EdgeOrigins& origins, const model::PointDirectory& points,
                  std::string reply_topic, Publish publish)
        : origins_(origins),
          points_(points),
          reply_topic_(std::move(reply_topic)),
          publish_(std::move(publish)) {}

    // Whether the point comes from an edge, so that a write to it goes through here.
    bool routes(std::string_view point) const;
    // `done` is called once: with the edge's answer, or timed_out. Errors at once: not_found,
    // limit_exceeded; then `done` is not called.
    Result<void> write(std::string_view point, std::string_view value, Duration timeout, Time now,
                       Done done);
    // A message on the reply topic. One that nobody waits for is left alone.
    void replied(std::string_view correlation_data, BytesView payload);
    void tick(Time now);
    size_t pending() const { return pending_.size(); }

  private:
    struct Pending {
        Done done;
        Time deadline;
        std::string edge;
    };

    const ingest::EdgeOrigins& origins_;
    const model::PointDirectory& points_;
    const std::string reply_topic_;
    const Publish publish_;
    std::map<std::string, Pending, std::less<>> pending_;  // by correlation data
    uint64_t next_ = 1;
};

}  // namespace hw::upstream

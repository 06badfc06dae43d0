#pragma once

#include <atomic>
#include <memory>
#include <string>

#include "io/http.h"
#include "twin/watch/watch_sink.h"

namespace hw::api {

// A watch's events as server-sent events (WHATWG HTML, 9.2). The courier writes; while more than
// the limit is unsent the events wait in the watch's queue.
class TwinEventStream final : public twin::WatchSink {
  public:
    explicit TwinEventStream(size_t queue_limit) : queue_limit_(queue_limit) {}

    // Before it is handed to the watches.
    void set_stream(std::unique_ptr<io::HttpStream> stream) { stream_ = std::move(stream); }
    void leave() { gone_ = true; }

    bool gone() const override { return gone_; }
    bool ready() const override { return stream_->queued_bytes() <= queue_limit_; }
    void begin(const twin::Watch& watch) override;
    void events(const twin::Watch& watch, std::span<const twin::WatchEvent> events,
                uint64_t first) override;
    void gap(uint64_t missed) override;
    void idle() override;
    void end(std::string_view why) override;

  private:
    void write(std::string text);

    const size_t queue_limit_;
    std::unique_ptr<io::HttpStream> stream_;
    std::atomic<bool> gone_{false};
};

}  // namespace hw::api

#pragma once

#include <atomic>
#include <functional>
#include <memory>
#include <string>

#include "io/http.h"
#include "twin/watch/watch_sink.h"

namespace hw::api {

// A watch's events as server-sent events (WHATWG HTML, 9.2). The courier writes; while more than
// the limit is unsent the events wait in the watch's queue.
class TwinEventStream final : public twin::WatchSink,
                              public std::enable_shared_from_this<TwinEventStream> {
  public:
    // The answer begins when the events are heard. `wake`: the client has gone.
    TwinEventStream(std::unique_ptr<io::HttpResponder> responder, size_t queue_limit,
                    std::function<void()> wake)
        : responder_(std::move(responder)), queue_limit_(queue_limit), wake_(std::move(wake)) {}

    // For who was refused by the watches.
    std::unique_ptr<io::HttpResponder> take_responder() { return std::move(responder_); }

    bool gone() const override { return gone_; }
    bool ready() const override { return stream_->queued_bytes() <= queue_limit_; }
    void begin(const twin::Watch& watch, uint64_t at) override;
    void events(const twin::Watch& watch, std::span<const twin::WatchEvent> events,
                uint64_t first) override;
    void gap(uint64_t missed) override;
    void idle() override;
    void end(std::string_view why) override;

  private:
    void write(std::string text);

    std::unique_ptr<io::HttpResponder> responder_;
    const size_t queue_limit_;
    const std::function<void()> wake_;
    std::unique_ptr<io::HttpStream> stream_;
    std::atomic<bool> gone_{false};
};

}  // namespace hw::api

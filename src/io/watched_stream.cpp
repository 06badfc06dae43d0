#include "io/watched_stream.h"

#include <utility>

namespace hw::io {
namespace {

class WatchedStream final : public Stream {
  public:
    WatchedStream(Reactor& reactor, std::unique_ptr<Stream> inner, std::function<bool()> still)
        : reactor_(reactor), inner_(std::move(inner)), still_(std::move(still)) {
        timer_ = reactor_.every(watch_period, [this] { look(); });
    }
    ~WatchedStream() override { reactor_.cancel(timer_); }

    void start(StreamHandler& handler) override { inner_->start(handler); }
    void send(BytesView bytes) override { inner_->send(bytes); }
    void send(std::string&& bytes) override { inner_->send(std::move(bytes)); }
    size_t queued_bytes() const override { return inner_->queued_bytes(); }
    void set_reading(bool on) override { inner_->set_reading(on); }
    void close() override { inner_->close(); }
    const std::string& peer() const override { return inner_->peer(); }

  private:
    void look() {
        if (closed_ || still_()) return;
        closed_ = true;
        inner_->close();
    }

    Reactor& reactor_;
    std::unique_ptr<Stream> inner_;
    const std::function<bool()> still_;
    Reactor::TimerId timer_ = 0;
    bool closed_ = false;
};

}  // namespace

std::unique_ptr<Stream> watch_stream(Reactor& reactor, std::unique_ptr<Stream> inner,
                                     std::function<bool()> still) {
    return std::make_unique<WatchedStream>(reactor, std::move(inner), std::move(still));
}

}  // namespace hw::io

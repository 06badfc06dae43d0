#include "io/http_exchange.h"

#include <utility>

#include "io/http_connection.h"
#include "io/http_writer.h"

namespace hw::io {

bool HttpOutlet::reserve(size_t bytes, bool wait) {
    MutexLock lock(mutex_);
    while (wait && !gone_ && on_the_way_ + socket_queue_ > queue_limit_)
        room_.wait(mutex_);
    if (gone_) return false;
    on_the_way_ += bytes;
    return true;
}

void HttpOutlet::arrived(size_t bytes, size_t socket_queue) {
    {
        MutexLock lock(mutex_);
        on_the_way_ -= bytes;
        socket_queue_ = socket_queue;
        if (on_the_way_ + socket_queue_ > queue_limit_) return;
    }
    room_.notify_all();
}

size_t HttpOutlet::queued() const {
    MutexLock lock(mutex_);
    return on_the_way_ + socket_queue_;
}

bool HttpOutlet::nothing_posted() const {
    MutexLock lock(mutex_);
    return posts_ == 0;
}

void HttpOutlet::posted() {
    MutexLock lock(mutex_);
    ++posts_;
}

void HttpOutlet::unposted() {
    MutexLock lock(mutex_);
    --posts_;
}

std::move_only_function<void()> HttpOutlet::set_gone() {
    std::move_only_function<void()> call;
    {
        MutexLock lock(mutex_);
        gone_ = true;
        call.swap(on_gone_);
    }
    room_.notify_all();
    return call;
}

std::move_only_function<void()> HttpOutlet::on_gone(std::move_only_function<void()> call) {
    MutexLock lock(mutex_);
    if (gone_) return call;
    on_gone_ = std::move(call);
    return nullptr;
}

namespace {

class OutletStream final : public HttpStream {
  public:
    OutletStream(std::shared_ptr<HttpConnection> connection, std::shared_ptr<HttpOutlet> outlet)
        : connection_(std::move(connection)),
          reactor_(connection_->reactor()),
          outlet_(std::move(outlet)) {}
    ~OutletStream() override {
        if (!connection_) return;
        pass([](HttpConnection& connection, HttpOutlet&) { connection.abort(); });
        // Released on the reactor's thread, where its socket lives.
        if (connection_) reactor_.post([last = std::move(connection_)] {});
    }

    bool write(std::string bytes) override {
        if (!connection_ || bytes.empty()) return connection_ != nullptr;
        if (!outlet_->reserve(bytes.size(), !reactor_.on_own_thread())) return false;
        pass([piece = std::move(bytes)](HttpConnection& connection, HttpOutlet& outlet) mutable {
            connection.stream_bytes(outlet, std::move(piece));
        });
        return true;
    }
    size_t queued_bytes() const override { return outlet_->queued(); }
    void finish() override {
        if (!connection_) return;
        pass([](HttpConnection& connection, HttpOutlet& outlet) { connection.end_stream(outlet); });
        reactor_.post([last = std::move(connection_)] {});
        connection_ = nullptr;
    }
    void on_gone(std::move_only_function<void()> call) override {
        if (auto now = outlet_->on_gone(std::move(call))) reactor_.post(std::move(now));
    }

  private:
    // At once on the reactor's thread, unless earlier calls are still on their way there.
    template <class Call>
    void pass(Call call) {
        if (reactor_.on_own_thread() && outlet_->nothing_posted())
            return call(*connection_, *outlet_);
        outlet_->posted();
        reactor_.post(
            [connection = connection_, outlet = outlet_, now = std::move(call)]() mutable {
                outlet->unposted();
                now(*connection, *outlet);
            });
    }

    std::shared_ptr<HttpConnection> connection_;
    Reactor& reactor_;
    std::shared_ptr<HttpOutlet> outlet_;
};

class ConnectionResponder final : public HttpResponder {
  public:
    ConnectionResponder(std::shared_ptr<HttpConnection> connection, bool pack, size_t queue_limit)
        : connection_(std::move(connection)),
          reactor_(connection_->reactor()),
          request_(connection_->request_number()),
          pack_(pack),
          queue_limit_(queue_limit) {}
    ~ConnectionResponder() override {
        if (connection_) respond(http_problem(500, "the request was dropped without an answer"));
    }

    void respond(HttpResponse response) override {
        if (!connection_) return;
        if (pack_) pack_body(response);
        auto connection = std::exchange(connection_, nullptr);
        if (reactor_.on_own_thread()) return connection->answer(std::move(response));
        reactor_.post([to = std::move(connection), now = std::move(response)]() mutable {
            to->answer(std::move(now));
        });
    }

    std::unique_ptr<HttpStream> stream(HttpResponse head) override {
        auto outlet = std::make_shared<HttpOutlet>(queue_limit_);
        auto connection = std::exchange(connection_, nullptr);
        auto stream = std::make_unique<OutletStream>(connection, outlet);
        if (reactor_.on_own_thread()) {
            connection->begin_stream(std::move(head), std::move(outlet));
            return stream;
        }
        outlet->posted();
        reactor_.post([to = std::move(connection), now = std::move(head), outlet]() mutable {
            outlet->unposted();
            to->begin_stream(std::move(now), std::move(outlet));
        });
        return stream;
    }

    void on_gone(std::move_only_function<void()> call) override {
        if (!connection_) return;
        // The number tells this request from a later one of the connection.
        reactor_.post([to = connection_, request = request_, now = std::move(call)]() mutable {
            to->on_gone(request, std::move(now));
        });
    }

  private:
    std::shared_ptr<HttpConnection> connection_;
    Reactor& reactor_;
    const uint64_t request_;
    bool pack_;
    size_t queue_limit_;
};

}  // namespace

std::unique_ptr<HttpResponder> make_responder(std::shared_ptr<HttpConnection> connection, bool pack,
                                              size_t stream_queue_limit) {
    return std::make_unique<ConnectionResponder>(std::move(connection), pack, stream_queue_limit);
}

}  // namespace hw::io

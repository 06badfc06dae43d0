#include "api/twin_socket.h"

#include <fmt/format.h>

#include <charconv>
#include <optional>
#include <utility>

#include "base/json_writer.h"
#include "sql/json.h"
#include "twin/watch/watch_spec.h"

namespace hw::api {

namespace {

constexpr size_t ref_bytes_limit = 256;

// The client's word for a subscription, as JSON; empty where it is none.
std::string ref_of(const sql::Datum* ref) {
    if (ref == nullptr || (!ref->is_text() && ref->kind() != sql::Kind::int64)) return {};
    std::string text = sql::to_json(*ref);
    return text.size() <= ref_bytes_limit ? text : std::string();
}

std::optional<uint64_t> sequence_of(const sql::Datum* value) {
    if (value == nullptr) return {};
    if (value->kind() == sql::Kind::int64 && value->as_integer() >= 0)
        return static_cast<uint64_t>(value->as_integer());
    if (!value->is_text()) return {};
    const auto text = value->as_text();
    uint64_t number = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (error != std::errc() || end != text.data() + text.size()) return {};
    return number;
}

}  // namespace

// One subscription of the client.
class TwinSocket::Sink final : public twin::WatchSink {
  public:
    Sink(std::weak_ptr<TwinSocket> socket, std::string ref)
        : socket_(std::move(socket)), ref_(std::move(ref)) {}

    void stop() { stopped_ = true; }
    bool gone() const override {
        const auto socket = socket_.lock();
        return stopped_ || !socket || socket->gone();
    }
    bool ready() const override {
        const auto socket = socket_.lock();
        return socket && !socket->full();
    }
    void begin(const twin::Watch&, uint64_t) override {
        say(fmt::format("{{\"subscribed\":{}}}", ref_));
    }
    void events(const twin::Watch&, std::span<const twin::WatchEvent> events,
                uint64_t first) override {
        std::vector<std::string> messages;
        messages.reserve(events.size());
        for (size_t i = 0; i < events.size(); ++i) {
            std::string text = fmt::format("{{\"ref\":{},", ref_);
            if (first != 0) text += fmt::format("\"id\":\"{}\",", first + i);
            text += "\"data\":";
            JsonWriter json(text);
            twin::write_watch_event(json, events[i]);
            text += '}';
            messages.push_back(std::move(text));
        }
        if (const auto socket = socket_.lock()) socket->send(std::move(messages));
    }
    void gap(uint64_t missed) override {
        say(fmt::format("{{\"ref\":{},\"gap\":{{\"missed\":{}}}}}", ref_, missed));
    }
    void idle() override {
        if (const auto socket = socket_.lock()) socket->idle();
    }
    void end(std::string_view why) override {
        stopped_ = true;
        std::string text = fmt::format("{{\"ref\":{},\"ended\":", ref_);
        append_json_string(text, why);
        say(text + "}");
    }

  private:
    void say(std::string text) {
        if (const auto socket = socket_.lock()) socket->send({std::move(text)});
    }

    const std::weak_ptr<TwinSocket> socket_;
    const std::string ref_;
    std::atomic<bool> stopped_{false};
};

TwinSocket::TwinSocket(io::Reactor& reactor, std::unique_ptr<io::Stream> stream,
                       twin::WatchManager& watches, Workers& workers,
                       std::function<void(const std::shared_ptr<TwinSocket>&)> closed)
    : reactor_(reactor),
      stream_(std::move(stream)),
      watches_(watches),
      workers_(workers),
      closed_(std::move(closed)),
      queue_limit_(watches.settings().stream_queue_bytes) {}

TwinSocket::~TwinSocket() = default;

void TwinSocket::start() {
    stream_->start(*this);
}

void TwinSocket::close() {
    if (stream_) stream_->close();
}

void TwinSocket::on_bytes(BytesView bytes) {
    Workers::Task task = [self = shared_from_this(), message = std::string(as_text(bytes))] {
        self->handle(message);
    };
    if (!workers_.run(task))
        refuse("null", Error(ErrorCode::unavailable, "too much is asked for at once; ask again"));
}

void TwinSocket::on_closed(const Error&) {
    gone_ = true;
    const auto self = shared_from_this();
    // It is in the middle of telling.
    reactor_.post([last = std::move(stream_)] {});
    watches_.wake();
    closed_(self);
}

void TwinSocket::handle(const std::string& message) {
    sql::JsonReader reader;  // the frame's limit is below its own
    const auto json = reader.read(message);
    if (!json) return refuse("null", json.error());
    if (const auto* ref = json->find("unsubscribe")) {
        const std::string text = ref_of(ref);
        return unsubscribe(text);
    }
    const std::string ref = ref_of(json->find("ref"));
    if (json->find("subscribe") == nullptr)
        return refuse(ref.empty() ? "null" : ref,
                      Error(ErrorCode::invalid_argument,
                            "a message has a member 'subscribe' or 'unsubscribe'"));
    if (ref.empty())
        return refuse("null", Error(ErrorCode::invalid_argument,
                                    fmt::format("'ref' must be a number or a text of at most {} "
                                                "bytes: your name of the subscription",
                                                ref_bytes_limit)));
    subscribe(*json, ref);
}

void TwinSocket::subscribe(const sql::Datum& message, const std::string& ref) {
    const auto sink = std::make_shared<Sink>(weak_from_this(), ref);
    {
        MutexLock lock(mutex_);
        std::erase_if(sinks_, [](const auto& one) { return one.second->gone(); });
        if (sinks_.contains(ref))
            return refuse(ref, Error(ErrorCode::conflict, fmt::format("ref {} is in use", ref)));
        if (sinks_.size() >= subscriptions_limit)
            return refuse(ref, Error(ErrorCode::limit_exceeded,
                                     fmt::format("there are {} subscriptions on this connection, "
                                                 "the limit; open another one",
                                                 sinks_.size())));
        sinks_.emplace(ref, sink);
    }
    const auto work = [&]() -> Result<void> {
        const sql::Datum& what = *message.find("subscribe");
        const auto last = sequence_of(message.find("last_event_id"));
        if (what.is_text()) return watches_.read(what.as_text(), sink, last);
        auto spec = HW_TRY(twin::read_watch(what));
        return watches_.read(std::move(spec), sink, last);
    };
    if (const auto done = work(); !done) {
        sink->stop();
        refuse(ref, done.error());
    }
}

void TwinSocket::unsubscribe(const std::string& ref) {
    bool known = false;
    {
        MutexLock lock(mutex_);
        const auto at = sinks_.find(ref);
        known = at != sinks_.end() && !at->second->gone();
        if (known) at->second->stop();
        if (at != sinks_.end()) sinks_.erase(at);
    }
    if (!known)
        return refuse(ref.empty() ? "null" : ref,
                      Error(ErrorCode::not_found, fmt::format("there is no subscription {}",
                                                              ref.empty() ? "null" : ref)));
    watches_.wake();
    send({fmt::format("{{\"unsubscribed\":{}}}", ref)});
}

void TwinSocket::refuse(std::string_view ref, const Error& error) {
    std::string text = fmt::format("{{\"ref\":{},\"error\":", ref);
    JsonWriter json(text);
    json.begin_object();
    json.member("code", to_string(error.code()));
    json.member("detail", error.text());
    json.end_object();
    send({text + "}"});
}

void TwinSocket::send(std::vector<std::string> messages) {
    if (gone_ || messages.empty()) return;
    spoke_ = true;
    size_t bytes = 0;
    for (const auto& message : messages)
        bytes += message.size();
    posted_ += bytes;
    reactor_.post([weak = weak_from_this(), messages = std::move(messages), bytes] {
        if (const auto self = weak.lock()) self->send_now(messages, bytes);
    });
}

void TwinSocket::send_now(const std::vector<std::string>& messages, size_t bytes) {
    posted_ -= bytes;
    if (!stream_) return;
    for (const auto& message : messages)
        stream_->send(as_bytes(message));
    unsent_ = stream_->queued_bytes();
}

void TwinSocket::on_drained() {
    unsent_ = 0;
    watches_.wake();
}

void TwinSocket::idle() {
    if (!spoke_.exchange(false)) {
        send({"{\"heartbeat\":true}"});
        spoke_ = false;
    }
}

}  // namespace hw::api

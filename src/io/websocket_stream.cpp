#include "io/websocket_stream.h"

#include <fmt/format.h>

#include <utility>
#include <vector>

namespace hw::io {
namespace {

// Above this a payload is sent behind its header, below it is copied into one write.
constexpr size_t joined_payload_bytes = 64 << 10;
// A client that pings without reading the answers gets no more of them.
constexpr size_t reply_queue_limit = 64 << 10;

class WebSocketConnection : public StreamHandler,
                            public std::enable_shared_from_this<WebSocketConnection> {
  public:
    WebSocketConnection(Reactor& reactor, std::unique_ptr<Stream> inner, std::string first_bytes,
                        size_t bytes_limit, WebSocketMode mode)
        : reactor_(reactor),
          inner_(std::move(inner)),
          first_bytes_(std::move(first_bytes)),
          mode_(mode),
          decoder_(bytes_limit, mode) {}

    void start(StreamHandler& handler) {
        handler_ = &handler;
        inner_->start(*this);
        if (first_bytes_.empty()) return;
        reactor_.post([weak = weak_from_this()] {
            if (const auto self = weak.lock(); self && self->inner_) self->on_bytes({});
        });
    }
    void send(BytesView bytes);
    void close();
    void abandon();
    Stream& inner() { return *inner_; }
    void set_reading(bool on) { inner_->set_reading(on); }

    void on_bytes(BytesView bytes) override;
    void on_drained() override {
        if (handler_ != nullptr && !closing_) handler_->on_drained();
    }
    void on_closed(const Error& why) override;

  private:
    void read(BytesView bytes, std::string& replies);
    void end(BytesView last);

    Reactor& reactor_;
    std::unique_ptr<Stream> inner_;
    std::string first_bytes_;
    const WebSocketMode mode_;
    WebSocketDecoder decoder_;
    StreamHandler* handler_ = nullptr;
    bool closing_ = false;
};

void WebSocketConnection::send(BytesView bytes) {
    if (closing_ || bytes.empty()) return;
    const auto opcode =
        mode_ == WebSocketMode::text_messages ? WebSocketOpcode::text : WebSocketOpcode::binary;
    std::string frame;
    if (bytes.size() > joined_payload_bytes) {
        append_frame_header(frame, opcode, bytes.size());
        inner_->send(std::move(frame));
        inner_->send(bytes);
        return;
    }
    frame.reserve(bytes.size() + 10);
    append_frame_header(frame, opcode, bytes.size());
    frame.append(as_text(bytes));
    inner_->send(std::move(frame));
}

void WebSocketConnection::on_bytes(BytesView bytes) {
    const auto self = shared_from_this();
    if (closing_) return;
    std::string replies;
    const std::string first = std::exchange(first_bytes_, std::string());
    if (!first.empty()) read(as_bytes(first), replies);
    if (!bytes.empty() && inner_ && !closing_) read(bytes, replies);
    if (!inner_ || closing_) return;
    if (decoder_.closed()) return end(as_bytes(replies));
    if (!replies.empty() && inner_->queued_bytes() <= reply_queue_limit)
        inner_->send(as_bytes(replies));
}

void WebSocketConnection::read(BytesView bytes, std::string& replies) {
    if (mode_ == WebSocketMode::binary_stream) {
        std::string payload;
        decoder_.read(bytes, payload, replies);
        if (!payload.empty() && handler_ != nullptr) handler_->on_bytes(as_bytes(payload));
        return;
    }
    std::vector<std::string> messages;
    decoder_.read(bytes, messages, replies);
    for (const auto& message : messages)
        if (handler_ != nullptr && !closing_) handler_->on_bytes(as_bytes(message));
}

// Sends the close frame (or what it is behind) and closes; on_closed follows from below.
void WebSocketConnection::end(BytesView last) {
    closing_ = true;
    inner_->send(last);
    inner_->close();
}

void WebSocketConnection::close() {
    if (closing_) return;
    std::string frame;
    append_close_frame(frame, WebSocketClose::normal, "");
    end(as_bytes(frame));
}

void WebSocketConnection::on_closed(const Error& why) {
    const auto self = shared_from_this();
    StreamHandler* handler = std::exchange(handler_, nullptr);
    closing_ = true;
    if (handler == nullptr) return;
    if (decoder_.violation().empty()) return handler->on_closed(why);
    handler->on_closed(
        Error(ErrorCode::invalid_argument, fmt::format("WebSocket: {}", decoder_.violation())));
}

void WebSocketConnection::abandon() {
    handler_ = nullptr;
    inner_.reset();
}

class WebSocketStream final : public Stream {
  public:
    explicit WebSocketStream(std::shared_ptr<WebSocketConnection> connection)
        : connection_(std::move(connection)), peer_(connection_->inner().peer()) {}
    ~WebSocketStream() override { connection_->abandon(); }

    void start(StreamHandler& handler) override { connection_->start(handler); }
    void send(BytesView bytes) override { connection_->send(bytes); }
    void send(std::string&& bytes) override {
        connection_->send(as_bytes(bytes));
        bytes.clear();
    }
    size_t queued_bytes() const override { return connection_->inner().queued_bytes(); }
    void set_reading(bool on) override { connection_->set_reading(on); }
    void close() override { connection_->close(); }
    const std::string& peer() const override { return peer_; }

  private:
    std::shared_ptr<WebSocketConnection> connection_;
    std::string peer_;
};

}  // namespace

std::unique_ptr<Stream> make_websocket_stream(Reactor& reactor, std::unique_ptr<Stream> inner,
                                              std::string first_bytes, size_t bytes_limit,
                                              WebSocketMode mode) {
    return std::make_unique<WebSocketStream>(std::make_shared<WebSocketConnection>(
        reactor, std::move(inner), std::move(first_bytes), bytes_limit, mode));
}

}  // namespace hw::io

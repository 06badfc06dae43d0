#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.h"

namespace hw::io {

enum class WebSocketOpcode : uint8_t {
    continuation = 0,
    text = 1,
    binary = 2,
    close = 8,
    ping = 9,
    pong = 10,
};

// RFC 6455 section 7.4.1.
enum class WebSocketClose : uint16_t {
    normal = 1000,
    going_away = 1001,
    protocol_error = 1002,
    unsupported_data = 1003,
    invalid_payload = 1007,
    too_big = 1009,
};

// What a path's messages are.
enum class WebSocketMode : uint8_t {
    binary_stream,  // binary frames, one stream of bytes
    text_messages,  // text frames, each message by itself
};

// Reads a client's frames (RFC 6455 section 5), without I/O. The payloads of binary messages are
// one stream of bytes to the user (as MQTT wants it, MQTT-6.0.0-3), so no message is ever
// assembled: bytes come out as they come in. Text messages are assembled up to the limit and must
// be UTF-8. One thread; 200 bytes.
class WebSocketDecoder {
  public:
    // The limit is that of a frame, or of a whole text message.
    explicit WebSocketDecoder(size_t bytes_limit, WebSocketMode mode = WebSocketMode::binary_stream)
        : limit_(bytes_limit), mode_(mode) {}

    // Appends payload to `payload` and the frames to send back (pong, close) to `replies`. After
    // closed() bytes are ignored.
    void read(BytesView bytes, std::string& payload, std::string& replies);
    // The same in the mode of text messages: appends those that are whole.
    void read(BytesView bytes, std::vector<std::string>& messages, std::string& replies);

    // The peer closed, or broke the rules: a close frame is among the replies.
    bool closed() const { return closed_; }
    // Why it broke them; empty if the peer closed in good order.
    std::string_view violation() const { return violation_; }

  private:
    size_t read_some(BytesView bytes, std::string& payload, std::string& replies);
    bool read_header(uint8_t byte);
    bool check_header();
    bool check_data_header();
    void begin_payload();
    size_t read_payload(BytesView bytes, std::string& payload, std::string& replies);
    void end_control(std::string& replies);
    void end_message(std::vector<std::string>& messages, std::string& replies);
    void violate(WebSocketClose code, std::string_view why, std::string& replies);

    size_t limit_;
    WebSocketMode mode_;
    std::string text_;            // of the message so far
    bool message_ended_ = false;  // `text_` is whole
    std::array<uint8_t, 14> header_{};
    size_t header_size_ = 0;
    size_t header_needed_ = 2;
    uint64_t left_ = 0;  // of the payload
    uint32_t mask_at_ = 0;
    std::array<uint8_t, 4> mask_{};
    std::string control_;
    WebSocketOpcode opcode_ = WebSocketOpcode::continuation;
    bool final_ = false;
    bool in_payload_ = false;
    bool in_message_ = false;  // fragments of one are still to come
    bool closed_ = false;
    WebSocketClose close_code_ = WebSocketClose::normal;
    std::string_view violation_;
};

// A server's frame header: final, not masked. Appends at most 10 bytes.
void append_frame_header(std::string& out, WebSocketOpcode opcode, size_t payload_bytes);
void append_close_frame(std::string& out, WebSocketClose code, std::string_view reason);

}  // namespace hw::io

#include "io/websocket_codec.h"

#include <algorithm>
#include <utility>

#include "base/assert.h"
#include "base/utf8.h"

namespace hw::io {
namespace {

constexpr size_t control_bytes_limit = 125;

bool is_control(WebSocketOpcode opcode) {
    return static_cast<uint8_t>(opcode) >= 8;
}

// Bytes of the extended length that the second byte announces.
size_t length_bytes(uint8_t second) {
    const uint8_t length = second & 0x7f;
    return length == 127 ? 8 : length == 126 ? 2 : 0;
}

}  // namespace

void WebSocketDecoder::read(BytesView bytes, std::string& payload, std::string& replies) {
    HW_ASSERT(mode_ == WebSocketMode::binary_stream);
    read_some(bytes, payload, replies);
}

void WebSocketDecoder::read(BytesView bytes, std::vector<std::string>& messages,
                            std::string& replies) {
    HW_ASSERT(mode_ == WebSocketMode::text_messages);
    while (!bytes.empty() && !closed_) {
        bytes = bytes.subspan(read_some(bytes, text_, replies));
        if (message_ended_) end_message(messages, replies);
    }
}

void WebSocketDecoder::end_message(std::vector<std::string>& messages, std::string& replies) {
    message_ended_ = false;
    std::string text = std::exchange(text_, {});
    if (!valid_utf8(text))
        return violate(WebSocketClose::invalid_payload, "a text that is not UTF-8", replies);
    messages.push_back(std::move(text));
}

// Stops behind a text message; returns how much was read.
size_t WebSocketDecoder::read_some(BytesView bytes, std::string& payload, std::string& replies) {
    size_t at = 0;
    while (at < bytes.size() && !closed_ && !message_ended_) {
        if (in_payload_) {
            at += read_payload(bytes.subspan(at), payload, replies);
            continue;
        }
        if (!read_header(static_cast<uint8_t>(bytes[at++]))) continue;
        if (!check_header()) {
            violate(close_code_, violation_, replies);
            return bytes.size();
        }
        begin_payload();
        if (left_ == 0) read_payload({}, payload, replies);
    }
    return at;
}

// True when the header is whole.
bool WebSocketDecoder::read_header(uint8_t byte) {
    header_[header_size_++] = byte;
    if (header_size_ == 2) header_needed_ = 2 + length_bytes(byte) + ((byte & 0x80) != 0 ? 4 : 0);
    return header_size_ == header_needed_;
}

// The rules of section 5 that a header can break; sets close_code_ and violation_.
bool WebSocketDecoder::check_header() {
    const auto broken = [this](WebSocketClose code, std::string_view why) {
        close_code_ = code;
        violation_ = why;
        return false;
    };
    constexpr auto protocol = WebSocketClose::protocol_error;
    opcode_ = static_cast<WebSocketOpcode>(header_[0] & 0x0f);
    final_ = (header_[0] & 0x80) != 0;
    if ((header_[0] & 0x70) != 0) return broken(protocol, "reserved bits are set");
    if ((header_[1] & 0x80) == 0) return broken(protocol, "a client's frame must be masked");
    const size_t extra = length_bytes(header_[1]);
    left_ = extra == 0 ? header_[1] & 0x7f : 0;
    for (size_t i = 0; i < extra; ++i)
        left_ = left_ << 8 | header_[2 + i];
    if (is_control(opcode_)) {
        if (opcode_ > WebSocketOpcode::pong) return broken(protocol, "unknown opcode");
        if (!final_) return broken(protocol, "a control frame must not be fragmented");
        if (left_ > control_bytes_limit) return broken(protocol, "a control frame is too long");
        return true;
    }
    return check_data_header();
}

bool WebSocketDecoder::check_data_header() {
    const auto broken = [this](WebSocketClose code, std::string_view why) {
        close_code_ = code;
        violation_ = why;
        return false;
    };
    constexpr auto protocol = WebSocketClose::protocol_error;
    const bool texts = mode_ == WebSocketMode::text_messages;
    if (opcode_ > WebSocketOpcode::binary) return broken(protocol, "unknown opcode");
    if (opcode_ == (texts ? WebSocketOpcode::binary : WebSocketOpcode::text))
        return broken(WebSocketClose::unsupported_data,
                      texts ? "only text frames are served" : "only binary frames are served");
    if ((opcode_ == WebSocketOpcode::continuation) != in_message_)
        return broken(protocol, in_message_ ? "a message began inside another"
                                            : "a continuation without a message");
    if (left_ > limit_) return broken(WebSocketClose::too_big, "the frame exceeds the limit");
    if (texts && text_.size() + left_ > limit_)
        return broken(WebSocketClose::too_big, "the message exceeds the limit");
    return true;
}

void WebSocketDecoder::begin_payload() {
    std::copy_n(header_.begin() + static_cast<std::ptrdiff_t>(header_needed_ - 4), 4,
                mask_.begin());
    mask_at_ = 0;
    header_size_ = 0;
    header_needed_ = 2;
    in_payload_ = true;
    if (!is_control(opcode_)) in_message_ = !final_;
}

// Unmasks what there is of the payload; returns how much.
size_t WebSocketDecoder::read_payload(BytesView bytes, std::string& payload, std::string& replies) {
    const size_t count = static_cast<size_t>(std::min<uint64_t>(left_, bytes.size()));
    std::string& out = is_control(opcode_) ? control_ : payload;
    const size_t before = out.size();
    out.append(as_text(bytes.first(count)));
    // The mask turned to where this piece begins: a plain loop, which the compiler makes wide.
    std::array<char, 4> mask;
    for (size_t i = 0; i < 4; ++i)
        mask[i] = static_cast<char>(mask_[(mask_at_ + i) & 3]);
    char* data = out.data() + before;
    for (size_t i = 0; i < count; ++i)
        data[i] = static_cast<char>(data[i] ^ mask[i & 3]);
    mask_at_ = static_cast<uint32_t>((mask_at_ + count) & 3);
    left_ -= count;
    if (left_ > 0) return count;
    in_payload_ = false;
    if (is_control(opcode_)) {
        end_control(replies);
    } else if (mode_ == WebSocketMode::text_messages) {
        message_ended_ = final_;
    }
    return count;
}

void WebSocketDecoder::end_control(std::string& replies) {
    if (opcode_ == WebSocketOpcode::ping) {
        append_frame_header(replies, WebSocketOpcode::pong, control_.size());
        replies += control_;
    } else if (opcode_ == WebSocketOpcode::close) {
        if (control_.size() == 1)
            return violate(WebSocketClose::protocol_error, "a close frame of one byte", replies);
        // The same code back (section 5.5.1).
        append_frame_header(replies, WebSocketOpcode::close, std::min<size_t>(control_.size(), 2));
        replies.append(control_, 0, 2);
        closed_ = true;
    }
    control_ = std::string();
}

void WebSocketDecoder::violate(WebSocketClose code, std::string_view why, std::string& replies) {
    close_code_ = code;
    violation_ = why;
    closed_ = true;
    append_close_frame(replies, code, why);
}

void append_frame_header(std::string& out, WebSocketOpcode opcode, size_t payload_bytes) {
    ByteWriter writer(out);
    writer.u8(static_cast<uint8_t>(0x80 | static_cast<uint8_t>(opcode)));
    if (payload_bytes < 126) {
        writer.u8(static_cast<uint8_t>(payload_bytes));
    } else if (payload_bytes <= 0xffff) {
        writer.u8(126);
        writer.big(static_cast<uint16_t>(payload_bytes));
    } else {
        writer.u8(127);
        writer.big(static_cast<uint64_t>(payload_bytes));
    }
}

void append_close_frame(std::string& out, WebSocketClose code, std::string_view reason) {
    reason = reason.substr(0, control_bytes_limit - 2);
    append_frame_header(out, WebSocketOpcode::close, 2 + reason.size());
    ByteWriter(out).big(static_cast<uint16_t>(code));
    out += reason;
}

}  // namespace hw::io

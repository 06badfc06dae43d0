#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "base/assert.h"
#include "io/websocket_codec.h"

namespace {

// The same of text messages.
void read_texts(hw::BytesView bytes) {
    hw::io::WebSocketDecoder whole(1000, hw::io::WebSocketMode::text_messages);
    std::vector<std::string> messages;
    std::string replies;
    whole.read(bytes, messages, replies);
    hw::io::WebSocketDecoder parts(1000, hw::io::WebSocketMode::text_messages);
    std::vector<std::string> messages_again;
    std::string replies_again;
    for (size_t i = 0; i < bytes.size(); ++i)
        parts.read(bytes.subspan(i, 1), messages_again, replies_again);
    HW_ASSERT(messages == messages_again && replies == replies_again);
    HW_ASSERT(whole.closed() == parts.closed() && whole.violation() == parts.violation());
    for (const auto& message : messages)
        HW_ASSERT(message.size() <= 1000);
}

}  // namespace

// Any frames: whole or byte by byte, the same payload and the same answers.
extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
    const hw::BytesView bytes(reinterpret_cast<const std::byte*>(data), size);
    hw::io::WebSocketDecoder whole(1000);
    std::string payload;
    std::string replies;
    whole.read(bytes, payload, replies);
    HW_ASSERT(payload.size() <= size && replies.size() <= 130 + size);
    hw::io::WebSocketDecoder parts(1000);
    std::string payload_again;
    std::string replies_again;
    for (size_t i = 0; i < size; ++i)
        parts.read(bytes.subspan(i, 1), payload_again, replies_again);
    HW_ASSERT(payload == payload_again && replies == replies_again);
    HW_ASSERT(whole.closed() == parts.closed() && whole.violation() == parts.violation());
    read_texts(bytes);
    return 0;
}

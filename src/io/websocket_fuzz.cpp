#include <cstddef>
#include <cstdint>
#include <string>

#include "base/assert.h"
#include "io/websocket_codec.h"

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
    return 0;
}

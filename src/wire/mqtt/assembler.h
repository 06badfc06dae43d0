#pragma once

#include <algorithm>
#include <string>
#include <string_view>

#include "wire/mqtt/codec.h"

namespace hw::mqtt {

// Cuts a stream into packets: give() bytes, next() and take() while packets are whole, keep() the
// rest. Packets are views of the given bytes; only one that straddles two reads is copied, and of
// the second read no more than it lacks. Holds no memory between reads unless a packet is partial.
class Assembler {
  public:
    void give(std::string_view bytes) { input_ = bytes; }

    // The packet at the front; it stays there until take(frame.size). The frame is valid until the
    // next call of any function here.
    FrameResult next(size_t packet_bytes_max, Version version) {
        if (used_ < pending_.size()) [[unlikely]]
            return next_of_pending(packet_bytes_max, version);
        // Nearly all packets that count are short PUBLISHes; next_packet would say the same.
        if (input_.size() >= 2) [[likely]] {
            const auto first = static_cast<uint8_t>(input_[0]);
            const auto length = static_cast<uint8_t>(input_[1]);
            const size_t size = size_t{2} + length;
            if (first >> 4 == static_cast<uint8_t>(PacketType::publish) && length < 0x80 &&
                size <= input_.size() && size <= packet_bytes_max)
                return {.framing = Framing::complete,
                        .frame = {PacketType::publish,
                                  static_cast<uint8_t>(first & 0x0f),
                                  {input_.data() + 2, length},
                                  size}};
        }
        return next_packet(input_, packet_bytes_max, version);
    }
    void take(size_t size) {
        if (used_ < pending_.size()) [[unlikely]]
            used_ += size;
        else
            input_.remove_prefix(size);
    }
    // The given bytes are about to go away.
    void keep();
    bool empty() const { return used_ == pending_.size(); }
    void clear() {
        pending_ = {};
        input_ = {};
        used_ = 0;
    }

  private:
    FrameResult next_of_pending(size_t packet_bytes_max, Version version);

    std::string pending_;
    size_t used_ = 0;  // of pending_
    std::string_view input_;
};

}  // namespace hw::mqtt

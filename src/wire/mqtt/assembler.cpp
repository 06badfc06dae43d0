#include "wire/mqtt/assembler.h"

namespace hw::mqtt {

FrameResult Assembler::next_of_pending(size_t packet_bytes_max, Version version) {
    for (;;) {
        const std::string_view whole = std::string_view(pending_).substr(used_);
        const FrameResult result = next_packet(whole, packet_bytes_max, version);
        if (result.framing != Framing::need_more) return result;
        const size_t take = std::min(result.size_needed - whole.size(), input_.size());
        if (take == 0) return result;
        pending_.append(input_.substr(0, take));
        input_.remove_prefix(take);
    }
}

void Assembler::keep() {
    if (used_ == pending_.size() && input_.empty()) {
        // The common end of a read that stopped at a packet's end: no memory stays behind.
        if (!pending_.empty()) clear();
        used_ = 0;
        return;
    }
    // A large packet that comes in many reads only grows; what was handled is let go, memory too.
    if (used_ > 0) pending_ = std::string(pending_, used_);
    pending_.append(input_);
    used_ = 0;
    input_ = {};
}

}  // namespace hw::mqtt

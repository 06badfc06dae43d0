#include "broker/ack_queue.h"

#include <algorithm>

namespace hw::broker {

void AckQueue::push(Ack ack, Ticket ticket) {
    acks_.push_back(ack);
    if (!groups_.empty()) {
        Group& last = groups_.back();
        ticket = std::max(ticket, last.ticket);
        if (last.ticket == ticket && !last.mute) {
            ++last.count;
            return;
        }
    }
    groups_.push_back({ticket, 1, false});
}

void AckQueue::mute() {
    for (size_t i = 0; i < groups_.size(); ++i)
        groups_[i].mute = true;
}

}  // namespace hw::broker

#include "broker/session.h"

namespace hw::broker {

namespace {

// Marks an exempt entry; kept in the group, which a retained message never has.
constexpr uint32_t exempt_mark = UINT32_MAX;

}  // namespace

size_t Session::enqueue(Queued what, const QueueLimits& limits, bool exempt,
                        const std::function<void(const Queued&)>& lost) {
    const uint32_t qos_0 = what.qos == 0 ? 1 : 0;
    if (exempt) {
        what.group = exempt_mark;
        queue_.push_back(std::move(what));
        ++exempt_left_;
        qos_0_left_ += qos_0;
        return 0;
    }
    const uint64_t bytes = what.message->bytes();
    size_t dropped = 0;
    const auto full = [&] {
        return queue_.size() - exempt_left_ >= limits.messages ||
               queued_bytes_ + bytes > limits.bytes;
    };
    while (full()) {
        // Retained messages at the front are not given up for newer ones, so this one is.
        if (queue_.empty() || next_is_exempt() || bytes > limits.bytes || qos_0 > 0) {
            lost(what);
            return dropped + 1;
        }
        lost(dequeue());
        ++dropped;
    }
    queued_bytes_ += bytes;
    qos_0_left_ += qos_0;
    queue_.push_back(std::move(what));
    return dropped;
}

bool Session::next_is_exempt() const {
    return queue_.front().group == exempt_mark;
}

Queued Session::dequeue() {
    Queued what = std::move(queue_.front());
    queue_.pop_front();
    if (what.qos == 0) --qos_0_left_;
    if (what.group == exempt_mark) {
        what.group = 0;
        --exempt_left_;
    } else {
        queued_bytes_ -= what.message->bytes();
    }
    if (queue_.empty()) queue_.clear();
    return what;
}

}  // namespace hw::broker

#include "api/live_ring.h"

#include <algorithm>

namespace hw::api {

LiveRing::LiveRing(uint64_t bytes_limit, Time now)
    : bytes_limit_(bytes_limit),
      first_(static_cast<uint64_t>(std::max<int64_t>(now.ns, 1))),
      next_(first_) {}

void LiveRing::add(const model::SampleBatch& batch) {
    auto copy = std::make_shared<model::SampleBatch>(batch);
    MutexLock lock(mutex_);
    entries_.push_back({next_, std::move(copy)});
    next_ += batch.size();
    bytes_ += batch.bytes();
    while (bytes_ > bytes_limit_ && entries_.size() > 1) {
        bytes_ -= entries_.front().batch->bytes();
        entries_.pop_front();
    }
}

uint64_t LiveRing::next() const {
    MutexLock lock(mutex_);
    return next_;
}

LiveRing::Piece LiveRing::read(uint64_t& next) const {
    MutexLock lock(mutex_);
    if (next >= next_ || entries_.empty()) return {};
    Piece piece;
    if (next < entries_.front().begins) {
        piece.missed = entries_.front().begins - next;
        next = entries_.front().begins;
    }
    const auto at =
        std::upper_bound(entries_.begin(), entries_.end(), next,
                         [](uint64_t row, const Entry& one) { return row < one.begins; });
    piece.batch = std::prev(at)->batch;
    piece.begins = std::prev(at)->begins;
    return piece;
}

}  // namespace hw::api

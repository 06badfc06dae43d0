#include "broker/inflight.h"

#include "base/assert.h"

namespace hw::broker {

uint16_t Inflight::add(Queued what) {
    HW_ASSERT(entries_.size() < ids && cursor_ == entries_.size());
    const uint16_t id = id_at(entries_.size());
    entries_.push_back({std::move(what), State::publish});
    ++cursor_;
    ++outstanding_;
    ++unfinished_;
    return id;
}

Inflight::Entry* Inflight::find(uint16_t id) {
    if (id == 0) return nullptr;
    const size_t i = (id - 1u + ids - first_) % ids;
    if (i >= entries_.size() || entries_[i].state == State::done) return nullptr;
    return &entries_[i];
}

void Inflight::finish(uint16_t id) {
    Entry* entry = find(id);
    HW_ASSERT(entry != nullptr);
    const size_t i = (id - 1u + ids - first_) % ids;
    entry->state = State::done;
    entry->what = Queued();
    --unfinished_;
    // One that was not sent on this connection may be finished all the same, by a late answer.
    if (i < cursor_) --outstanding_;
    while (!entries_.empty() && entries_.front().state == State::done) {
        entries_.pop_front();
        first_ = (first_ + 1) % ids;
        if (cursor_ > 0) --cursor_;
    }
}

void Inflight::restart() {
    cursor_ = 0;
    outstanding_ = 0;
}

Inflight::Entry* Inflight::next_resend(size_t window, uint16_t& id) {
    while (cursor_ < entries_.size() && outstanding_ < window) {
        const size_t i = cursor_++;
        if (entries_[i].state == State::done) continue;
        ++outstanding_;
        id = id_at(i);
        return &entries_[i];
    }
    return nullptr;
}

}  // namespace hw::broker

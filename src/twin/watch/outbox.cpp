#include "twin/watch/outbox.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "base/assert.h"

namespace hw::twin {

Outbox::Outbox(const Settings& settings, uint64_t first, WatchCounters& counters)
    : settings_(settings), first_(first), counters_(counters), begin_(first) {
    HW_ASSERT(settings.queue_limit > 0 && first > 0);
}

void Outbox::put(std::vector<WatchEvent>& events, Time now) {
    MutexLock lock(mutex_);
    for (auto& event : events)
        put_one(std::move(event), now);
    events.clear();
}

uint64_t Outbox::put_now(WatchEvent event) {
    MutexLock lock(mutex_);
    push(std::move(event));
    return begin_ + ring_.size() - 1;
}

void Outbox::put_one(WatchEvent&& event, Time now) {
    const bool plain = settings_.deadband <= 0 && settings_.min_interval.ns <= 0;
    if (plain || event.kind != WatchEventKind::property) return push(std::move(event));
    const Key key = uint64_t{event.twin->index} << 32 | event.path->number;
    Slot& slot = slots_[key];
    if (slot.waiting) {
        counters_.throttled.fetch_add(1, std::memory_order_relaxed);
        slot.pending = std::move(event);
        return;
    }
    if (same(slot, event)) {
        counters_.suppressed.fetch_add(1, std::memory_order_relaxed);
        return;
    }
    if (slot.known && now - slot.sent_at < settings_.min_interval) {
        slot.waiting = true;
        slot.pending = std::move(event);
        waiting_.emplace(slot.sent_at + settings_.min_interval, key);
        return;
    }
    send(slot, std::move(event), now);
}

// Whether it says nothing new: within the deadband, or the same where changes are asked for.
bool Outbox::same(const Slot& slot, const WatchEvent& event) const {
    if (!slot.known || slot.quality != event.quality || slot.stale != event.stale) return false;
    if (settings_.deadband > 0 && slot.sent.is_number() && event.value.is_number()) {
        const double before = slot.sent.as_number();
        const double after = event.value.as_number();
        if (std::isfinite(before) && std::isfinite(after))
            return std::fabs(after - before) <= settings_.deadband;
    }
    return settings_.on_change && slot.sent == event.value;
}

void Outbox::send(Slot& slot, WatchEvent&& event, Time now) {
    slot.known = true;
    slot.sent = event.value;
    slot.quality = event.quality;
    slot.stale = event.stale;
    slot.sent_at = now;
    push(std::move(event));
}

void Outbox::push(WatchEvent&& event) {
    ring_.push_back(std::move(event));
    if (ring_.size() <= settings_.queue_limit) return;
    ring_.pop_front();
    ++begin_;
}

bool Outbox::release(Time now) {
    MutexLock lock(mutex_);
    bool out = false;
    while (!waiting_.empty() && waiting_.top().first <= now) {
        Slot& slot = slots_[waiting_.top().second];
        waiting_.pop();
        if (!slot.waiting) continue;
        slot.waiting = false;
        WatchEvent event = std::exchange(slot.pending, {});
        if (same(slot, event)) {
            counters_.suppressed.fetch_add(1, std::memory_order_relaxed);
            continue;
        }
        send(slot, std::move(event), now);
        out = true;
    }
    return out;
}

std::optional<Time> Outbox::due() const {
    MutexLock lock(mutex_);
    if (waiting_.empty()) return {};
    return waiting_.top().first;
}

uint64_t Outbox::next() const {
    MutexLock lock(mutex_);
    return begin_ + ring_.size();
}

bool Outbox::resumable(uint64_t last) const {
    MutexLock lock(mutex_);
    return last >= first_ && last < begin_ + ring_.size();
}

void Outbox::take(uint64_t& at, size_t limit, Taken& out) {
    out.events.clear();
    out.missed = 0;
    MutexLock lock(mutex_);
    HW_ASSERT(at <= begin_ + ring_.size());
    if (at < begin_) {
        out.missed = begin_ - at;
        at = begin_;
    }
    out.first = at;
    const size_t from = at - begin_;
    const size_t count = std::min(limit, ring_.size() - from);
    out.events.assign(ring_.begin() + static_cast<std::ptrdiff_t>(from),
                      ring_.begin() + static_cast<std::ptrdiff_t>(from + count));
    at += count;
}

void Outbox::trim(uint64_t at) {
    MutexLock lock(mutex_);
    while (ring_.size() > settings_.resume_limit && begin_ < at &&
           at - begin_ > settings_.resume_limit) {
        ring_.pop_front();
        ++begin_;
    }
}

void Outbox::forget() {
    MutexLock lock(mutex_);
    slots_.clear();
    waiting_ = {};
}

size_t Outbox::size() const {
    MutexLock lock(mutex_);
    return ring_.size();
}

size_t Outbox::slots() const {
    MutexLock lock(mutex_);
    return slots_.size();
}

}  // namespace hw::twin

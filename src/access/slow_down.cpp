#include "access/slow_down.h"

#include <algorithm>

namespace hw::access {

std::string place_of(std::string_view user, std::string_view peer) {
    return std::string(user).append(1, '\n').append(peer);
}

Duration SlowDown::wait(std::string_view name, Time now, bool* first) {
    MutexLock lock(mutex_);
    const auto at = by_name_.find(name);
    if (at == by_name_.end() || at->second->until <= now) return {};
    if (first != nullptr) *first = !at->second->told;
    at->second->told = true;
    return at->second->until - now;
}

Duration SlowDown::failed(std::string_view name, Time now) {
    MutexLock lock(mutex_);
    auto at = by_name_.find(name);
    if (at == by_name_.end()) {
        if (entries_.size() >= names_limit_) {
            by_name_.erase(entries_.back().name);
            entries_.pop_back();
        }
        entries_.push_front({std::string(name)});
        at = by_name_.emplace(entries_.front().name, entries_.begin()).first;
    } else {
        entries_.splice(entries_.begin(), entries_, at->second);
    }
    Entry& entry = *at->second;
    if (now - entry.last > forgotten_after) entry.failures = 0;
    entry.last = now;
    ++entry.failures;
    if (entry.failures < limit_) return {};
    constexpr uint32_t doublings = 10;  // 1 s << 10 is above the longest
    const uint32_t shift = std::min(entry.failures - limit_, doublings);
    const Duration wait = std::min(Duration{first_wait.ns << shift}, longest_wait);
    entry.until = now + wait;
    entry.told = false;
    return wait;
}

void SlowDown::succeeded(std::string_view name) {
    MutexLock lock(mutex_);
    const auto at = by_name_.find(name);
    if (at == by_name_.end()) return;
    const auto entry = at->second;
    by_name_.erase(at);
    entries_.erase(entry);
}

size_t SlowDown::size() const {
    MutexLock lock(mutex_);
    return entries_.size();
}

void FamiliarPlaces::add(std::string_view user, std::string_view peer) {
    std::string place = place_of(user, peer);
    MutexLock lock(mutex_);
    if (const auto at = by_place_.find(place); at != by_place_.end()) {
        places_.splice(places_.begin(), places_, at->second);
        return;
    }
    if (places_.size() >= limit_) {
        by_place_.erase(places_.back());
        places_.pop_back();
    }
    places_.push_front(std::move(place));
    by_place_.emplace(places_.front(), places_.begin());
}

bool FamiliarPlaces::has(std::string_view user, std::string_view peer) const {
    MutexLock lock(mutex_);
    return by_place_.contains(place_of(user, peer));
}

}  // namespace hw::access

#include "broker/route_cache.h"

#include <algorithm>

#include "base/assert.h"
#include "broker/text_hash.h"

namespace hw::broker {

RouteCache::RouteCache(Limits limits) : limits_(limits), slots_(64) {}
RouteCache::~RouteCache() = default;

Route& RouteCache::get(std::string_view topic) {
    const uint64_t hash = hash_text(topic);
    const size_t mask = slots_.size() - 1;
    for (size_t at = hash & mask; slots_[at].route; at = (at + 1) & mask) {
        Route& route = *slots_[at].route;
        if (slots_[at].hash == hash && route.topic == topic) {
            route.used = true;
            return route;
        }
    }
    return insert(topic, hash);
}

Route& RouteCache::insert(std::string_view topic, uint64_t hash) {
    while (size_ > 0 && (size_ >= limits_.topics || deliveries_ > limits_.deliveries))
        evict_one();
    if (size_ * 2 >= slots_.size()) grow();
    auto route = std::make_unique<Route>();
    route->hash = hash;
    route->topic = topic;
    route->place = Interest::place(topic);
    Route& made = *route;
    place(hash, std::move(route));
    ++size_;
    return made;
}

void RouteCache::place(uint64_t hash, std::unique_ptr<Route> route) {
    const size_t mask = slots_.size() - 1;
    size_t at = hash & mask;
    while (slots_[at].route)
        at = (at + 1) & mask;
    slots_[at] = {hash, std::move(route)};
}

void RouteCache::resolved(const Route& route, size_t before) {
    deliveries_ += route.deliveries.size();
    deliveries_ -= before;
}

size_t RouteCache::scan(size_t from, size_t visits,
                        const std::function<void(std::string_view)>& take) const {
    const size_t end = std::min(slots_.size(), from + visits);
    for (size_t at = from; at < end; ++at)
        if (slots_[at].route && !slots_[at].route->refused) take(slots_[at].route->topic);
    return end >= slots_.size() ? 0 : end;
}

void RouteCache::evict_one() {
    for (;;) {
        hand_ = (hand_ + 1) & (slots_.size() - 1);
        Route* route = slots_[hand_].route.get();
        if (route == nullptr) continue;
        if (!route->used) {
            erase(hand_);
            return;
        }
        route->used = false;
    }
}

void RouteCache::erase(size_t at) {
    const size_t mask = slots_.size() - 1;
    HW_ASSERT(deliveries_ >= slots_[at].route->deliveries.size());
    deliveries_ -= slots_[at].route->deliveries.size();
    slots_[at].route.reset();
    --size_;
    // Move back what a look-up would no longer reach over the gap.
    for (size_t next = (at + 1) & mask; slots_[next].route; next = (next + 1) & mask) {
        const size_t home = slots_[next].hash & mask;
        if (((next - home) & mask) < ((next - at) & mask)) continue;
        slots_[at] = std::move(slots_[next]);
        slots_[next].route.reset();
        at = next;
    }
}

void RouteCache::grow() {
    std::vector<Slot> old(slots_.size() * 2);
    old.swap(slots_);
    for (Slot& slot : old)
        if (slot.route) place(slot.hash, std::move(slot.route));
}

}  // namespace hw::broker

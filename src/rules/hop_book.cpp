#include "rules/hop_book.h"

#include <functional>

namespace hw::rules {

namespace {

uint64_t mix(uint64_t a, uint64_t b) {
    uint64_t z = a ^ (b + 0x9e3779b97f4a7c15 + (a << 6) + (a >> 2));
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
    z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
    return z ^ (z >> 31);
}

}  // namespace

uint64_t HopBook::key_of_message(std::string_view topic, std::string_view payload) {
    return mix(std::hash<std::string_view>()(topic), std::hash<std::string_view>()(payload));
}

uint64_t HopBook::key_of_sample(model::PointId point, Time time) {
    return mix(point.value(), static_cast<uint64_t>(time.ns));
}

void HopBook::note(uint64_t key, uint8_t hops) {
    const auto [at, fresh] = notes_.try_emplace(key, hops);
    if (!fresh) {
        at->second = hops > at->second ? hops : at->second;
        return;
    }
    order_.push_back(key);
    // Keys that were taken stay in the order until their turn; there are never many more of them.
    while (notes_.size() > limit_ || order_.size() > 4 * limit_) {
        notes_.erase(order_.front());
        order_.pop_front();
    }
}

uint8_t HopBook::take(uint64_t key) {
    const auto at = notes_.find(key);
    if (at == notes_.end()) return 0;
    const uint8_t hops = at->second;
    notes_.erase(at);
    return hops;
}

}  // namespace hw::rules

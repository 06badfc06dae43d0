#include "broker/timers.h"

#include <algorithm>

namespace hw::broker {

namespace {

bool later(const Timers::Timer& a, const Timers::Timer& b) {
    return a.when > b.when;
}

}  // namespace

void Timers::arm(Time when, Kind kind, uint64_t serial) {
    heap_.push_back({when, serial, kind});
    std::push_heap(heap_.begin(), heap_.end(), later);
}

void Timers::restore() {
    std::make_heap(heap_.begin(), heap_.end(), later);
}

bool Timers::pop(Time now, Timer& timer) {
    if (heap_.empty() || heap_.front().when > now) return false;
    std::pop_heap(heap_.begin(), heap_.end(), later);
    timer = heap_.back();
    heap_.pop_back();
    return true;
}

}  // namespace hw::broker

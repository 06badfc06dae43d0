#include "upstream/interval_set.h"

#include <algorithm>
#include <iterator>

namespace hw::upstream {

void IntervalSet::add(Interval interval) {
    if (interval.last < interval.first) return;
    auto at = by_first_.upper_bound(interval.first);
    if (at != by_first_.begin()) {
        const auto before = std::prev(at);
        if (before->second >= interval.last) return;
        if (before->second + 1 >= interval.first) {
            interval.first = before->first;
            at = before;
        }
    }
    while (at != by_first_.end() &&
           (at->first <= interval.last || at->first == interval.last + 1)) {
        interval.last = std::max(interval.last, at->second);
        at = by_first_.erase(at);
    }
    by_first_.emplace_hint(at, interval.first, interval.last);
}

void IntervalSet::remove(Interval interval) {
    if (interval.last < interval.first) return;
    auto at = by_first_.upper_bound(interval.first);
    if (at != by_first_.begin()) --at;
    while (at != by_first_.end() && at->first <= interval.last) {
        const Interval old{at->first, at->second};
        if (old.last < interval.first) {
            ++at;
            continue;
        }
        at = by_first_.erase(at);
        if (old.first < interval.first) by_first_.emplace(old.first, interval.first - 1);
        if (old.last > interval.last) by_first_.emplace(interval.last + 1, old.last);
    }
}

bool IntervalSet::contains(uint64_t number) const {
    return contains_all({number, number});
}

bool IntervalSet::contains_all(Interval interval) const {
    const auto after = by_first_.upper_bound(interval.first);
    return after != by_first_.begin() && std::prev(after)->second >= interval.last;
}

uint64_t IntervalSet::first_missing(uint64_t from) const {
    const auto after = by_first_.upper_bound(from);
    if (after == by_first_.begin()) return from;
    return std::max(from, std::prev(after)->second + 1);
}

std::optional<uint64_t> IntervalSet::last_missing(uint64_t from) const {
    const auto after = by_first_.upper_bound(from);
    if (after == by_first_.end()) return std::nullopt;
    return after->first - 1;
}

uint64_t IntervalSet::count_in(Interval interval) const {
    uint64_t count = 0;
    auto at = by_first_.upper_bound(interval.first);
    if (at != by_first_.begin()) --at;
    for (; at != by_first_.end() && at->first <= interval.last; ++at) {
        const uint64_t first = std::max(at->first, interval.first);
        const uint64_t last = std::min(at->second, interval.last);
        if (first <= last) count += last - first + 1;
    }
    return count;
}

}  // namespace hw::upstream

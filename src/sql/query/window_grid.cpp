#include "sql/query/window_grid.h"

#include <algorithm>
#include <limits>
#include <numeric>

#include "base/assert.h"

namespace hw::sql {

namespace {

constexpr int64_t hour = 3'600'000'000'000;

int64_t floor_divide(int64_t a, int64_t b) {
    return a / b - (a % b < 0 ? 1 : 0);
}

}  // namespace

WindowGrid::WindowGrid(int64_t length, int64_t hop, int64_t phase,
                       std::function<Duration(Time)> zone_offset)
    : length_(length), hop_(hop), phase_(phase), zone_offset_(std::move(zone_offset)) {
    constexpr int64_t most = std::numeric_limits<int64_t>::max();
    HW_ASSERT(length > 0 && length <= most / 16 && hop > 0 && hop <= most / 16);
    HW_ASSERT(phase > -hop && phase < hop);
    pane_ = std::gcd(length, hop);
    limit_ = most - 4 * std::max(length, hop) - 100 * hour;
    if (length % hour != 0 || hop % hour != 0) zone_offset_ = nullptr;
}

int64_t WindowGrid::clamp(int64_t position) const {
    return std::clamp(position, -limit_, limit_);
}

int64_t WindowGrid::at(int64_t local) const {
    if (!zone_offset_) return local;
    // The offsets before and after a change near by; a local time may be of either, of both (then
    // the earlier one is meant), or skipped (then the change itself is).
    const int64_t a = local - offset(local - 26 * hour);
    const int64_t b = local - offset(local + 26 * hour);
    const auto [early, late] = std::minmax(a, b);
    if (early + offset(early) == local) return early;
    return late;
}

int64_t WindowGrid::floor(int64_t position, int64_t step, int64_t shift) const {
    const int64_t target = clamp(position);
    if (!zone_offset_) {
        const int64_t local = target - shift - phase_;
        return floor_divide(local, step) * step + phase_;
    }
    int64_t local = floor_divide(target + offset(target) - shift - phase_, step) * step + phase_;
    while (at(local + shift) > target)
        local -= step;
    while (at(local + step + shift) <= target)
        local += step;
    return local;
}

int64_t WindowGrid::last_start_of_pane(int64_t pane) const {
    return floor_divide(pane - phase_, hop_) * hop_ + phase_;
}

}  // namespace hw::sql

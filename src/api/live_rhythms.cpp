#include "api/live_rhythms.h"

#include <algorithm>

namespace hw::api {

namespace {

constexpr int64_t ms_ns = 1'000'000;
// Fewer gaps tell no rhythm: what is reported when it changes comes twice at the start and then
// not for hours.
constexpr uint8_t enough = 3;
constexpr int64_t quick_ms = 6'000;
// The console's rule of what is stale (console/src/lib/live.ts).
constexpr int64_t stale_floor_ms = 15'000;
constexpr int64_t stale_factor = 10;
constexpr uint32_t whole_share = 65'535;
constexpr uint32_t way_share = whole_share / 5;

uint32_t clamp_ms(int64_t ms) {
    return static_cast<uint32_t>(std::clamp<int64_t>(ms, 0, UINT32_MAX));
}

// Up by doubling at most, down by a twentieth.
int64_t follow(int64_t before, int64_t gap) {
    const int64_t most = before == 0 ? gap : std::max(2 * before, quick_ms);
    return std::max(std::min(gap, most), before * 19 / 20);
}

}  // namespace

void LiveRhythms::learn(Point& point, int64_t gap_ms) {
    const bool stale = point.gaps >= enough &&
                       gap_ms > std::max(stale_floor_ms, stale_factor * int64_t{point.usual_ms});
    if (stale) {
        const int64_t cycle = gap_ms + point.speaking_ms;
        const auto now = static_cast<int64_t>(whole_share) * gap_ms / cycle;
        point.share = static_cast<uint16_t>(point.share + (now - point.share) / 8);
        point.silence_ms = clamp_ms(follow(point.silence_ms, gap_ms));
        point.speaking_ms = 0;
    } else {
        point.speaking_ms = clamp_ms(point.speaking_ms + gap_ms);
        if (point.silence_ms > 0 && point.speaking_ms > stale_factor * point.silence_ms)
            point.share = 0, point.silence_ms = 0;
    }
    point.usual_ms = clamp_ms(follow(point.usual_ms, gap_ms));
    if (point.gaps < enough) ++point.gaps;
}

void LiveRhythms::add(const model::SampleBatch& batch) {
    MutexLock lock(mutex_);
    for (size_t i = 0; i < batch.size(); ++i) {
        const uint32_t id = batch.points()[i].value();
        if (id >= points_.size()) points_.resize(id + 1024);
        Point& point = points_[id];
        const int64_t time_ms = batch.times_ns()[i] / ms_ns;
        // What comes late says nothing of the gaps.
        if (time_ms <= point.last_ms) continue;
        if (point.last_ms != INT64_MIN) learn(point, time_ms - point.last_ms);
        point.last_ms = time_ms;
    }
}

void LiveRhythms::usual(const std::vector<model::PointId>& ids, std::vector<uint32_t>& out) const {
    out.assign(ids.size(), 0);
    MutexLock lock(mutex_);
    for (size_t i = 0; i < ids.size(); ++i) {
        if (ids[i].value() >= points_.size()) continue;
        const Point& point = points_[ids[i].value()];
        if (point.gaps < enough) continue;
        out[i] =
            point.share >= way_share ? std::max(point.usual_ms, point.silence_ms) : point.usual_ms;
    }
}

}  // namespace hw::api

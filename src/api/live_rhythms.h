#pragma once

#include <cstdint>
#include <vector>

#include "base/mutex.h"
#include "model/point_directory.h"
#include "model/sample_batch.h"

namespace hw::api {

// How long each point is usually silent, learned from the samples that come: what is silent for ten
// times that, at least 15 s, is stale. It follows the longest gaps, forgets them by a twentieth a
// sample, and doubles at most for one gap, so that an outage is not believed to be a rhythm.
//
// What comes in bursts (an alarm that speaks each second for a while, then not for hours) has two
// kinds of gaps. Silences that would be stale count as the point's way where they come again and
// make up a fifth of its time: two in a row without anything between them, or, where it speaks
// longer than it is silent, some eight. They are forgotten after ten times their length without
// one. A device that fails once a day for an hour keeps the rhythm of its samples.
//
// Any thread. 24 bytes a point, some 20 ns a sample; held in memory alone.
class LiveRhythms {
  public:
    void add(const model::SampleBatch& batch);
    // In ms, by place in `ids`; 0: too few samples came to tell.
    void usual(const std::vector<model::PointId>& ids, std::vector<uint32_t>& out) const;

  private:
    struct Point {
        int64_t last_ms = INT64_MIN;  // time of the newest sample
        uint32_t usual_ms = 0;
        uint32_t silence_ms = 0;   // length of the silences; 0: there are none
        uint32_t speaking_ms = 0;  // since the last of them
        uint16_t share = 0;        // of its time that it is silent, in 65536ths
        uint8_t gaps = 0;          // how many were seen, up to enough
    };
    static void learn(Point& point, int64_t gap_ms);

    mutable Mutex mutex_;
    std::vector<Point> points_ HW_LOCKING(guarded_by(mutex_));  // by id
};

}  // namespace hw::api

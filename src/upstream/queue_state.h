#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/bytes.h"
#include "base/error.h"
#include "base/time.h"
#include "io/disk.h"
#include "upstream/gaps.h"
#include "upstream/interval_set.h"

namespace hw::upstream {

// What is known of one segment without reading it.
struct SegmentInfo {
    uint64_t number = 0;
    uint64_t first = 0;  // record numbers
    uint64_t next = 0;   // one behind the last
    uint64_t samples = 0;
    uint64_t acknowledged = 0;  // samples
    uint64_t bytes = 0;
    bool sealed = false;
    Time from;  // when its first and last record were queued
    Time to;

    friend bool operator==(const SegmentInfo&, const SegmentInfo&) = default;
};

// What the edge remembers beside its segments: docs/formats/upstream_queue.md. Losing it costs
// nothing but work: everything in the queue is sent again.
struct QueueState {
    Time saved;
    bool clean = false;  // written by a shutdown
    uint64_t next_record = 1;
    std::vector<Interval> acknowledged;
    std::vector<SegmentInfo> segments;
    std::vector<Gap> gaps;

    friend bool operator==(const QueueState&, const QueueState&) = default;
};

std::string encode_state(const QueueState& state);
Result<QueueState> decode_state(BytesView bytes);

// Replaces the file in one step: after a crash there is the old one or the new one.
Result<void> save_state(io::Disk& disk, const std::string& folder, const std::string& bytes);
// Errors: not_found, corrupt, the disk's.
Result<QueueState> load_state(io::Disk& disk, const std::string& folder);

}  // namespace hw::upstream

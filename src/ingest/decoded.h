#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "model/sample_batch.h"

namespace hw::ingest {

// Why a message gave no samples. `none`: it did; `nothing`: it held nothing to keep (null, {}).
enum class Reason : uint8_t {
    none,
    nothing,
    empty,         // no payload: the clearing of a retained message
    not_text,      // neither UTF-8 nor a format of ours
    text_bytes,    // longer than decode.text_bytes_limit
    number_range,  // a number no double can hold
    json,          // not JSON
    depth,         // over decode.depth_limit
    members,       // over decode.members_limit
    neuron,        // JSON, but not Neuron's
    line,          // no good line of line protocol
    point,         // the path cannot be a point's, or history.points_limit is reached
    batch,         // no sound batch of another Headworks
};
inline constexpr size_t reason_count = 13;
std::string_view to_string(Reason reason);

// The unit of measure a message told.
struct UnitNote {
    model::PointId point;
    std::string unit;
};

struct Decoded {
    model::SampleBatch batch;
    std::vector<UnitNote> units;
};

// Plain counts of one thread; put to Metrics once per round.
struct Tally {
    uint64_t messages = 0;
    uint64_t samples = 0;
    std::array<uint64_t, reason_count> unkept{};   // messages, by reason
    std::array<uint64_t, reason_count> skipped{};  // parts of kept messages, by reason
    uint64_t nulls = 0;
    uint64_t bad_times = 0;
};

}  // namespace hw::ingest

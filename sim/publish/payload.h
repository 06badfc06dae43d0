#pragma once

#include <span>
#include <string>

#include "base/time.h"
#include "sim/publish/reading.h"

namespace hw::sim {

// What a gateway answers for a tag that it could not read: Neuron's code for a failed read.
inline constexpr int neuron_read_failure = 3000;

// Writes the payload of one message into `out` (cleared first). `points` and `readings` are the
// message's own. False when there is nothing to send: a scalar without a reading.
bool render(const MessagePlan& plan, std::span<const PointInfo> points,
            std::span<const Reading> readings, Time time, std::string& out);

// One point with its unit, for its own topic: {"ts","value","quality","unit"}. False without a
// reading or a unit.
bool render_with_unit(const PointInfo& point, const Reading& reading, Time time, std::string& out);

// As a CSV field and a JSON value: numbers with the instrument's decimals, text unquoted.
void append_value(const Reading& reading, std::string& out);
bool has_reading(const Reading& reading);

}  // namespace hw::sim

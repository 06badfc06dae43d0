#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "base/log.h"
#include "base/time.h"

namespace hw {

// One line that log() wrote.
struct LogLine {
    uint64_t number = 0;  // from 1, grows
    Time time;
    LogLevel level = LogLevel::info;
    std::string room;
    std::string message;
};

// log() keeps the last lines that it wrote, this many, each cut at so many bytes.
inline constexpr size_t log_ring_lines = 1'000;
inline constexpr size_t log_ring_line_bytes = 2'000;

// The newest `limit` of those of the level or above that come after a number, oldest first. Any
// thread.
std::vector<LogLine> recent_log(LogLevel least, uint64_t after, size_t limit);
std::string_view to_string(LogLevel level);

}  // namespace hw

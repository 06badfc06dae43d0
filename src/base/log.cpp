#include "base/log.h"

#include <fmt/format.h>

#include <algorithm>
#include <atomic>
#include <cstdio>
#include <deque>

#include "base/clock.h"
#include "base/log_ring.h"
#include "base/mutex.h"

namespace hw {

namespace {

std::atomic<LogLevel> least_level{LogLevel::info};
std::atomic<bool> as_json{false};

std::string json_escaped(std::string_view text) {
    std::string out;
    for (const char c : text) {
        if (c == '"' || c == '\\') {
            out += '\\';
            out += c;
        } else if (static_cast<unsigned char>(c) < 0x20) {
            out += fmt::format("\\u{:04x}", static_cast<unsigned>(c));
        } else {
            out += c;
        }
    }
    return out;
}

// The last lines.
class Ring {
  public:
    void add(Time time, LogLevel level, std::string_view room, std::string_view message) {
        MutexLock lock(mutex_);
        lines_.push_back({++last_, time, level, std::string(room),
                          std::string(message.substr(0, log_ring_line_bytes))});
        if (lines_.size() > log_ring_lines) lines_.pop_front();
    }
    std::vector<LogLine> recent(LogLevel least, uint64_t after, size_t limit) {
        std::vector<LogLine> found;
        MutexLock lock(mutex_);
        for (auto it = lines_.rbegin(); it != lines_.rend() && found.size() < limit; ++it) {
            if (it->number <= after) break;
            if (it->level >= least) found.push_back(*it);
        }
        std::reverse(found.begin(), found.end());
        return found;
    }

  private:
    Mutex mutex_;
    uint64_t last_ HW_LOCKING(guarded_by(mutex_)) = 0;
    std::deque<LogLine> lines_ HW_LOCKING(guarded_by(mutex_));
};

// Never destroyed: threads may log until the very end.
Ring& ring() {
    static Ring* const made = new Ring;
    return *made;
}

}  // namespace

std::string_view to_string(LogLevel level) {
    switch (level) {
        case LogLevel::debug:
            return "debug";
        case LogLevel::info:
            return "info";
        case LogLevel::warning:
            return "warning";
        case LogLevel::error:
            return "error";
    }
    return "error";
}

std::vector<LogLine> recent_log(LogLevel least, uint64_t after, size_t limit) {
    return ring().recent(least, after, limit);
}

Result<LogLevel> parse_log_level(std::string_view text) {
    for (const auto level : {LogLevel::debug, LogLevel::info, LogLevel::warning, LogLevel::error})
        if (to_string(level) == text) return level;
    return fail(ErrorCode::invalid_argument,
                fmt::format("log level '{}' is not one of debug, info, warning, error", text));
}

void set_log(LogLevel least, bool json) {
    least_level = least;
    as_json = json;
}

void log(LogLevel level, std::string_view room, std::string_view message) {
    if (level < least_level.load(std::memory_order_relaxed)) return;
    const Time now{SystemClock().now().ns / 1'000'000 * 1'000'000};
    ring().add(now, level, room, message);
    std::string line;
    if (as_json.load(std::memory_order_relaxed)) {
        line = fmt::format(R"({{"ts":"{}","level":"{}","room":"{}","msg":"{}"}})",
                           format_rfc3339(now), to_string(level), room, json_escaped(message));
    } else {
        line = fmt::format("{} {:<7} {}: {}", format_rfc3339(now), to_string(level), room, message);
    }
    line += '\n';
    // One write, so that lines of several threads do not mix.
    std::fwrite(line.data(), 1, line.size(), stderr);
}

}  // namespace hw

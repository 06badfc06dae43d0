#include "base/log.h"

#include <fmt/format.h>

#include <atomic>
#include <cstdio>

#include "base/clock.h"

namespace hw {

namespace {

std::atomic<LogLevel> least_level{LogLevel::info};
std::atomic<bool> as_json{false};

std::string_view name_of(LogLevel level) {
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

}  // namespace

Result<LogLevel> parse_log_level(std::string_view text) {
    for (const auto level : {LogLevel::debug, LogLevel::info, LogLevel::warning, LogLevel::error})
        if (name_of(level) == text) return level;
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
    std::string line;
    if (as_json.load(std::memory_order_relaxed)) {
        line = fmt::format(R"({{"ts":"{}","level":"{}","room":"{}","msg":"{}"}})",
                           format_rfc3339(now), name_of(level), room, json_escaped(message));
    } else {
        line = fmt::format("{} {:<7} {}: {}", format_rfc3339(now), name_of(level), room, message);
    }
    line += '\n';
    // One write, so that lines of several threads do not mix.
    std::fwrite(line.data(), 1, line.size(), stderr);
}

}  // namespace hw

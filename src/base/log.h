#pragma once

#include <string>
#include <string_view>

#include "base/error.h"

namespace hw {

enum class LogLevel { debug, info, warning, error };

Result<LogLevel> parse_log_level(std::string_view text);

// One line to stderr: time, level, room, message; or one JSON object a line. Any thread.
// Messages are whole sentences built by the caller (fmt); no secret is ever passed here.
void log(LogLevel level, std::string_view room, std::string_view message);
void set_log(LogLevel least, bool json);

inline void log_debug(std::string_view room, std::string_view m) {
    log(LogLevel::debug, room, m);
}
inline void log_info(std::string_view room, std::string_view m) {
    log(LogLevel::info, room, m);
}
inline void log_warning(std::string_view room, std::string_view m) {
    log(LogLevel::warning, room, m);
}
inline void log_error(std::string_view room, std::string_view m) {
    log(LogLevel::error, room, m);
}

}  // namespace hw

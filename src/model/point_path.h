#pragma once

#include <string>
#include <string_view>

#include "base/error.h"

namespace hw::model {

// A point's path is an MQTT topic name: levels parted by '/', UTF-8, no wildcards, no NUL, at most
// 65,535 bytes and `levels_limit` levels. Empty levels are allowed as MQTT allows them.
inline constexpr size_t path_bytes_limit = 65'535;
inline constexpr size_t levels_limit = 128;

Result<void> check_point_path(std::string_view path);
// An MQTT topic filter: '+' and '#' only as whole levels, '#' last.
Result<void> check_filter(std::string_view filter);

// MQTT matching (MQTT 5.0, 4.7): '+' one level, '#' the rest including the parent level; a filter
// that begins with a wildcard does not match a topic that begins with '$'. Both must be valid.
bool matches(std::string_view filter, std::string_view topic);

bool is_utf8(std::string_view text);
// Well-formed UTF-8 without U+0000, as MQTT strings demand (MQTT 5.0, 1.5.4).
bool is_mqtt_text(std::string_view text);

// The text with every byte that is not printable ASCII as \xNN, for error texts.
std::string printable(std::string_view text);

}  // namespace hw::model

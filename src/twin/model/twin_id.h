#pragma once

#include <string_view>

#include "base/error.h"

namespace hw::twin {

// A twin's id is a path as a point's is, and the points below it feed the twin: UTF-8, levels
// parted by '/', none of them empty, no control characters, no wildcards ('+', '#'), no '$' at the
// beginning (filters do not match such paths).
inline constexpr size_t twin_id_bytes_limit = 1'024;
inline constexpr size_t twin_id_levels_limit = 64;

Result<void> check_twin_id(std::string_view id);

// The id's last level: what a twin is called where it has no name.
std::string_view last_level(std::string_view id);

// A name as DTDL v3 has them ("Relationship", "Property": name): letters, digits and '_', a letter
// first, no '_' last. `what` begins the error: "relationship name".
inline constexpr size_t dtdl_name_limit = 512;
Result<void> check_dtdl_name(std::string_view name, std::string_view what);

}  // namespace hw::twin

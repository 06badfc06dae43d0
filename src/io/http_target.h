#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "io/http.h"

namespace hw::io {

// Fills path and query of a request from its target (RFC 9112 section 3.2): origin form, absolute
// form, or "*". False for anything else, for a broken escape and for a path with a NUL.
bool decode_target(std::string_view target, HttpRequest& request);

// "a=1&b=2&flag": names and values decoded, '+' is a space. False for a broken escape.
bool decode_query(std::string_view text, std::vector<std::pair<std::string, std::string>>& query);

}  // namespace hw::io

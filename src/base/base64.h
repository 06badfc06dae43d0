#pragma once

#include <string>
#include <string_view>

#include "base/error.h"

namespace hw {

// RFC 4648, section 4, with padding.
std::string base64(std::string_view bytes);
// Padding may be missing; anything else that is not base64 is invalid_argument.
Result<std::string> from_base64(std::string_view text);

}  // namespace hw

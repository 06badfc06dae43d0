#pragma once

#include <string_view>

#include "base/error.h"

namespace hw::twin {

// The form of a pattern alone (see point_of() in interface.h): every place in it is one we know.
Result<void> check_point_pattern(std::string_view pattern);

}  // namespace hw::twin

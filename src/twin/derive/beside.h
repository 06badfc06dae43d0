#pragma once

#include <string>
#include <string_view>

#include "twin/model/interface.h"

namespace hw::twin {

// The path that `path` means in a slot's expression: a component's speaks of the component's own
// ("speed" in "drive/power" is "drive/speed"), so that it says the same wherever it is used.
inline std::string beside(const Slot& slot, std::string_view path) {
    // Without a component npos + 1 is 0.
    return slot.path.substr(0, slot.path.rfind('/') + 1).append(path);
}

}  // namespace hw::twin

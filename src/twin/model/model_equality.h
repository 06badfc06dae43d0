#pragma once

#include <string>

#include "twin/model/interface.h"

namespace hw::twin {

// What sets two forms of one interface apart, texts for people (displayName, description, comment)
// aside: "its 'speed' has another schema". Empty: nothing. Of inherited contents nothing is said.
std::string first_difference(const Interface& before, const Interface& after);

}  // namespace hw::twin

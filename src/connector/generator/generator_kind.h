#pragma once

#include "connector/connector.h"

namespace hw::connector::generator {

// Made-up messages, for trying rules out and for demonstrations.
const Kind& kind();

}  // namespace hw::connector::generator

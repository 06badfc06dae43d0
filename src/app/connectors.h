#pragma once

#include "connector/connector.h"

namespace hw::app {

// Every kind of foreign system that this program speaks to. Adding one: its folder in connector/,
// its room in CMakeLists.txt and layers.txt, and its line in connectors.cpp.
const connector::Registry& connectors();

}  // namespace hw::app

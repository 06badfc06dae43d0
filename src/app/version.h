#pragma once

#include <string_view>

namespace hw::app {

// From CMake's project(VERSION).
extern const std::string_view version;
// The compiler and the kind of build: "GNU 12.2.0 Release".
extern const std::string_view build;

}  // namespace hw::app

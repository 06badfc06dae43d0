#pragma once

#include <string_view>

namespace hw::app {

// From CMake's project(VERSION).
inline constexpr std::string_view version = HEADWORKS_VERSION;

}  // namespace hw::app

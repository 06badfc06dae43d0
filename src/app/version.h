#pragma once

#include <string_view>

namespace hw::app {

// From CMake's project(VERSION).
extern const std::string_view version;

}  // namespace hw::app

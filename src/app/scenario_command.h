#pragma once

#include <functional>

#include "app/command.h"

namespace hw::app {

// `headworks scenario`: what would be, as tables.
std::function<Exit()> define_scenario(CLI::App& app);

}  // namespace hw::app

#pragma once

#include <functional>

#include "app/command.h"

namespace hw::app {

// The parts of `headworks twin` that look back.
std::function<Exit()> define_twin_diff(CLI::App& app);
std::function<Exit()> define_twin_events(CLI::App& app);
std::function<Exit()> define_twin_when(CLI::App& app);

}  // namespace hw::app

#pragma once

#include <functional>

#include "app/command.h"

namespace hw::app {

// The parts of `headworks twin` that order.
std::function<Exit()> define_twin_set(CLI::App& app);
std::function<Exit()> define_twin_desired(CLI::App& app);
std::function<Exit()> define_twin_order(CLI::App& app);
std::function<Exit()> define_twin_orders(CLI::App& app);

}  // namespace hw::app

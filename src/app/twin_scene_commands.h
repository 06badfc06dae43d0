#pragma once

#include <functional>

#include "app/command.h"

namespace hw::app {

// `headworks twin scene`, a part of `headworks twin`.
std::function<Exit()> define_twin_scene(CLI::App& app);

}  // namespace hw::app

#pragma once

#include <functional>

#include "app/command.h"

namespace hw::app {

// `headworks note`: what people noted down about the works.
std::function<Exit()> define_note(CLI::App& app);

}  // namespace hw::app

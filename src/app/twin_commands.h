#pragma once

#include <functional>
#include <string>
#include <string_view>

#include "app/command.h"

namespace hw::app {

// The parts of `headworks twin`.
std::function<Exit()> define_twin_model(CLI::App& app);
std::function<Exit()> define_twin_import(CLI::App& app);
std::function<Exit()> define_twin_export(CLI::App& app);
std::function<Exit()> define_twin_template(CLI::App& app);

// "/api/v1/twins/works%2Fpump1" and what follows.
std::string twin_target(std::string_view id, std::string_view rest = "");

}  // namespace hw::app

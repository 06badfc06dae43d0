#pragma once

#include <functional>
#include <string>
#include <string_view>

#include "app/command.h"
#include "app/server_client.h"
#include "io/http_client.h"

namespace hw::app {

// The parts of `headworks rule`.
std::function<Exit()> define_rule_test(CLI::App& app);
std::function<Exit()> define_rule_trace(CLI::App& app);

// "/api/v1/rules/r1/metrics".
std::string rule_target(std::string_view id, std::string_view rest = "");

}  // namespace hw::app

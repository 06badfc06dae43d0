#pragma once

#include <functional>
#include <string>

#include "app/command.h"
#include "app/server_client.h"

namespace hw::app {

// The parts of `headworks device`.
std::function<Exit()> define_device_import(CLI::App& app);
std::function<Exit()> define_device_export(CLI::App& app);
std::function<Exit()> define_device_template(CLI::App& app);

// A file, or standard input for "-". Errors name it.
Result<std::string> read_input(const std::string& path);
// "/api/v1/devices/works%2Fplc1".
std::string device_target(std::string_view name, std::string_view rest = "");
// Prints what an import took and what not; partial where rows were left out.
Exit print_import(const io::HttpClientResponse& answer, bool json);

}  // namespace hw::app

#pragma once

#include <functional>

#include "app/command.h"

namespace hw::app {

std::function<Exit()> define_serve(CLI::App& app);
std::function<Exit()> define_points(CLI::App& app);
std::function<Exit()> define_history(CLI::App& app);
std::function<Exit()> define_sql(CLI::App& app);
std::function<Exit()> define_export(CLI::App& app);
std::function<Exit()> define_import(CLI::App& app);
std::function<Exit()> define_pub(CLI::App& app);
std::function<Exit()> define_sub(CLI::App& app);
std::function<Exit()> define_replay(CLI::App& app);
std::function<Exit()> define_bench(CLI::App& app);
std::function<Exit()> define_backup(CLI::App& app);
std::function<Exit()> define_restore(CLI::App& app);
std::function<Exit()> define_upstream(CLI::App& app);
std::function<Exit()> define_devices(CLI::App& app);
std::function<Exit()> define_device(CLI::App& app);
std::function<Exit()> define_rule(CLI::App& app);
std::function<Exit()> define_stream(CLI::App& app);
std::function<Exit()> define_connector(CLI::App& app);
std::function<Exit()> define_twin(CLI::App& app);
std::function<Exit()> define_drivers(CLI::App& app);
std::function<Exit()> define_write(CLI::App& app);
std::function<Exit()> define_user(CLI::App& app);
std::function<Exit()> define_key(CLI::App& app);
std::function<Exit()> define_audit(CLI::App& app);
std::function<Exit()> define_config(CLI::App& app);
std::function<Exit()> define_completion(CLI::App& app);

}  // namespace hw::app

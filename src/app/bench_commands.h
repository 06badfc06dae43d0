#pragma once

#include <functional>

#include "app/command.h"

namespace hw::app {

std::function<Exit()> define_bench_mqtt(CLI::App& app);
std::function<Exit()> define_bench_history(CLI::App& app);
std::function<Exit()> define_bench_write(CLI::App& app);
std::function<Exit()> define_bench_gateway(CLI::App& app);
std::function<Exit()> define_bench_rules(CLI::App& app);
std::function<Exit()> define_bench_twin(CLI::App& app);
std::function<Exit()> define_bench_sql(CLI::App& app);
std::function<Exit()> define_bench_live(CLI::App& app);

}  // namespace hw::app

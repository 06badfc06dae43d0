#pragma once

#include <string>
#include <vector>

#include "base/config.h"

namespace hw::app {

// Every property of every room, in the order of the documentation.
const std::vector<Property>& all_properties();
const std::vector<TableArray>& all_table_arrays();

struct ConfigOptions {
    std::string file;               // --config; empty: none
    std::vector<std::string> sets;  // --set section.key=value
};

// Reads the process's environment (HEADWORKS_...).
Result<Config> load_config(const ConfigOptions& options);

}  // namespace hw::app

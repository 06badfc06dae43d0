#pragma once

#include <functional>
#include <string>
#include <vector>

#include "sim/plant/waterworks.h"

namespace hw::sim {

// One thing that operators may set. Flags are 0 and 1. A set-point that is written takes its loop
// over from the automatic, which its "..._auto" gives back.
struct Setpoint {
    std::string path;  // below the prefix: "plant1/intake/header/flow_setpoint"
    bool is_flag = false;
    std::string unit = {};
    std::string description = {};
    double least = 0;
    double most = 1;
    std::function<double(const Waterworks&)> get;
    std::function<void(Waterworks&, double)> set;
};

// All of them, in the order of the process.
std::vector<Setpoint> make_setpoints();

}  // namespace hw::sim

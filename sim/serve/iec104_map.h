#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "sim/serve/variables.h"

namespace hw::sim {

inline constexpr uint16_t iec104_common_address = 1;

// An information object of the pump station: measured values as short floats from 1001 on, flags
// as single points from 2001 on, totals as counters from 3001 on. What may be written takes its
// command (C_SE_NC_1, C_SC_NA_1) at the address where it is reported.
struct StationObject {
    size_t variable;
    uint32_t address;
    Kind kind;
};

// In ascending order of address.
std::vector<StationObject> make_station_objects(const Variables& variables);

// "1001", "1012#NC" (set-point), "2003#SC" (command)
std::string iec104_address(const StationObject& object, bool writable);

}  // namespace hw::sim

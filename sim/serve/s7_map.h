#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "sim/serve/registers.h"

namespace hw::sim {

// A data block of the treatment PLC: the variables of one area of the works, asset by asset. Reals
// and whole numbers at multiples of four bytes, flags packed.
struct DataBlock {
    uint16_t number;
    std::string area;  // "plant1/coagulation/"
    Memory memory;
};

// DB1 coagulation, DB2 flocculation, DB3 sedimentation, DB4 chlorination.
std::vector<DataBlock> make_data_blocks(Variables& variables);

// "DB1.DBD4", "DB1.DBX24.0"
std::string s7_address(uint16_t db, const Cell& cell);

}  // namespace hw::sim

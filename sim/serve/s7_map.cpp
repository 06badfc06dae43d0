#include "sim/serve/s7_map.h"

#include <fmt/format.h>

#include <algorithm>

namespace hw::sim {

namespace {

void fill(DataBlock& block, const Variables& variables) {
    std::vector<std::string> assets;
    for (const auto& variable : variables.list())
        if (variable.path.starts_with(block.area) &&
            std::find(assets.begin(), assets.end(), variable.asset) == assets.end())
            assets.push_back(variable.asset);
    size_t next = 0;        // byte
    unsigned next_bit = 8;  // of the byte before `next`; 8: none
    for (const auto& asset : assets) {
        for (size_t i = 0; i < variables.list().size(); ++i) {
            const auto& variable = variables.list()[i];
            if (variable.asset != asset) continue;
            const auto type = cell_type(variable.kind);
            if (type == CellType::bit) {
                if (next_bit == 8) {
                    ++next;
                    next_bit = 0;
                }
                block.memory.add(
                    {.variable = i, .byte = next - 1, .bit = next_bit++, .type = type});
                continue;
            }
            next = (next + 3) / 4 * 4;
            next_bit = 8;
            const Cell cell{.variable = i, .byte = next, .type = type};
            block.memory.add(cell);
            next += cell.size();
        }
    }
}

}  // namespace

std::vector<DataBlock> make_data_blocks(Variables& variables) {
    const Memory empty(variables);
    std::vector<DataBlock> blocks{{1, "plant1/coagulation/", empty},
                                  {2, "plant1/flocculation/", empty},
                                  {3, "plant1/sedimentation/", empty},
                                  {4, "plant1/chlorination/", empty}};
    for (auto& block : blocks)
        fill(block, variables);
    return blocks;
}

std::string s7_address(uint16_t db, const Cell& cell) {
    if (cell.type == CellType::bit) return fmt::format("DB{}.DBX{}.{}", db, cell.byte, cell.bit);
    return fmt::format("DB{}.DBD{}", db, cell.byte);
}

}  // namespace hw::sim

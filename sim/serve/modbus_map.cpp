#include "sim/serve/modbus_map.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/assert.h"

namespace hw::sim {

namespace {

constexpr size_t asset_stride = 100;

ModbusArea area_of(const Variable& variable) {
    if (variable.kind == Kind::flag)
        return variable.writable() ? ModbusArea::coil : ModbusArea::discrete_input;
    return variable.writable() ? ModbusArea::holding_register : ModbusArea::input_register;
}

bool is_bits(ModbusArea area) {
    return area == ModbusArea::coil || area == ModbusArea::discrete_input;
}

// Fills one unit asset by asset, so that the cells of each area ascend.
void fill(ModbusUnit& unit, const Variables& variables) {
    std::vector<std::string> assets;
    for (const auto& variable : variables.list())
        if (variable.path.starts_with(unit.area) &&
            std::find(assets.begin(), assets.end(), variable.asset) == assets.end())
            assets.push_back(variable.asset);
    for (size_t a = 0; a < assets.size(); ++a) {
        std::array<size_t, 4> next;
        next.fill(a * asset_stride);
        for (size_t i = 0; i < variables.list().size(); ++i) {
            const auto& variable = variables.list()[i];
            if (variable.asset != assets[a]) continue;
            const auto area = area_of(variable);
            size_t& at = next.at(static_cast<size_t>(area));
            Cell cell{.variable = i, .byte = at * 2, .type = cell_type(variable.kind)};
            if (is_bits(area)) {
                cell.byte = at / 8;
                cell.bit = at % 8;
            }
            unit.memory(area).add(cell);
            at += is_bits(area) ? 1 : cell.size() / 2;
            HW_ASSERT(at <= (a + 1) * asset_stride);
        }
    }
}

}  // namespace

size_t ModbusUnit::size(ModbusArea of) const {
    const auto& cells = memory(of).cells();
    if (cells.empty()) return 0;
    return is_bits(of) ? cells.back().byte * 8 + cells.back().bit + 1 : memory(of).size() / 2;
}

std::vector<ModbusUnit> make_modbus_units(Variables& variables) {
    const Memory empty(variables);
    std::vector<ModbusUnit> units{
        {.number = 1, .area = "plant1/intake/", .memories = {empty, empty, empty, empty}},
        {.number = 2, .area = "plant1/filtration/", .memories = {empty, empty, empty, empty}}};
    for (auto& unit : units)
        fill(unit, variables);
    return units;
}

std::string modbus_address(uint8_t unit, ModbusArea area, const Cell& cell) {
    static constexpr std::array<int, 4> digits{0, 1, 3, 4};
    const size_t offset = is_bits(area) ? cell.byte * 8 + cell.bit : cell.byte / 2;
    auto text = fmt::format("{}!{}{:05}", unit, digits.at(static_cast<size_t>(area)), offset + 1);
    if (cell.type == CellType::text) text += fmt::format(".{}", text_cell_bytes);
    return text;
}

}  // namespace hw::sim

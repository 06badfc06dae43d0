#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <vector>

#include "sim/serve/registers.h"

namespace hw::sim {

// The four areas, in the order of their first digit (0, 1, 3, 4).
enum class ModbusArea : uint8_t { coil, discrete_input, input_register, holding_register };

// One Modbus unit: what may be written in coils and holding registers, the rest in discrete inputs
// and input registers. Each asset begins at a multiple of 100, from 0 on in the order of the walk.
struct ModbusUnit {
    uint8_t number;
    std::string area;                // "plant1/intake/"
    std::array<Memory, 4> memories;  // by ModbusArea; a register is two bytes, a bit area packed

    Memory& memory(ModbusArea of) { return memories.at(static_cast<size_t>(of)); }
    const Memory& memory(ModbusArea of) const { return memories.at(static_cast<size_t>(of)); }
    // How many registers or bits there are.
    size_t size(ModbusArea of) const;
};

// Unit 1: the intake, unit 2: the filters.
std::vector<ModbusUnit> make_modbus_units(Variables& variables);

// "1!400001", "2!300001.16" in Neuron's grammar.
std::string modbus_address(uint8_t unit, ModbusArea area, const Cell& cell);

}  // namespace hw::sim

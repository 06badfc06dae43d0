#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "wire/modbus/address.h"

namespace hw::modbus {

struct PlanLimits {
    uint16_t registers = read_registers_limit;  // of one request, 1 to 125
    uint16_t bits = read_bits_limit;            // of one request, 1 to 2000
    // Registers that nobody asked for, read in between where that saves a request. Of bits, 16
    // times as many.
    uint16_t gap_registers = 16;
};

struct PlanItem {
    uint8_t unit = 1;
    Area area = Area::holding_register;
    uint16_t offset = 0;
    uint16_t count = 1;  // registers or bits
    uint32_t id = 0;     // the caller's
};

// One request: it covers items [first, last) of its plan, each of them whole.
struct Block {
    uint8_t unit = 1;
    Area area = Area::holding_register;
    uint16_t offset = 0;
    uint16_t count = 0;
    uint32_t first = 0;
    uint32_t last = 0;

    friend bool operator==(const Block&, const Block&) = default;
};

struct Plan {
    std::vector<PlanItem> items;     // by unit, area, offset, count
    std::vector<Block> blocks;       // in the same order
    std::vector<PlanItem> too_wide;  // more registers than one request may have
};

// The fewest legal reads that cover every item, and among those plans one that transfers the fewest
// registers or bits. Cost: n log n, and for each item the items that fit into a request with it.
Plan make_plan(std::vector<PlanItem> items, const PlanLimits& limits);

// The same block as two or more, for a device that refuses it: first without its gaps, then in
// halves. Empty where it holds but one range that cannot be parted.
std::vector<Block> split(const Plan& plan, const Block& block);

}  // namespace hw::modbus

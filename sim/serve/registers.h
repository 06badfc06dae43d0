#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/bytes.h"
#include "sim/serve/variables.h"

namespace hw::sim {

enum class CellType : uint8_t {
    real,   // IEEE 754, 32 bits, most significant byte first; a bad reading is NaN
    whole,  // 32 bits, signed, most significant byte first
    bit,
    text,  // 16 characters, filled with zeros
};
inline constexpr size_t text_cell_bytes = 16;

// One variable in a memory: its first byte, and of a bit which one.
struct Cell {
    size_t variable;
    size_t byte;
    unsigned bit = 0;
    CellType type;

    size_t size() const;  // bytes; of a bit 1
};

enum class WriteOutcome : uint8_t {
    done,
    no_such_address,  // a byte that no cell holds, or a part of a cell
    read_only,
    bad_value,  // not within the set-point's limits
};

// A device's memory bound to the works: the data block of a PLC, the registers of a Modbus area.
// Reads see the variables as they are at that moment; gaps between the cells are zero. A write is
// taken whole or not at all.
class Memory {
  public:
    explicit Memory(Variables& variables) : variables_(&variables) {}

    // Cells in ascending order and without overlap (asserted).
    void add(const Cell& cell);
    const std::vector<Cell>& cells() const { return cells_; }
    size_t size() const { return size_; }  // bytes

    // [first, first + count) must lie within size() (asserted).
    std::string read(size_t first, size_t count) const;
    bool read_bit(size_t byte, unsigned bit) const;
    // Every byte must belong to a cell that is wholly within.
    WriteOutcome write(size_t first, BytesView bytes);
    WriteOutcome write_bit(size_t byte, unsigned bit, bool value);

  private:
    struct Write {
        size_t variable;
        double value;
    };
    void encode(const Cell& cell, std::string& image, size_t first) const;
    WriteOutcome apply(const std::vector<Write>& writes);

    Variables* variables_;
    std::vector<Cell> cells_;
    size_t size_ = 0;
};

// What a variable takes in a memory.
CellType cell_type(Kind kind);

}  // namespace hw::sim

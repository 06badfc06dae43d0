#pragma once

#include <cstdint>

namespace hw::history::ints_form {

// The head byte of packed integers (docs/formats/chunk_ints.md).
inline constexpr uint8_t packing_mask = 0x03;
inline constexpr uint8_t packing_constant = 0;
inline constexpr uint8_t packing_bits = 1;
inline constexpr uint8_t packing_coded = 2;
inline constexpr uint8_t packing_runs = 3;
inline constexpr unsigned order_shift = 2;  // two bits: 0 numbers, 1 differences, 2 theirs
inline constexpr uint8_t order_mask = 0x03;
inline constexpr uint8_t has_step = 0x10;
inline constexpr uint8_t known_bits = 0x1f;

inline constexpr unsigned code_bits = 8;
inline constexpr unsigned order_limit = 2;

}  // namespace hw::history::ints_form

#pragma once

#include <cstdint>
#include <span>
#include <string>

#include "base/bytes.h"

namespace hw::history {

// Numbers of `width` (0 to 64) bits one after the other, least bit first, the last byte filled with
// zeros. Above 56 bits the low 32 of all come first, then the rest.
size_t packed_bits_bytes(size_t count, unsigned width);
// Appends the low `width` bits of each.
void pack_bits(std::span<const uint64_t> numbers, unsigned width, std::string& out);
// Fills all of `out`; fails the reader if too few bytes are left. About 0.7 ns a number.
void unpack_bits(ByteReader& in, unsigned width, std::span<uint64_t> out);

}  // namespace hw::history

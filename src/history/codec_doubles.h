#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "base/bytes.h"
#include "history/codec_ints.h"

namespace hw::history {

// Packs doubles, given as their bits, without loss (docs/formats/chunk_doubles.md): as integers
// over a power of ten where nearly all are such (measurements are), the same of single precision,
// or as their bits in numerical order; the values that do not fit (NaN, infinities, -0) apart.
class DoublesPacker {
  public:
    void pack(std::span<const uint64_t> values, IntsPacker& ints, std::string& out);

  private:
    bool try_decimals(std::span<const uint64_t> values, unsigned decimals, bool single);
    void take_bits(std::span<const uint64_t> values);
    void fill_exceptions();

    std::vector<int64_t> integers_;
    std::vector<uint8_t> fits_;
    std::vector<int64_t> exception_at_;
    std::vector<int64_t> exception_bits_;
};

class DoublesUnpacker {
  public:
    // Fills all of `out` with the doubles' bits. Bytes that do not yield that fail the reader.
    void unpack(ByteReader& in, IntsUnpacker& ints, std::span<uint64_t> out);

  private:
    std::vector<int64_t> exception_at_;
    std::vector<int64_t> exception_bits_;
};

}  // namespace hw::history

#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "base/bytes.h"
#include "history/codec_bytes.h"

namespace hw::history {

// Packs a run of int64 without loss into the cheapest of several forms
// (docs/formats/chunk_ints.md): a common step is divided out; of the numbers, their differences or
// the differences of those the cheapest is taken; that goes as a constant, as runs, as plain bits,
// or as a middle value, a byte of entropy-coded high bits and plain low bits, with outliers apart.
// All arithmetic wraps, so any int64 is fine. One thread at a time; reuses its buffers; about 15 ns
// a number.
class IntsPacker {
  public:
    void pack(std::span<const int64_t> numbers, std::string& out);
    BytePacker& bytes() { return bytes_; }

  private:
    struct Plan;
    Plan plan(std::span<const uint64_t> numbers);
    Plan plan_coded(std::span<const uint64_t> numbers, uint64_t middle);
    void pack_residuals(std::span<const uint64_t> numbers, const Plan& plan, std::string& out);
    void pack_coded(std::span<const uint64_t> numbers, const Plan& plan, std::string& out);
    void pack_runs(std::span<const uint64_t> numbers, std::string& out);

    BytePacker bytes_;
    std::array<std::vector<uint64_t>, 3> stages_;  // numbers, differences, their differences
    std::vector<uint64_t> work_;
    std::vector<uint8_t> codes_;
    std::vector<uint32_t> escapes_;
};

class IntsUnpacker {
  public:
    // Fills all of `out`. Bytes that do not yield exactly that fail the reader.
    void unpack(ByteReader& in, std::span<int64_t> out);
    ByteUnpacker& bytes() { return bytes_; }

  private:
    void unpack_residuals(ByteReader& in, uint8_t packing, std::span<uint64_t> out);
    void unpack_coded(ByteReader& in, std::span<uint64_t> out);
    static void unpack_runs(ByteReader& in, std::span<uint64_t> out);

    ByteUnpacker bytes_;
    std::vector<uint8_t> codes_;
};

}  // namespace hw::history

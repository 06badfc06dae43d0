#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "base/bytes.h"

namespace hw::history {

// How bytes are expected to compress: noise of few symbols (entropy coding alone, no search for
// repeats, about twice as fast) or text.
enum class ByteKind { noise, text };

// Packs bytes into the smallest of: as they are, one repeated byte, zstd
// (docs/formats/chunk_bytes.md). Holds its zstd contexts; one thread at a time.
class BytePacker {
  public:
    BytePacker();
    ~BytePacker();
    void pack(std::span<const uint8_t> bytes, ByteKind kind, std::string& out);

  private:
    struct Contexts;
    std::unique_ptr<Contexts> contexts_;
    std::vector<char> buffer_;
};

class ByteUnpacker {
  public:
    ByteUnpacker();
    ~ByteUnpacker();
    // Fills all of `out`. Bytes that do not yield exactly that fail the reader.
    void unpack(ByteReader& in, std::span<uint8_t> out);

  private:
    struct Context;
    std::unique_ptr<Context> context_;
};

}  // namespace hw::history

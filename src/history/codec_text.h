#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.h"
#include "history/codec_ints.h"

namespace hw::history {

// Packs texts (or bytes) as the distinct ones, lengths and content apart, and each row's number
// among them (docs/formats/chunk_text.md).
class TextPacker {
  public:
    // Returns how many bytes the distinct texts have.
    size_t pack(std::span<const std::string_view> texts, IntsPacker& ints, std::string& out);

  private:
    uint32_t find(std::string_view text);

    std::vector<uint32_t> slots_;  // open addressing; a distinct text's number + 1, 0 is free
    std::vector<std::string_view> distinct_;
    std::vector<int64_t> numbers_;
    std::string content_;
};

class TextUnpacker {
  public:
    // Appends the distinct texts to the arena, and sets each of `out` to offset << 32 | length.
    // Fails the reader on bytes that do not yield that, and on more than `arena_bytes_limit` in
    // the arena.
    void unpack(ByteReader& in, IntsUnpacker& ints, size_t arena_bytes_limit, std::string& arena,
                std::span<uint64_t> out);

  private:
    std::vector<int64_t> lengths_;
    std::vector<int64_t> numbers_;
    std::vector<uint64_t> places_;
};

}  // namespace hw::history

#include "history/codec_bits.h"

#include <algorithm>
#include <array>
#include <cstring>

#include "base/assert.h"

namespace hw::history {

namespace {

constexpr unsigned word_bytes = 8;
constexpr unsigned width_limit = 56;  // a number and its shift below 8 fit one word
constexpr unsigned split_bits = 32;

uint64_t mask_of(unsigned width) {
    return width == 64 ? ~uint64_t{0} : (uint64_t{1} << width) - 1;
}

size_t bits_bytes(size_t count, unsigned width) {
    return (count * width + 7) / 8;
}

uint64_t load(const uint8_t* at) {
    uint64_t word;
    std::memcpy(&word, at, word_bytes);
    return word;
}

void pack_narrow(std::span<const uint64_t> numbers, unsigned shift, unsigned width,
                 std::string& out) {
    const size_t begin = out.size();
    const size_t bytes = bits_bytes(numbers.size(), width);
    out.resize(begin + bytes + word_bytes);
    char* const base = out.data() + begin;
    const uint64_t mask = mask_of(width);
    uint64_t word = 0;
    size_t at = 0;
    unsigned filled = 0;
    for (const uint64_t number : numbers) {
        word |= ((number >> shift) & mask) << filled;
        std::memcpy(base + at, &word, word_bytes);
        filled += width;
        at += filled / 8;
        word >>= filled / 8 * 8;
        filled %= 8;
    }
    std::memcpy(base + at, &word, word_bytes);
    out.resize(begin + bytes);
}

// Reads numbers [from, to), whose words must all lie within the bytes.
void unpack_words(const uint8_t* bytes, size_t from, size_t to, unsigned width, uint64_t* out) {
    const uint64_t mask = mask_of(width);
    size_t bit = from * width;
    for (size_t i = from; i < to; ++i, bit += width)
        out[i] = (load(bytes + (bit >> 3)) >> (bit & 7)) & mask;
}

void unpack_narrow(ByteReader& in, unsigned width, std::span<uint64_t> out) {
    const BytesView view = in.bytes(bits_bytes(out.size(), width));
    if (in.failed()) return;
    if (width == 0) {
        std::fill(out.begin(), out.end(), 0);
        return;
    }
    const auto* bytes = reinterpret_cast<const uint8_t*>(view.data());
    const size_t safe_bits = view.size() >= word_bytes ? (view.size() - word_bytes) * 8 : 0;
    const size_t safe =
        view.size() >= word_bytes ? std::min(out.size(), safe_bits / width + 1) : size_t{0};
    unpack_words(bytes, 0, safe, width, out.data());
    // The last numbers, from a copy that may be read past its end.
    const size_t tail = safe * width / 8;
    if (safe == out.size()) return;
    std::array<uint8_t, 3 * word_bytes> copy{};
    HW_ASSERT(view.size() - tail <= 2 * word_bytes);
    std::memcpy(copy.data(), bytes + tail, view.size() - tail);
    for (size_t i = safe; i < out.size(); ++i) {
        const size_t bit = i * width - tail * 8;
        out[i] = (load(copy.data() + (bit >> 3)) >> (bit & 7)) & mask_of(width);
    }
}

}  // namespace

size_t packed_bits_bytes(size_t count, unsigned width) {
    if (width <= width_limit) return bits_bytes(count, width);
    return bits_bytes(count, split_bits) + bits_bytes(count, width - split_bits);
}

void pack_bits(std::span<const uint64_t> numbers, unsigned width, std::string& out) {
    HW_ASSERT(width <= 64);
    if (width == 0) return;
    if (width <= width_limit) {
        pack_narrow(numbers, 0, width, out);
        return;
    }
    pack_narrow(numbers, 0, split_bits, out);
    pack_narrow(numbers, split_bits, width - split_bits, out);
}

void unpack_bits(ByteReader& in, unsigned width, std::span<uint64_t> out) {
    HW_ASSERT(width <= 64);
    if (width <= width_limit) {
        unpack_narrow(in, width, out);
        return;
    }
    // The two parts are read together, so that no second buffer is needed.
    const BytesView low = in.bytes(bits_bytes(out.size(), split_bits));
    const BytesView high = in.bytes(bits_bytes(out.size(), width - split_bits));
    if (in.failed()) return;
    ByteReader high_reader(high);
    unpack_narrow(high_reader, width - split_bits, out);
    const auto* words = reinterpret_cast<const uint8_t*>(low.data());
    for (size_t i = 0; i < out.size(); ++i) {
        uint32_t word;
        std::memcpy(&word, words + i * 4, 4);
        out[i] = out[i] << split_bits | word;
    }
}

}  // namespace hw::history

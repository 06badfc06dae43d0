#include "history/codec_text.h"

#include <xxhash.h>

#include <bit>

namespace hw::history {

uint32_t TextPacker::find(std::string_view text) {
    const size_t mask = slots_.size() - 1;
    for (size_t slot = XXH3_64bits(text.data(), text.size()) & mask;; slot = (slot + 1) & mask) {
        if (slots_[slot] == 0) {
            distinct_.push_back(text);
            slots_[slot] = static_cast<uint32_t>(distinct_.size());
        }
        const uint32_t number = slots_[slot] - 1;
        if (distinct_[number] == text) return number;
    }
}

size_t TextPacker::pack(std::span<const std::string_view> texts, IntsPacker& ints,
                        std::string& out) {
    if (texts.empty()) return 0;
    slots_.assign(std::bit_ceil(texts.size() * 2), 0);
    distinct_.clear();
    numbers_.clear();
    for (const std::string_view text : texts)
        numbers_.push_back(find(text));
    ByteWriter writer(out);
    writer.varint(distinct_.size());
    if (distinct_.size() < texts.size()) ints.pack(numbers_, out);
    numbers_.clear();
    content_.clear();
    for (const std::string_view text : distinct_) {
        numbers_.push_back(static_cast<int64_t>(text.size()));
        content_ += text;
    }
    ints.pack(numbers_, out);
    const std::span bytes{reinterpret_cast<const uint8_t*>(content_.data()), content_.size()};
    ints.bytes().pack(bytes, ByteKind::text, out);
    return content_.size();
}

void TextUnpacker::unpack(ByteReader& in, IntsUnpacker& ints, size_t arena_bytes_limit,
                          std::string& arena, std::span<uint64_t> out) {
    if (out.empty()) return;
    const uint64_t distinct = in.varint();
    if (in.failed() || distinct == 0 || distinct > out.size()) {
        in.fail();
        return;
    }
    numbers_.resize(distinct < out.size() ? out.size() : 0);
    ints.unpack(in, numbers_);
    lengths_.resize(distinct);
    ints.unpack(in, lengths_);
    if (in.failed()) return;
    places_.resize(distinct);
    size_t end = arena.size();
    for (size_t i = 0; i < distinct; ++i) {
        const auto length = static_cast<uint64_t>(lengths_[i]);
        if (length > arena_bytes_limit - end) {
            in.fail();
            return;
        }
        places_[i] = static_cast<uint64_t>(end) << 32 | length;
        end += length;
    }
    const size_t begin = arena.size();
    arena.resize(end);
    ints.bytes().unpack(in, {reinterpret_cast<uint8_t*>(arena.data()) + begin, end - begin});
    for (size_t i = 0; i < out.size(); ++i) {
        const uint64_t number = numbers_.empty() ? i : static_cast<uint64_t>(numbers_[i]);
        if (number >= distinct) {
            in.fail();
            return;
        }
        out[i] = places_[number];
    }
}

}  // namespace hw::history

#include <cstdint>
#include <cstring>

#include "wire/mqtt/codec.h"

namespace hw::mqtt {
namespace {

// Sixteen bytes at once; the compilers turn this into SSE2 or NEON.
using Lanes [[gnu::vector_size(16)]] = signed char;

// Lanes of -1 where the byte is harmless. As signed numbers both U+0000 and all beyond ASCII are
// not positive.
struct PlainText {
    static Lanes of(Lanes bytes) { return bytes > Lanes{}; }
};

// The same, without the wildcards: '+' and '#' differ in the bit 0x08 alone.
struct PlainTopic {
    static Lanes of(Lanes bytes) { return (bytes > Lanes{}) & ((bytes & ~0x08) != '#'); }
};
static_assert(('+' & ~0x08) == '#');

Lanes load(const char* at) {
    Lanes lanes;
    std::memcpy(&lanes, at, sizeof(lanes));
    return lanes;
}

// Up to 16 bytes; the other lanes repeat them or are harmless.
Lanes load_short(const char* at, size_t size) {
    constexpr size_t half = 8;
    char bytes[2 * half] = {'a', 'a', 'a', 'a', 'a', 'a', 'a', 'a',
                            'a', 'a', 'a', 'a', 'a', 'a', 'a', 'a'};
    if (size >= half) {
        std::memcpy(bytes, at, half);
        std::memcpy(bytes + half, at + size - half, half);
    } else {
        for (size_t i = 0; i < size; ++i)
            bytes[i] = at[i];
    }
    return load(bytes);
}

bool all_set(Lanes lanes) {
    uint64_t halves[2];
    std::memcpy(halves, &lanes, sizeof(halves));
    return (halves[0] & halves[1]) == ~uint64_t{0};
}

// True if no byte is suspicious; the last sixteen overlap. Topics and client ids are nearly always
// plain ASCII, so this decides most of them in a few instructions.
template <class Plain>
bool all_plain(std::string_view text) {
    const char* at = text.data();
    if (text.size() < sizeof(Lanes)) return all_set(Plain::of(load_short(at, text.size())));
    const char* const last = at + text.size() - sizeof(Lanes);
    Lanes good = Plain::of(load(last));
    for (; at < last; at += sizeof(Lanes))
        good &= Plain::of(load(at));
    return all_set(good);
}

bool continuation(unsigned char byte) {
    return (byte & 0xc0) == 0x80;
}

// The length of the well-formed character at `at` (Unicode 15, table 3-7), or 0.
size_t character_length(const unsigned char* at, size_t left) {
    const unsigned char lead = at[0];
    if (lead == 0) return 0;
    if (lead < 0x80) return 1;
    if (lead < 0xc2) return 0;  // a continuation, or an overlong form of two
    if (lead < 0xe0) return left >= 2 && continuation(at[1]) ? 2 : 0;
    if (lead < 0xf0) {
        if (left < 3 || !continuation(at[1]) || !continuation(at[2])) return 0;
        if (lead == 0xe0 && at[1] < 0xa0) return 0;   // overlong
        if (lead == 0xed && at[1] >= 0xa0) return 0;  // surrogates
        return 3;
    }
    if (lead > 0xf4 || left < 4) return 0;
    if (!continuation(at[1]) || !continuation(at[2]) || !continuation(at[3])) return 0;
    if (lead == 0xf0 && at[1] < 0x90) return 0;   // overlong
    if (lead == 0xf4 && at[1] >= 0x90) return 0;  // over U+10FFFF
    return 4;
}

bool valid_characters(std::string_view text) {
    const auto* at = reinterpret_cast<const unsigned char*>(text.data());
    size_t left = text.size();
    while (left > 0) {
        const size_t length = character_length(at, left);
        if (length == 0) return false;
        at += length;
        left -= length;
    }
    return true;
}

// '+' fills its level [MQTT-4.7.1-2]; '#' fills the last level [MQTT-4.7.1-1].
bool valid_wildcards(std::string_view filter) {
    for (size_t i = 0; i < filter.size(); ++i) {
        if (filter[i] != '+' && filter[i] != '#') continue;
        const bool last = i + 1 == filter.size();
        if (i > 0 && filter[i - 1] != '/') return false;
        if (filter[i] == '#' && !last) return false;
        if (filter[i] == '+' && !last && filter[i + 1] != '/') return false;
    }
    return true;
}

}  // namespace

bool valid_text(std::string_view text) {
    return all_plain<PlainText>(text) || valid_characters(text);
}

bool valid_topic_name(std::string_view topic) {
    if (topic.empty() || topic.size() > text_bytes_max) return false;
    if (all_plain<PlainTopic>(topic)) return true;
    return topic.find_first_of("+#") == std::string_view::npos && valid_characters(topic);
}

bool valid_topic_filter(std::string_view filter) {
    if (filter.empty() || filter.size() > text_bytes_max) return false;
    if (!valid_text(filter)) return false;
    constexpr std::string_view share = "$share/";
    if (!filter.starts_with(share)) return valid_wildcards(filter);
    filter.remove_prefix(share.size());
    const size_t slash = filter.find('/');
    if (slash == std::string_view::npos || slash == 0) return false;  // [MQTT-4.8.2-1, 4.8.2-2]
    if (filter.substr(0, slash).find_first_of("+#") != std::string_view::npos) return false;
    filter.remove_prefix(slash + 1);
    return !filter.empty() && valid_wildcards(filter);
}

}  // namespace hw::mqtt

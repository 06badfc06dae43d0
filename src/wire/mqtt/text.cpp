#include <cstdint>
#include <cstring>

#include "wire/mqtt/codec.h"

namespace hw::mqtt {
namespace {

constexpr uint64_t ones = 0x0101010101010101;
constexpr uint64_t highs = 0x8080808080808080;

// Each sets the high bit of some byte if any byte of the word is suspicious. A byte that is zero
// borrows when one is taken from it, and without bytes beyond ASCII nothing else does; so as a yes
// or no for the whole word this is exact.

// Beyond ASCII, or U+0000.
struct NotPlainText {
    static constexpr uint64_t of(uint64_t word) { return word | (word - ones); }
};

// The same, and the wildcards. '+' and '#' differ in the bit 0x08 alone, so one test finds both.
struct NotPlainTopic {
    static constexpr uint64_t of(uint64_t word) {
        return word | (word - ones) | (((word & ~(ones * 0x08)) ^ (ones * '#')) - ones);
    }
};
static_assert(('+' & ~0x08) == '#');

// True if no byte is suspicious: eight at a time, the last eight overlapping. Topics and client ids
// are nearly always plain ASCII, so this decides most of them in a few instructions.
template <class Suspicious>
bool all_plain(std::string_view text) {
    const char* at = text.data();
    size_t left = text.size();
    uint64_t word = 0;
    if (left < sizeof(word)) {
        word = ones * 'a';
        std::memcpy(&word, at, left);
        return (Suspicious::of(word) & highs) == 0;
    }
    uint64_t found = 0;
    for (; left > sizeof(word); at += sizeof(word), left -= sizeof(word)) {
        std::memcpy(&word, at, sizeof(word));
        found |= Suspicious::of(word);
    }
    std::memcpy(&word, at + left - sizeof(word), sizeof(word));
    return ((found | Suspicious::of(word)) & highs) == 0;
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
    return all_plain<NotPlainText>(text) || valid_characters(text);
}

bool valid_topic_name(std::string_view topic) {
    if (topic.empty() || topic.size() > text_bytes_max) return false;
    if (all_plain<NotPlainTopic>(topic)) return true;
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

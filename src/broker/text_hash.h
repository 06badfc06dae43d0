#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <unordered_map>

namespace hw::broker {

// XXH3, 64 bits.
uint64_t hash_text(std::string_view text);

// So that maps keyed by string can be asked with a view.
struct TextHash {
    using is_transparent = void;
    size_t operator()(std::string_view text) const { return hash_text(text); }
};

struct TextEqual {
    using is_transparent = void;
    bool operator()(std::string_view a, std::string_view b) const { return a == b; }
};

template <class T>
using TextMap = std::unordered_map<std::string, T, TextHash, TextEqual>;

}  // namespace hw::broker

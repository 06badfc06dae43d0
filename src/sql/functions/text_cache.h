#pragma once

#include <cstddef>
#include <functional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>

namespace hw::sql {

// What was made of the last texts (patterns, paths, programs). Holds between `limit` and twice as
// many: when the young half is full it becomes the old half, and what nobody asked for since goes.
// One thread: meant to be thread_local.
template <class T>
class TextCache {
  public:
    explicit TextCache(size_t limit) : limit_(limit) {}

    // nullptr: not there. Valid until the next put.
    T* find(std::string_view text) {
        if (const auto at = young_.find(text); at != young_.end()) return &at->second;
        const auto at = old_.find(text);
        if (at == old_.end()) return nullptr;
        return &young_.insert(old_.extract(at)).position->second;
    }
    T& put(std::string_view text, T value) {
        if (young_.size() >= limit_) old_ = std::exchange(young_, {});
        return young_.insert_or_assign(std::string(text), std::move(value)).first->second;
    }
    void erase(std::string_view text) {
        if (const auto at = young_.find(text); at != young_.end()) young_.erase(at);
    }

  private:
    struct Hash {
        using is_transparent = void;
        size_t operator()(std::string_view text) const {
            return std::hash<std::string_view>()(text);
        }
    };
    using Map = std::unordered_map<std::string, T, Hash, std::equal_to<>>;

    size_t limit_;
    Map young_;
    Map old_;
};

}  // namespace hw::sql

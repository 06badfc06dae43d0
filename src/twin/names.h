#pragma once

#include <cstdint>
#include <deque>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>

namespace hw::twin {

// Texts that occur often, as numbers from 0; never freed. One owner.
class Names {
  public:
    uint32_t intern(std::string_view text) {
        const auto at = numbers_.find(text);
        if (at != numbers_.end()) return at->second;
        const auto number = static_cast<uint32_t>(texts_.size());
        numbers_.emplace(texts_.emplace_back(text), number);
        return number;
    }
    std::optional<uint32_t> find(std::string_view text) const {
        const auto at = numbers_.find(text);
        if (at == numbers_.end()) return std::nullopt;
        return at->second;
    }
    const std::string& text(uint32_t number) const { return texts_[number]; }
    size_t size() const { return texts_.size(); }

  private:
    std::deque<std::string> texts_;
    std::unordered_map<std::string_view, uint32_t> numbers_;
};

}  // namespace hw::twin

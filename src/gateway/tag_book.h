#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "gateway/tag.h"

namespace hw::gateway {

// Many tags' configuration in little room: some 30 bytes a tag of short texts, where a TagSpec has
// 250. Two tags are the same where their bytes are. Read when somebody asks, not on the way of the
// data. One thread.
class TagBook {
  public:
    void reserve(size_t tags) { ends_.reserve(tags); }
    void add(const TagSpec& tag);
    size_t size() const { return ends_.size(); }
    TagSpec get(size_t i) const;
    std::string_view name(size_t i) const;
    std::string_view bytes(size_t i) const {
        const size_t begin = i == 0 ? 0 : ends_[i - 1];
        return std::string_view(bytes_).substr(begin, ends_[i] - begin);
    }
    void shrink() {
        bytes_.shrink_to_fit();
        ends_.shrink_to_fit();
    }

  private:
    std::string bytes_;
    std::vector<uint32_t> ends_;
};

}  // namespace hw::gateway

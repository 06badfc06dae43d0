#pragma once

#include <map>
#include <string>
#include <utility>

#include "base/bytes.h"
#include "wire/s7/server_codec.h"

namespace hw::s7 {

// For tests: areas of bytes, as a CPU has them. Timers and counters by two bytes each.
class TestMemory final : public ServerMemory {
  public:
    std::string& area(Area area, uint16_t db = 0) { return areas_[{area, db}]; }

    ReturnCode read(const ItemAddress& item, std::string& out) override {
        ++reads;
        size_t begin = 0;
        const size_t size = bytes_of(item.size) * size_t{item.count};
        std::string* const bytes = find(item, size, begin);
        if (bytes == nullptr) return failure_;
        if (item.size == ItemSize::bit)
            out += static_cast<char>((*bytes)[begin] >> item.bit & 1);
        else
            out += bytes->substr(begin, size);
        return ReturnCode::success;
    }
    ReturnCode write(const ItemAddress& item, BytesView data) override {
        ++writes;
        size_t begin = 0;
        std::string* const bytes = find(item, data.size(), begin);
        if (bytes == nullptr) return failure_;
        if (item.size == ItemSize::bit) {
            const auto mask = static_cast<char>(1 << item.bit);
            (*bytes)[begin] = static_cast<char>(data[0] != std::byte{0} ? (*bytes)[begin] | mask
                                                                        : (*bytes)[begin] & ~mask);
        } else {
            bytes->replace(begin, data.size(), as_text(data));
        }
        return ReturnCode::success;
    }

    int reads = 0;  // items
    int writes = 0;

  private:
    std::string* find(const ItemAddress& item, size_t size, size_t& begin) {
        const auto found = areas_.find({item.area, item.db});
        failure_ = ReturnCode::object_does_not_exist;
        if (found == areas_.end()) return nullptr;
        begin = is_numbered(item.area) ? item.start * size_t{2} : item.start;
        failure_ = ReturnCode::address_out_of_range;
        if (begin + size > found->second.size()) return nullptr;
        return &found->second;
    }

    std::map<std::pair<Area, uint16_t>, std::string> areas_;
    ReturnCode failure_ = ReturnCode::success;
};

}  // namespace hw::s7

#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "gateway/device_store.h"
#include "gateway/tag_book.h"

namespace hw::gateway {

// A stored device in little room, see TagBook. Unpacking takes about 0.3 us a tag. Immutable.
class PackedDevice {
  public:
    explicit PackedDevice(const StoredDevice& device);
    std::shared_ptr<const StoredDevice> unpack() const;

  private:
    StoredDevice head_;  // its groups have no tags
    std::vector<uint32_t> counts_;
    TagBook tags_;
};

}  // namespace hw::gateway

#include "gateway/packed_device.h"

namespace hw::gateway {

PackedDevice::PackedDevice(const StoredDevice& device)
    : head_{{device.spec.name,
             device.spec.driver,
             device.spec.description,
             device.spec.enabled,
             device.spec.settings,
             {}},
            device.origin,
            device.revision,
            device.problem} {
    for (const auto& group : device.spec.groups) {
        head_.spec.groups.push_back({group.name, group.interval, {}});
        counts_.push_back(static_cast<uint32_t>(group.tags.size()));
        for (const auto& tag : group.tags)
            tags_.add(tag);
    }
    tags_.shrink();
}

std::shared_ptr<const StoredDevice> PackedDevice::unpack() const {
    auto device = std::make_shared<StoredDevice>(head_);
    size_t next = 0;
    for (size_t g = 0; g < counts_.size(); ++g) {
        auto& tags = device->spec.groups[g].tags;
        tags.reserve(counts_[g]);
        for (uint32_t t = 0; t < counts_[g]; ++t)
            tags.push_back(tags_.get(next++));
    }
    return device;
}

}  // namespace hw::gateway

#include "gateway/device_csv.h"

#include <cstddef>
#include <cstdint>

#include "base/assert.h"
#include "model/point_path.h"

// Whatever is read is written so that it reads the same.
extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
    const std::string_view text(reinterpret_cast<const char*>(data), size);
    if (!hw::model::is_utf8(text)) return 0;
    const auto table = hw::gateway::read_tag_table(text, "works/plc1");
    if (!table) return 0;
    std::vector<hw::gateway::DeviceSpec> devices;
    std::vector<const hw::gateway::DeviceSpec*> all;
    for (const auto& row : table->rows) {
        auto& device = devices.emplace_back();
        device.name = row.device;
        device.groups.push_back({row.group, row.interval.value_or(hw::seconds(1)), {row.tag}});
    }
    for (const auto& device : devices)
        all.push_back(&device);
    const auto again = hw::gateway::read_tag_table(hw::gateway::write_tag_table(all), "");
    HW_ASSERT(again.has_value());
    HW_ASSERT(again->errors.empty());
    HW_ASSERT(again->rows.size() == table->rows.size());
    for (size_t i = 0; i < again->rows.size(); ++i)
        HW_ASSERT(again->rows[i].tag == table->rows[i].tag);
    return 0;
}

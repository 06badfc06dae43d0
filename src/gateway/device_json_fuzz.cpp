#include "gateway/device_json.h"

#include <cstddef>
#include <cstdint>

#include "base/assert.h"
#include "gateway/device_files.h"

// Whatever is read is written so that it reads the same; the same text as TOML does no harm.
extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
    const std::string_view text(reinterpret_cast<const char*>(data), size);
    if (const auto devices = hw::gateway::read_devices(text)) {
        for (const auto& device : *devices) {
            if (!device) continue;
            const auto again = hw::gateway::read_device(hw::gateway::device_text(*device));
            HW_ASSERT(again.has_value());
            HW_ASSERT(*again == *device);
        }
    }
    if (const auto device = hw::gateway::parse_device_toml(text, "fuzz.toml"))
        HW_ASSERT(!device->name.empty());
    return 0;
}

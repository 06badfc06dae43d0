#include <cstddef>
#include <cstdint>
#include <string>

#include "base/assert.h"
#include "connector/stored_item.h"

// Any bytes as a row of a buffer: what is read is written to bytes that read the same.
extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
    const std::string bytes(reinterpret_cast<const char*>(data), size);
    const auto stored = hw::connector::load_item(bytes);
    if (!stored) return 0;
    std::string again;
    hw::connector::save_item(again, stored->item, stored->queued);
    const auto reread = hw::connector::load_item(again);
    HW_ASSERT(reread && reread->item.row == stored->item.row &&
              reread->item.sequence == stored->item.sequence && reread->queued == stored->queued);
    return 0;
}

#include <cstddef>
#include <cstdint>

#include "base/assert.h"
#include "wire/modbus/address.h"

namespace hw::modbus {

// Any text as any kind: an address that is taken is within its area, and its canonical form reads
// back as the same.
extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
    if (size == 0) return 0;
    const auto kind = static_cast<ValueKind>(data[0] % 13);
    const std::string_view text(reinterpret_cast<const char*>(data) + 1, size - 1);
    const auto address = parse_address(text, kind);
    if (!address) {
        HW_ASSERT(!address.error().text().empty());
        return 0;
    }
    HW_ASSERT(address->count() >= 1 && address->count() <= read_registers_limit);
    HW_ASSERT(uint32_t{address->offset} + address->count() <= 65'536);
    const auto again = parse_address(to_string(*address), kind);
    HW_ASSERT(again && *again == *address);
    return 0;
}

}  // namespace hw::modbus

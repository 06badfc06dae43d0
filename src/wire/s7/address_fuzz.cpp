#include "wire/s7/address.h"

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "base/assert.h"

// The first byte chooses the kind; the rest is an address. What is taken reads back from its text.
extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
    if (size == 0) return 0;
    const auto kind = static_cast<hw::s7::Kind>(data[0] % 16);
    const std::string_view text(reinterpret_cast<const char*>(data + 1), size - 1);
    const auto address = hw::s7::parse_address(text, kind);
    if (!address) {
        HW_ASSERT(address.error().text().find("position ") != std::string::npos ||
                  text.find('\0') != std::string_view::npos);
        return 0;
    }
    HW_ASSERT(size_of(*address) > 0);
    const auto again = hw::s7::parse_address(to_string(*address), kind);
    HW_ASSERT(again.has_value() && *again == *address);
    return 0;
}

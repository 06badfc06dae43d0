// Subscriptions as JSON: whatever is read is written and read again to the same.
#include <cstddef>
#include <cstdint>
#include <cstdlib>

#include "twin/watch/watch_spec.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
    const std::string_view text(reinterpret_cast<const char*>(data), size);
    const auto spec = hw::twin::read_watch(text);
    if (!spec) return 0;
    const auto again = hw::twin::read_watch(hw::twin::watch_text(*spec));
    if (!again || *again != *spec) std::abort();
    if (spec->mqtt && !hw::twin::watch_topic(*spec->mqtt, {}, "s")) std::abort();
    return 0;
}

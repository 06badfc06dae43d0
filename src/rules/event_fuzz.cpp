// Records of the input log.
#include <cstddef>
#include <cstdint>
#include <cstdlib>

#include "rules/event.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
    const std::string_view bytes(reinterpret_cast<const char*>(data), size);
    const auto group = hw::rules::decode_group(bytes);
    if (!group) return 0;
    // What was read is written and read again: the same.
    std::string written;
    hw::rules::encode_group(written, group->arrival, group->events, group->samples);
    const auto again = hw::rules::decode_group(written);
    if (!again || again->events.size() != group->events.size() ||
        again->samples.size() != group->samples.size())
        std::abort();
    return 0;
}

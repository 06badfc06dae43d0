#include <cstddef>
#include <cstdint>

#include "base/assert.h"
#include "wire/sparkplug/path.h"
#include "wire/sparkplug/state.h"
#include "wire/sparkplug/topic.h"

namespace hw::sparkplug {

// Any text: a topic that is read is written back as it was; STATE and path templates likewise.
extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
    const std::string_view text(reinterpret_cast<const char*>(data), size);
    if (const auto topic = parse_topic(text)) {
        HW_ASSERT(format_topic(*topic) == text);
        HW_ASSERT(is_id(topic->edge));
        HW_ASSERT(is_device_verb(topic->verb) == !topic->device.empty());
        const auto path = PathTemplate().path(topic->group, topic->edge, topic->device, "m");
        HW_ASSERT(path.find_first_of("+#") == std::string::npos && path.ends_with("m"));
    }
    if (const auto state = parse_state(text)) HW_ASSERT(parse_state(format_state(*state)) == state);
    if (const auto own = PathTemplate::parse(text))
        HW_ASSERT(own->path("g", "e", "", "metric").find("metric") != std::string::npos);
    return 0;
}

}  // namespace hw::sparkplug

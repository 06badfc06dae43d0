// Scenarios as JSON: whatever is read is written and read again to the same; parameters of a works
// are read or refused.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "scenario/spec.h"
#include "scenario/works_json.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
    const std::string_view text(reinterpret_cast<const char*>(data), size);
    (void)hw::scenario::parse_moment(text);
    const auto spec = hw::scenario::read_scenario(text);
    if (!spec) return 0;
    const auto again = hw::scenario::read_scenario(hw::scenario::scenario_text(*spec));
    if (!again || hw::scenario::scenario_text(*again) != hw::scenario::scenario_text(*spec))
        std::abort();
    hw::physics::Works works;
    (void)hw::scenario::read_works(spec->parameters, "parameters", works);
    return 0;
}

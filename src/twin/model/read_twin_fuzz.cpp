// Twins as JSON, in both forms: whatever is read is written and read again to the same.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>

#include "twin/model/state.h"
#include "twin/model/twin_id.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
    const std::string_view text(reinterpret_cast<const char*>(data), size);
    const auto spec = hw::twin::read_twin(text);
    if (!spec) return 0;
    if (!hw::twin::check_twin_id(spec->id)) std::abort();
    std::string out;
    hw::JsonWriter json(out);
    hw::twin::write_spec(json, *spec);
    const auto again = hw::twin::read_twin(out);
    if (!again || again->id != spec->id || again->bindings != spec->bindings) std::abort();
    // NaN cannot come from JSON, so the values must agree too.
    if (!(*again == *spec)) std::abort();
    return 0;
}

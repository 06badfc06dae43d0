// Templates of twins: whatever is read is written and read again to the same, and can be used on
// any points.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <vector>

#include "twin/bulk/template.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
    const std::string_view text(reinterpret_cast<const char*>(data), size);
    (void)hw::twin::read_points(text);
    const auto what = hw::twin::read_twin_template(text, "x");
    if (!what) return 0;
    const auto again = hw::twin::read_twin_template(hw::twin::twin_template_text(*what));
    if (!again || !(*again == *what)) std::abort();
    const std::vector<hw::twin::PointFacts> points = {
        {"a/b/pump1/flow", "double", "l/s", "read", "a pump", "d"}, {"a"}, {"a/b/c/d/e/f"}};
    const auto models = hw::twin::Models::none();
    (void)hw::twin::apply_template(*what, points, {}, *models);
    return 0;
}

// Scenes: what is read is written and read again to the same, and can be exported as a sound file.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "twin/scene/export.h"
#include "twin/scene/scene.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
    const std::string_view text(reinterpret_cast<const char*>(data), size);
    hw::twin::SceneFlaws flaws;
    const auto scene = hw::twin::read_scene(text, "site", flaws);
    if (!scene) return 0;
    hw::twin::SceneFlaws none;
    const auto again = hw::twin::read_scene(scene->json(), "site", none);
    if (!again || again->json() != scene->json()) std::abort();
    const hw::twin::LiveSource live = [](auto, auto) {
        return std::optional<hw::twin::LiveValue>();
    };
    hw::twin::ExportOptions options;
    options.detail = hw::twin::Detail::low;
    options.live = &live;
    options.binary = size % 2 == 0;
    const auto file = hw::twin::export_gltf(*scene, options);
    if (!file) return 0;
    const auto read = hw::twin::read_gltf(*file);
    if (!read) std::abort();
    return 0;
}

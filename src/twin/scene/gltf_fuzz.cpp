// Files from outside: whatever is taken can be put into an export, which is sound again.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "twin/scene/gltf_document.h"
#include "twin/scene/gltf_file.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
    const std::string_view bytes(reinterpret_cast<const char*>(data), size);
    const auto file = hw::twin::read_gltf(bytes);
    if (!file) return 0;
    hw::twin::GltfDocument document;
    for (int i = 0; i < 2; ++i) {
        const auto roots = document.embed("digest", *file, "");
        if (!roots) return 0;
        for (const size_t root : *roots)
            document.root(root);
    }
    const auto again = hw::twin::read_gltf(document.glb());
    if (!again) std::abort();
    return 0;
}

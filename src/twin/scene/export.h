#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "base/error.h"
#include "base/time.h"
#include "twin/scene/gltf_file.h"
#include "twin/scene/look.h"
#include "twin/scene/mesh.h"
#include "twin/scene/scene.h"

namespace hw::twin {

// An asset made ready to be put into exports.
struct AssetFile {
    std::string digest;
    GltfFile file;
};
using AssetFilePtr = std::shared_ptr<const AssetFile>;

struct ExportOptions {
    Detail detail = Detail::medium;
    bool binary = false;               // GLB; else JSON with its buffer within
    bool embed_assets = true;          // else their names and digests only
    int64_t revision = 0;              // told in the file; 0: not
    const LiveSource* live = nullptr;  // null: as it is described, without values
    std::optional<Time> at;            // told in the file
    // not_found where there is none: then the node stays empty and says so.
    std::function<Result<AssetFilePtr>(std::string_view name)> asset;
};

// The scene as glTF 2.0 (Khronos, version 2.0.1): y up, metres, meshes shared, each node with its
// id, twin and bindings in extras.headworks (docs/twin_scene.md). Errors: limit_exceeded.
Result<std::string> export_gltf(const Scene& scene, const ExportOptions& options);

std::optional<Detail> detail_from(std::string_view word);  // low, medium, high

}  // namespace hw::twin

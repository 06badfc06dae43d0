#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "base/time.h"
#include "catalog/database.h"
#include "twin/scene/scene.h"

namespace hw::twin {

struct StoredScene {
    Scene scene;
    int64_t revision = 0;  // from 1
    Time created, updated;
    std::string actor;
};
using StoredScenePtr = std::shared_ptr<const StoredScene>;

struct SceneEntry {
    std::string site, name;
    int64_t revision = 0;
    Time updated;
    std::string actor;
    size_t nodes = 0;
};

struct AssetEntry {
    std::string name;
    std::string digest;      // SHA-256, hex
    std::string media_type;  // model/gltf-binary, model/gltf+json
    size_t bytes = 0;
    int64_t revision = 0;
    Time updated;
    std::string actor;
};

// Scenes and assets as rows of the catalogue: a node is a row, so that changing one writes one.
// Assets lie under their digests, once each. Tables twin_scene, twin_scene_node, twin_scene_use,
// twin_asset, twin_asset_blob. Any thread.
class SceneStore {
  public:
    // Makes its tables. The database must outlive it.
    static Result<std::unique_ptr<SceneStore>> open(catalog::Database& database);

    Result<std::vector<SceneEntry>> list() const;  // in the order of the sites
    // nullopt: there is none. corrupt: it is no scene any more.
    Result<std::optional<StoredScene>> load(std::string_view site) const;
    // All of it anew; or, where `before` is given, only what differs from it.
    Result<void> save(const StoredScene& scene, const Scene* before);
    Result<bool> remove(std::string_view site);

    Result<std::vector<AssetEntry>> assets() const;
    Result<std::optional<AssetEntry>> asset(std::string_view name) const;
    Result<std::string> asset_bytes(std::string_view digest) const;
    Result<void> save_asset(const AssetEntry& entry, std::string_view bytes);
    Result<bool> remove_asset(std::string_view name);
    // Sites whose scenes name the asset.
    Result<std::vector<std::string>> users_of(std::string_view asset) const;
    // Bytes of all assets, each digest once.
    Result<size_t> asset_bytes_total() const;

  private:
    explicit SceneStore(catalog::Database& database) : database_(database) {}

    catalog::Database& database_;
};

}  // namespace hw::twin

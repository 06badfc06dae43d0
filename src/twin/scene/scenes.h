#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <list>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/error.h"
#include "base/mutex.h"
#include "catalog/audit.h"
#include "twin/model/state.h"
#include "twin/scene/export.h"
#include "twin/scene/scene.h"
#include "twin/scene/scene_store.h"

namespace hw::twin {

// What a change of a scene led to.
struct SceneChange {
    StoredScenePtr scene;
    bool created = false;  // the scene, or the node
    SceneFlaws warnings;   // of the scene, or of the node
};

// The scenes and assets as they are configured. Every change is checked, written to the catalogue,
// then answered: where one fails all is as before. Any thread; blocks for the disk. Changes go one
// at a time. Every change, refused ones too, leaves an audit record. The scenes used last stay in
// memory, at most `cached_scenes`; the assets too.
class Scenes {
  public:
    static constexpr size_t scenes_limit = 1'000;
    static constexpr size_t assets_limit = 1'000;
    static constexpr size_t asset_bytes_limit = 64 << 20;  // of all together, and so of one
    static constexpr size_t cached_scenes = 8;
    static constexpr size_t cached_asset_bytes = 128 << 20;

    struct Rooms {
        SceneStore& store;
        catalog::AuditLog& audit;
        const Clock& clock;
        // Answers of twins; what is not given is not looked at. `asset` is filled in here.
        SceneReferences references;
    };
    explicit Scenes(Rooms rooms) : rooms_(std::move(rooms)) {}

    Result<std::vector<SceneEntry>> list() const;
    Result<StoredScenePtr> get(std::string_view site) const;  // not_found names the nearest
    // What is doubtful about it now.
    SceneFlaws warnings(const Scene& scene, std::string_view only_node = {}) const;
    // Reads and checks, keeps nothing. Errors: invalid_argument with the flaws; limit_exceeded.
    Result<Scene> check(std::string_view site, std::string_view json, SceneFlaws& flaws) const;

    // Errors of what follows: not_found; conflict (another revision); invalid_argument with the
    // flaws; limit_exceeded.
    Result<SceneChange> put(std::string_view site, std::string_view json, const Change& change,
                            SceneFlaws& flaws);
    // A merge patch (RFC 7396) over all but the nodes.
    Result<SceneChange> patch(std::string_view site, std::string_view json, const Change& change,
                              SceneFlaws& flaws);
    Result<void> remove(std::string_view site, const Change& change);
    Result<SceneChange> put_node(std::string_view site, std::string_view node,
                                 std::string_view json, const Change& change, SceneFlaws& flaws);
    Result<SceneChange> patch_node(std::string_view site, std::string_view node,
                                   std::string_view json, const Change& change, SceneFlaws& flaws);
    Result<SceneChange> remove_node(std::string_view site, std::string_view node, bool cascade,
                                    const Change& change);

    Result<std::vector<AssetEntry>> assets() const;
    Result<AssetEntry> asset(std::string_view name) const;
    Result<std::string> asset_bytes(const AssetEntry& entry) const;
    // glTF or GLB, checked. The same bytes under several names are kept once.
    Result<AssetEntry> put_asset(std::string_view name, std::string_view bytes,
                                 const Change& change, bool& created);
    // conflict: scenes use it.
    Result<void> remove_asset(std::string_view name, const Change& change);

    // glTF or GLB; `options.asset` and `options.revision` are filled in here.
    Result<std::string> exported(std::string_view site, ExportOptions options) const;

  private:
    using Work = std::function<Result<Scene>(const StoredScene* before, bool& created)>;
    Result<SceneChange> changed(std::string_view site, std::string_view node,
                                std::string_view action, const Change& change, bool whole,
                                const Work& work);
    StoredScenePtr cached(std::string_view site) const;  // null: not in memory
    // Null: there is none. The caller holds changes_.
    Result<StoredScenePtr> find(std::string_view site) const;
    Result<AssetFilePtr> asset_file(std::string_view name) const;
    void keep(std::string_view site, StoredScenePtr scene) const;
    void note(const Change& change, std::string_view action, std::string target,
              std::string old_value, std::string new_value, const Error* error) const;
    Result<AssetEntry> store_asset(std::string_view name, std::string_view bytes,
                                   const Change& change, std::optional<AssetEntry> before);

    const Rooms rooms_;
    mutable Mutex changes_;  // held through a change; before mutex_
    mutable Mutex mutex_;
    // Used last first.
    mutable std::list<StoredScenePtr> scenes_ HW_LOCKING(guarded_by(mutex_));
    mutable std::list<AssetFilePtr> files_ HW_LOCKING(guarded_by(mutex_));
};

}  // namespace hw::twin

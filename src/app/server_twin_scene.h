#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "api/twin_scene.h"
#include "base/clock.h"
#include "catalog/audit.h"
#include "catalog/database.h"
#include "twin/scene/scene_store.h"
#include "twin/scene/scenes.h"
#include "twin/twins.h"

namespace hw::app {

// Scenes and what they ask of the twins. Part of the server's composition.
class TwinSceneRooms {
  public:
    struct Rooms {
        catalog::Database& database;
        catalog::AuditLog& audit;
        const Clock& clock;
        const twin::Twins& twins;
        // As it was, values too.
        std::function<Result<twin::Snapshot>(const twin::Scope&, Time)> at;
    };
    static Result<std::unique_ptr<TwinSceneRooms>> open(Rooms rooms);

    void add_to(std::vector<api::Operation>& operations) { operations_->add_to(operations); }

  private:
    explicit TwinSceneRooms(Rooms rooms) : rooms_(std::move(rooms)) {}
    twin::SceneReferences references() const;
    Result<twin::Snapshot> states(const std::vector<std::string>& ids,
                                  std::optional<Time> at) const;

    const Rooms rooms_;
    std::unique_ptr<twin::SceneStore> store_;
    std::unique_ptr<twin::Scenes> scenes_;
    std::unique_ptr<api::TwinSceneOperations> operations_;
};

// The narrowest filter that matches all the ids: "a/b/#" of a/b/c and a/b/d. The ids are sorted.
std::string common_filter(const std::vector<std::string>& ids);

}  // namespace hw::app

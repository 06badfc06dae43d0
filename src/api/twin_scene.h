#pragma once

#include <functional>
#include <vector>

#include "api/exchange.h"
#include "api/operations.h"
#include "base/clock.h"
#include "twin/model/state.h"
#include "twin/scene/scenes.h"

namespace hw::api {

// Scenes and assets over HTTP. All run on worker threads.
class TwinSceneOperations {
  public:
    struct Rooms {
        twin::Scenes* scenes;
        const Clock& clock;
        // The twins of these ids as they are now, or as they were; those that are not there are
        // left out. Derived values too.
        std::function<Result<twin::Snapshot>(const std::vector<std::string>& twins,
                                             std::optional<Time> at)>
            states;
    };

    // What is pointed to outlives it.
    explicit TwinSceneOperations(Rooms rooms) : rooms_(std::move(rooms)) {}

    void add_to(std::vector<Operation>& operations);

  private:
    void add_scenes(std::vector<Operation>& operations);
    void add_assets(std::vector<Operation>& operations);

    void list(Exchange exchange) const;
    void get(Exchange exchange) const;
    void put(Exchange exchange);
    void patch(Exchange exchange);
    void remove(Exchange exchange);
    void check(Exchange exchange) const;
    void get_node(Exchange exchange) const;
    void put_node(Exchange exchange, bool patch);
    void remove_node(Exchange exchange);
    void exported(Exchange exchange, bool binary) const;

    void list_assets(Exchange exchange) const;
    void get_asset(Exchange exchange) const;
    void put_asset(Exchange exchange);
    void remove_asset(Exchange exchange);

    const Rooms rooms_;
};

// For openapi.cpp and the test of the interface.
std::string_view twin_scene_schemas();

}  // namespace hw::api

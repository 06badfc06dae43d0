#include "app/server_twin_scene.h"

#include <algorithm>
#include <utility>

namespace hw::app {

Result<std::unique_ptr<TwinSceneRooms>> TwinSceneRooms::open(Rooms rooms) {
    std::unique_ptr<TwinSceneRooms> made(new TwinSceneRooms(std::move(rooms)));
    made->store_ = HW_TRY(twin::SceneStore::open(made->rooms_.database));
    made->scenes_ = std::make_unique<twin::Scenes>(twin::Scenes::Rooms{
        *made->store_, made->rooms_.audit, made->rooms_.clock, made->references()});
    made->operations_ = std::make_unique<api::TwinSceneOperations>(api::TwinSceneOperations::Rooms{
        made->scenes_.get(), made->rooms_.clock,
        [self = made.get()](const std::vector<std::string>& ids, std::optional<Time> at) {
            return self->states(ids, at);
        }});
    return made;
}

twin::SceneReferences TwinSceneRooms::references() const {
    const auto& twins = rooms_.twins;
    const auto model_of = [&twins](std::string_view id) {
        const auto* name = twins.name(id);
        return name == nullptr ? twin::InterfacePtr() : twins.model_of(*name);
    };
    twin::SceneReferences references;
    references.twin = [model_of](std::string_view id) { return model_of(id) != nullptr; };
    references.property = [model_of](std::string_view id, std::string_view path) {
        const auto model = model_of(id);
        if (model == nullptr) return twin::SceneReferences::Answer::no_twin;
        return model->slot(path) ? twin::SceneReferences::Answer::known
                                 : twin::SceneReferences::Answer::no_property;
    };
    return references;
}

Result<twin::Snapshot> TwinSceneRooms::states(const std::vector<std::string>& ids,
                                              std::optional<Time> at) const {
    if (at && !ids.empty()) {
        twin::Scope scope;
        scope.filter = common_filter(ids);
        scope.relationships = false;
        return rooms_.at(scope, *at);
    }
    twin::Snapshot snapshot;
    snapshot.time = at.value_or(rooms_.clock.now());
    for (const auto& id : ids) {
        auto state = rooms_.twins.get(id);
        if (!state && state.error().code() != ErrorCode::not_found) return fail(state.error());
        if (state) snapshot.twins.push_back(std::move(*state));
    }
    return snapshot;
}

std::string common_filter(const std::vector<std::string>& ids) {
    if (ids.empty()) return "#";
    const std::string &first = ids.front(), &last = ids.back();
    if (first == last) return first;
    // Whole levels that the first and the last share; of sorted ids those between share them too.
    size_t same = 0;
    while (same < first.size() && same < last.size() && first[same] == last[same])
        ++same;
    const bool whole = same == first.size() && last[same] == '/';
    const size_t end = whole ? same : first.rfind('/', same == 0 ? 0 : same - 1);
    if (end == std::string::npos || end == 0) return "#";
    return first.substr(0, end) + "/#";
}

}  // namespace hw::app

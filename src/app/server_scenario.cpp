#include "app/server_scenario.h"

#include <utility>

#include "scenario/settings.h"
#include "scenario/waterworks.h"

namespace hw::app {

Result<std::unique_ptr<ScenarioRooms>> ScenarioRooms::open(const Config& config, Rooms rooms) {
    std::unique_ptr<ScenarioRooms> made(new ScenarioRooms(std::move(rooms)));
    made->models_.add(std::make_unique<scenario::WaterworksModel>());
    made->store_ = HW_TRY(scenario::ScenarioStore::open(made->rooms_.database));
    made->manager_ = HW_TRY(scenario::ScenarioManager::open(
        scenario::settings_from(config),
        {*made->store_, made->models_, made->rooms_.audit, made->rooms_.clock, made->columns_,
         [rooms = made.get()](const std::string& site, std::optional<Time> at) {
             return rooms->snapshot(site, at);
         }}));
    made->operations_ = std::make_unique<api::ScenarioOperations>(
        api::ScenarioOperations::Rooms{*made->manager_, made->rooms_.clock});
    return made;
}

Result<twin::Snapshot> ScenarioRooms::snapshot(const std::string& site,
                                               std::optional<Time> at) const {
    twin::Scope scope;
    scope.root = site;
    scope.along = {"partOf"};
    scope.incoming = true;
    return at ? rooms_.at(scope, *at) : rooms_.twins.snapshot(scope);
}

api::Extension ScenarioRooms::extension() {
    return {[this](std::vector<api::Operation>& operations) { operations_->add_to(operations); },
            api::scenario_schemas()};
}

}  // namespace hw::app

#include "app/server_twin.h"

#include "app/twin_tables.h"
#include "twin/settings.h"

namespace hw::app {

Result<std::unique_ptr<TwinRooms>> TwinRooms::open(const Config& config, Rooms rooms) {
    std::unique_ptr<TwinRooms> made(new TwinRooms(rooms));
    made->twins_ = HW_TRY(twin::Twins::open(
        twin::settings_from(config),
        {rooms.database, rooms.audit, rooms.history, rooms.points, rooms.clock, rooms.metrics,
         rooms.functions, [history = &rooms.history](model::SampleBatch batch) {
             history->submit(std::move(batch), nullptr);
         }}));
    return made;
}

Result<twin::Snapshot> TwinRooms::at(const twin::Scope& scope, Time time) const {
    return twins_->described_at(scope, time);
}

void TwinRooms::start() {
    twins_->start();
    started_ = true;
}

void TwinRooms::stop() {
    if (!started_) return;
    started_ = false;
    twins_->stop();
}

void TwinRooms::add_tables(sql::batch::Engine& engine) {
    add_twin_tables(engine, *twins_,
                    [this](const twin::Scope& scope, Time time) { return at(scope, time); });
}

std::vector<api::Extension> TwinRooms::extensions(const api::Settings& settings) {
    operations_ = std::make_unique<api::TwinOperations>(
        settings, api::TwinOperations::Rooms{
                      *twins_, rooms_.points, rooms_.clock,
                      [this](const twin::Scope& scope, Time time) { return at(scope, time); },
                      &rooms_.devices});
    return {{[this](std::vector<api::Operation>& operations) { operations_->add_to(operations); },
             api::twin_schemas()}};
}

}  // namespace hw::app

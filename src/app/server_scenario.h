#pragma once

#include <functional>
#include <memory>
#include <optional>

#include "api/operations.h"
#include "api/scenario_operations.h"
#include "base/clock.h"
#include "base/config.h"
#include "catalog/audit.h"
#include "catalog/database.h"
#include "history/history.h"
#include "model/point_directory.h"
#include "scenario/history_columns.h"
#include "scenario/manager.h"
#include "twin/twins.h"

namespace hw::app {

// The scenarios and what they stand on. Part of the server's composition.
class ScenarioRooms {
  public:
    struct Rooms {
        catalog::Database& database;
        catalog::AuditLog& audit;
        const history::History& history;
        const model::PointDirectory& points;
        const Clock& clock;
        twin::Twins& twins;
        // The twins as they were.
        std::function<Result<twin::Snapshot>(const twin::Scope&, Time)> at;
    };

    // Opens all; nothing runs yet.
    static Result<std::unique_ptr<ScenarioRooms>> open(const Config& config, Rooms rooms);

    void start() { manager_->start(); }
    // Before the twins and history stop.
    void stop() { manager_->stop(); }
    api::Extension extension();

  private:
    explicit ScenarioRooms(Rooms rooms)
        : rooms_(std::move(rooms)), columns_(rooms_.history, rooms_.points) {}
    Result<twin::Snapshot> snapshot(const std::string& site, std::optional<Time> at) const;

    const Rooms rooms_;
    const scenario::StoredColumns columns_;
    scenario::ModelRegistry models_;
    std::unique_ptr<scenario::ScenarioStore> store_;
    std::unique_ptr<scenario::ScenarioManager> manager_;
    std::unique_ptr<api::ScenarioOperations> operations_;
};

}  // namespace hw::app

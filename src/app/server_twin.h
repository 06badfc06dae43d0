#pragma once

#include <functional>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "api/operations.h"
#include "api/settings.h"
#include "api/twin_operations.h"
#include "base/clock.h"
#include "base/config.h"
#include "base/metrics.h"
#include "catalog/audit.h"
#include "catalog/database.h"
#include "gateway/gateway.h"
#include "gateway/manager.h"
#include "history/history.h"
#include "model/point_directory.h"
#include "sql/batch/engine.h"
#include "sql/function.h"
#include "twin/twins.h"

namespace hw::app {

// The twins and what goes with them. Part of the server's composition.
class TwinRooms {
  public:
    struct Rooms {
        catalog::Database& database;
        catalog::AuditLog& audit;
        history::History& history;
        model::PointDirectory& points;
        const Clock& clock;
        Metrics& metrics;
        const sql::FunctionTable& functions;
        const gateway::Manager& devices;
    };

    // Opens all; nothing runs yet. Errors: a table of the catalogue cannot be read.
    static Result<std::unique_ptr<TwinRooms>> open(const Config& config, Rooms rooms);
    ~TwinRooms() { stop(); }

    // Samples of one group commit, before their publishers are answered. The commit thread.
    void tap(std::span<const model::SampleBatch* const> batches) { twins_->tap(batches); }
    // Binds the twins to their points. Before anything can come.
    void load() { twins_->load(); }
    void start();
    // History and the broker still answer.
    void stop();

    void add_tables(sql::batch::Engine& engine);
    // What the API serves of all this.
    std::vector<api::Extension> extensions(const api::Settings& settings);
    twin::Twins& twins() { return *twins_; }

  private:
    explicit TwinRooms(Rooms rooms) : rooms_(rooms) {}
    Result<twin::Snapshot> at(const twin::Scope& scope, Time time) const;

    const Rooms rooms_;
    std::unique_ptr<twin::Twins> twins_;
    std::unique_ptr<api::TwinOperations> operations_;
    bool started_ = false;
};

}  // namespace hw::app

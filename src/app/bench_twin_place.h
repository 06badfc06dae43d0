#pragma once

#include <future>
#include <memory>
#include <string>

#include "base/clock.h"
#include "base/metrics.h"
#include "catalog/audit.h"
#include "catalog/database.h"
#include "history/history.h"
#include "model/point_directory.h"
#include "sql/function.h"
#include "twin/twins.h"

namespace hw::app {

// History, catalogue and twins in a folder of their own, which goes with it.
struct TwinBenchPlace {
    std::string folder;
    SystemClock clock;
    Metrics metrics;
    model::PointDirectory points{10'000'000};
    sql::FunctionTable functions;
    std::unique_ptr<history::History> history;
    std::unique_ptr<catalog::Database> database;
    std::unique_ptr<catalog::AuditLog> audit;
    std::unique_ptr<twin::Twins> twins;

    static Result<std::unique_ptr<TwinBenchPlace>> make();
    ~TwinBenchPlace();

    // Loads, starts and taps; after the followers were added.
    void start();
    // Takes models and, in one import, twins and relationships.
    Result<void> put(std::string_view models, twin::Bulk bulk);
    // Waits until all that was submitted is on disk.
    void commit(model::SampleBatch batch);
};

}  // namespace hw::app

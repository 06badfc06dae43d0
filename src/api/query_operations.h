#pragma once

#include <memory>
#include <vector>

#include "api/exchange.h"
#include "api/operations.h"
#include "api/workers.h"
#include "history/history.h"
#include "model/point_directory.h"
#include "sql/batch/engine.h"
#include "sql/batch/settings.h"

namespace hw::api {

// SQL over history, and samples brought in as rows. Queries have threads of their own, so that
// those that take long do not hold up what is quick.
class QueryOperations {
  public:
    struct Rooms {
        sql::batch::Engine* engine;  // null: there are no queries
        history::History& history;
        model::PointDirectory& points;
    };

    // What is pointed to outlives it.
    QueryOperations(const sql::batch::Settings& settings, Rooms rooms);

    void add_to(std::vector<Operation>& operations);
    // Ends the queries that run and waits for them.
    void stop();

  private:
    void run(Exchange exchange);
    void answer(Exchange& exchange, const sql::batch::Request& request);
    void list(Exchange& exchange) const;
    void cancel(Exchange& exchange);
    void import(Exchange exchange);

    const sql::batch::Settings settings_;
    const Rooms rooms_;
    Workers workers_;  // last: its threads use the rest
};

}  // namespace hw::api

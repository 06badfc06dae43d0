#pragma once

#include <functional>
#include <memory>

#include "api/operations.h"
#include "api/twin_watch.h"
#include "app/topic_observer.h"
#include "app/twin_publisher.h"
#include "base/clock.h"
#include "base/config.h"
#include "base/metrics.h"
#include "broker/broker.h"
#include "catalog/audit.h"
#include "catalog/database.h"
#include "history/history.h"
#include "io/http.h"
#include "io/reactor.h"
#include "model/point_directory.h"
#include "sql/function.h"
#include "twin/twins.h"
#include "twin/watch/watch_manager.h"

namespace hw::app {

// Subscriptions to twins and their ways out: HTTP, WebSocket, MQTT. Part of the server's
// composition. Outlives the twins, which it follows.
class TwinWatchRooms {
  public:
    struct Rooms {
        twin::Twins& twins;
        catalog::Database& database;
        catalog::AuditLog& audit;
        const history::History& history;
        const model::PointDirectory& points;
        const sql::FunctionTable& functions;
        const Clock& clock;
        Metrics& metrics;
        io::Reactor& http;
        io::Reactor& mqtt;
        std::function<broker::Broker&()> broker;
    };

    // Before Twins::load().
    static Result<std::unique_ptr<TwinWatchRooms>> open(const Config& config, Rooms rooms);

    // What the broker is to have as its observer; `rules` may be null.
    broker::Observer& observer(broker::Observer* rules);
    api::Extension extension();
    // The WebSocket's path. Before the HTTP reactor runs.
    void serve(io::HttpServer& server);
    // After Twins::start(), before the reactors run.
    void start();
    // Ends all streams. Before Twins::stop(), while the reactors run.
    void stop();

  private:
    explicit TwinWatchRooms(Rooms rooms);

    const Rooms rooms_;
    TwinPublisher publisher_;
    std::unique_ptr<TopicObserver> observer_;
    std::unique_ptr<twin::WatchManager> watches_;
    std::unique_ptr<api::TwinWatchOperations> operations_;
};

}  // namespace hw::app

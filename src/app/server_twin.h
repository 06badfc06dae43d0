#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "api/operations.h"
#include "api/scenario_operations.h"
#include "api/settings.h"
#include "api/twin_operations.h"
#include "api/twin_orders.h"
#include "api/twin_past.h"
#include "api/twin_scene.h"
#include "api/twin_watch.h"
#include "app/topic_observer.h"
#include "app/twin_publisher.h"
#include "app/twin_topics.h"
#include "base/clock.h"
#include "base/config.h"
#include "base/metrics.h"
#include "broker/broker.h"
#include "catalog/audit.h"
#include "catalog/database.h"
#include "gateway/gateway.h"
#include "gateway/manager.h"
#include "history/history.h"
#include "io/http.h"
#include "io/reactor.h"
#include "model/point_directory.h"
#include "scenario/history_columns.h"
#include "scenario/manager.h"
#include "scenario/model.h"
#include "scenario/store.h"
#include "sql/batch/engine.h"
#include "sql/function.h"
#include "twin/order/orders.h"
#include "twin/past/past.h"
#include "twin/scene/scene_store.h"
#include "twin/scene/scenes.h"
#include "twin/twins.h"
#include "twin/watch/watch_manager.h"

namespace hw::app {

// The twins and what stands around them: subscriptions, orders, the past, scenes, scenarios, and
// their ways to the broker, the gateway and the API. Part of the server's composition.
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
        gateway::Gateway* gateway;  // null: devices are not run
        io::Reactor& mqtt;
        std::function<broker::Broker&()> broker;  // there before anything runs
        io::Reactor& http;
    };

    // Opens all; nothing runs yet. Errors: a table of the catalogue cannot be read.
    static Result<std::unique_ptr<TwinRooms>> open(const Config& config, Rooms rooms);
    ~TwinRooms() { stop(); }

    // What the broker tells of subscriptions, beside `inner` (may be null).
    broker::Observer& observer(broker::Observer* inner);
    // Orders by MQTT. Before the first connection.
    void add_topics(broker::Broker& broker, std::function<std::string(std::string_view)> actor_of);
    // Samples of one group commit, before their publishers are answered. The commit thread.
    void tap(std::span<const model::SampleBatch* const> batches) { twins_->tap(batches); }
    // A device's link came up or was lost. The gateway's thread.
    void link_changed(bool up) {
        if (up) orders_->link_up();
    }
    // Binds the twins to their points and starts. Before anything can come.
    void start();
    // Once devices run: what waits for them goes out.
    void start_orders() { orders_->start(); }
    // History and the broker still answer, and nobody asks the API any more.
    void stop();
    // Ends streams. The HTTP reactor's thread.
    void close_streams();

    void add_tables(sql::batch::Engine& engine);
    void add_sockets(io::HttpServer& server, io::Reactor& http);
    // What the API serves of all this. Once.
    std::vector<api::Extension> extensions(const api::Settings& settings);
    twin::Twins& twins() { return *twins_; }
    const twin::Past& past() const { return *past_; }

  private:
    TwinRooms(const Config& config, Rooms rooms);
    Result<void> build(const Config& config);
    Result<void> build_scenarios(const Config& config);
    Result<twin::Snapshot> states(const std::vector<std::string>& ids,
                                  std::optional<Time> at) const;
    std::optional<Time> last_sample(std::string_view point) const;
    twin::SceneReferences references() const;

    const Rooms rooms_;
    const twin::Settings settings_;
    // Those who follow the twins outlive them.
    std::unique_ptr<TwinPublisher> publisher_;
    std::unique_ptr<twin::WatchManager> watches_;
    std::unique_ptr<twin::Orders> orders_;
    std::unique_ptr<twin::Twins> twins_;
    std::unique_ptr<twin::Past> past_;
    std::unique_ptr<twin::SceneStore> scene_store_;
    std::unique_ptr<twin::Scenes> scenes_;
    scenario::ModelRegistry models_;
    scenario::StoredColumns columns_;
    std::unique_ptr<scenario::ScenarioStore> scenario_store_;
    std::unique_ptr<scenario::ScenarioManager> scenarios_;
    std::unique_ptr<TopicObserver> observer_;
    std::unique_ptr<TwinTopics> topics_;
    std::unique_ptr<api::TwinOperations> operations_;
    std::unique_ptr<api::TwinWatchOperations> watch_operations_;
    std::unique_ptr<api::TwinOrderOperations> order_operations_;
    std::unique_ptr<api::TwinPastOperations> past_operations_;
    std::unique_ptr<api::TwinSceneOperations> scene_operations_;
    std::unique_ptr<api::ScenarioOperations> scenario_operations_;
    bool started_ = false;
};

}  // namespace hw::app
